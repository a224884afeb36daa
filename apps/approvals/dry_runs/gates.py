"""The gate a version meets under either of two policies, and what shuts it."""

from collections.abc import Iterable, Mapping, Sequence

from apps.approvals import judgment
from apps.approvals.dry_runs.report import NO_GATE
from apps.approvals.obligations import Obligation
from apps.approvals.policies import Gate, GateCondition, Mode, Policy, gate_of

Facts = Mapping[str, object]


def met(policy: Policy, transition: str, facts: Facts, mode: Mode = Mode.STANDARD) -> Gate | None:
    """Return the gate a version meets under a policy, if that knows the move."""
    if policy.transition_or_none(transition) is None:
        return None
    return gate_of(policy, transition, judgment.effective_tier(policy, facts), mode)


def shut_by(
    before: Gate | None, after: Gate | None, old: Facts, new: Facts
) -> tuple[frozenset[str], frozenset[str]]:
    """Return what shuts the gate under either policy; what both ask alike is judged once."""
    if before is None or after is None:
        return shut(before, old), shut(after, new)
    shared = _asked_alike(before, after) if old is new else frozenset()
    alike = judgment.blocked_by(_only(before, shared), before, old)
    was = judgment.blocked_by(_without(before, shared), before, old)
    now = judgment.blocked_by(_without(after, shared), after, new)
    return alike | was, alike | now


def shut(gate: Gate | None, facts: Facts) -> frozenset[str]:
    """Return the conditions that keep a gate shut; a move without one is shut as well."""
    if gate is None:
        return frozenset({NO_GATE})
    return judgment.blocked_by(gate.conditions, gate, facts)


def kept_shut(
    gate: Gate | None, policy: Policy, facts: Facts, owed: Sequence[Obligation]
) -> frozenset[str]:
    """Return what open obligations keep a gate shut by, beside its conditions."""
    if gate is None or not owed:
        return frozenset()
    return judgment.blocked_by_obligations(policy, gate, facts, owed)


def _asked_alike(before: Gate, after: Gate) -> frozenset[str]:
    if before.settings != after.settings:
        return frozenset()
    old = {_as_asked(one, before.tier) for one in before.conditions}
    return frozenset(
        one.condition.id for one in after.conditions if _as_asked(one, after.tier) in old
    )


def _as_asked(asked: GateCondition, tier: int) -> tuple[object, ...]:
    condition = asked.condition
    when = asked.when.source if asked.when else ""
    source = condition.expression.source
    return (condition.id, source, condition.waivable, when, asked.enforcement[tier])


def _only(gate: Gate, ids: frozenset[str]) -> Iterable[GateCondition]:
    return (one for one in gate.conditions if one.condition.id in ids)


def _without(gate: Gate, ids: frozenset[str]) -> Iterable[GateCondition]:
    return (one for one in gate.conditions if one.condition.id not in ids)
