"""What is watched while a version is in production, held against what is known of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.approvals.judgment import blocked_by, effective_tier
from apps.approvals.models import RENEWAL
from apps.approvals.policies import Action, Mode, Policy, gate_of
from apps.core.expressions import Expression, ExpressionError

Facts = Mapping[str, object]

STRICTER_TIER = "stricter-tier"
"""Watched whatever the policy says; no rule of a policy is called so."""


_SETTLED: Mapping[str, frozenset[str]] = {
    RENEWAL: frozenset({"production.target_authorization_valid"}),
}
"""What a transition brings about by itself, so that a rule which watches only that is settled."""


def cause_of(rule_id: str) -> str:
    """Return the cause under which a rule has one finding at a time."""
    return f"rule:{rule_id}"


def settled_by(policy: Policy, transition: str) -> frozenset[str]:
    """Return the causes of findings that a transition settles, which so cannot stand in its way.

    A rule that watches anything else as well is none of them.
    """
    brought = _SETTLED.get(transition, frozenset())
    read = {rule.id: {path for path, _ in rule.when.reads} for rule in policy.continuous_rules}
    return frozenset(cause_of(rule) for rule, paths in read.items() if paths and paths <= brought)


@dataclass(frozen=True)
class Broken:
    """A rule that asks for something now."""

    id: str
    title: str
    action: Action
    severity: str


def broken_rules(
    policy: Policy, facts: Facts, *, authorized_at: int | None = None
) -> Mapping[str, Broken]:
    """Return the rules that ask for something now, by their ids, at the tier of the version.

    One that cannot be told does, too: what is watched must not go quiet. ``authorized_at`` is the
    tier at which the version was authorized, if it is.
    """
    tier = effective_tier(policy, facts)
    known = {**facts, "settings": policy.tier(tier).settings}
    asked = (rule for rule in policy.continuous_rules if tier in rule.tiers)
    broken = {
        rule.id: Broken(rule.id, rule.title, rule.action, rule.severity)
        for rule in asked
        if _is_so(rule.when, known)
    }
    if authorized_at is not None and tier < authorized_at:
        broken |= _unmet_at(tier, policy, facts, authorized_at)
    return broken


def _unmet_at(tier: int, policy: Policy, facts: Facts, authorized_at: int) -> Mapping[str, Broken]:
    """Return what a stricter tier asks of a version in production that is not met.

    An authorization ends sooner when the tier becomes stricter, until what is missing is there
    (policies README section 6): the conditions under which it would be renewed.
    """
    if policy.transition_or_none(RENEWAL) is None:
        return {}
    gate = gate_of(policy, RENEWAL, tier, Mode.STANDARD)
    unmet = blocked_by(gate.conditions, gate, facts)
    if not unmet:
        return {}
    named = [one.condition.title for one in gate.conditions if one.condition.id in unmet]
    title = (
        f"Authorized at tier {authorized_at}, gated at tier {tier} by now, "
        f"and not met there: {', '.join(named)}"
    )
    return {STRICTER_TIER: Broken(STRICTER_TIER, title[:_MOST_TITLE], Action.SUSPEND, "high")}


_MOST_TITLE = 480
"""As much as an authorization keeps of why it is suspended, with its period."""


def _is_so(when: Expression, facts: Facts) -> bool:
    try:
        return when.evaluate(facts)
    except ExpressionError:
        return True
