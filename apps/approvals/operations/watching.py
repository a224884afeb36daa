"""What is watched while a version is in production: the continuous rules of the policy in force.

They are judged for many versions together, and for one of them again under its lock.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from apps.approvals import authorizing, in_force
from apps.approvals.continuous import Broken, broken_rules, cause_of
from apps.approvals.facts import context
from apps.approvals.judgment import STRICTEST_TIER, effective_tier
from apps.approvals.models import Authorization, RuleBreach
from apps.approvals.policies import Action as Does
from apps.approvals.policies import Policy
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.actors import BY_WORKER, SYSTEM
from apps.core.clock import database_now
from apps.core.sweeping import NotDue, Sweep, batches, sweeping
from apps.risk import finding_queries
from apps.risk.models import Finding
from apps.risk.operations import findings
from apps.risk.operations.findings import Found

BREAK_RULE = Action("version.break_rule", permission=BY_WORKER)
MEND_RULE = Action("rule_breach.end", permission=BY_WORKER)
SUSPEND_AUTHORIZATION = Action("version.suspend_authorization", permission=BY_WORKER)
_FOUND = frozenset({Does.OPEN_FINDING, Does.ESCALATE})
"""The actions of a rule that open a finding; what suspends an authorization says so there."""


def watch_production(now: datetime) -> int:
    """Hold every version in production against the rules; return how much was new.

    A rule is noted once for as long as it is broken. One that suspends does so whenever the
    version is authorized, so that a renewal does not get around it.
    """
    policy = in_force.policy()
    serving = ModelVersion.objects.filter(stage=Stage.PRODUCTION, deleted_at=None)
    gone = RuleBreach.objects.filter(until=None).exclude(version__stage=Stage.PRODUCTION)
    with sweeping() as sweep:
        for batch in batches(serving):
            for watched in sweep.judged(batch, lambda some: _watched(some, policy, now)):
                watched.settle(sweep)
        sweep.each(list(gone.order_by("pk")), mend_rule)
    return sweep.done


def break_rule(version: ModelVersion, rule_id: str) -> RuleBreach:
    """Note that a version in production breaks a rule, from now on until it does not."""
    with change(BREAK_RULE, version, by=SYSTEM) as record:
        policy = in_force.policy()
        rule, tier = _still_broken(version, rule_id, policy, record.time)
        if version.rule_breaches.filter(rule=rule_id, until=None).exists():
            raise NotDue("It is noted already.")
        breach = RuleBreach(
            version=version,
            rule=rule.id,
            title=rule.title,
            action=rule.action.value,
            severity=rule.severity,
            tier=tier,
            policy_digest=policy.digest,
            since=record.time,
        )
        breach.save()
        record.about(breach)
        record.note(
            version=version.record_id,
            rule=rule.id,
            action=rule.action.value,
            severity=rule.severity,
            policy=policy.digest,
        )
        if rule.action in _FOUND:
            record.note(finding=findings.find(version, _found(rule, policy)).record_id)
    return breach


def keep_finding(version: ModelVersion, rule_id: str) -> None:
    """Open the finding of a broken rule again that somebody closed though it is still broken."""
    policy = in_force.policy()

    def still() -> bool:
        return rule_id in _broken(version, policy, database_now())[0]

    broken, _ = _still_broken(version, rule_id, policy, database_now())
    findings.raise_automatically(version, _found(broken, policy), still=still)


def mend_rule(breach: RuleBreach) -> None:
    """Note that a rule is not broken any more, or that nothing is watched any longer."""
    with change(MEND_RULE, breach, by=SYSTEM) as record:
        if breach.until is not None:
            raise NotDue("It is over already.")
        broken, _ = _broken(breach.version, in_force.policy(), record.time)
        if breach.rule in broken:
            raise NotDue("It is broken again.")
        breach.until = record.time
        breach.save()
        record.note(version=breach.version.record_id, rule=breach.rule)


def suspend_authorization(version: ModelVersion, rule_id: str) -> None:
    """Suspend the authorization of a version that breaks a rule which says so."""
    with change(SUSPEND_AUTHORIZATION, version, by=SYSTEM) as record:
        policy = in_force.policy()
        rule, _ = _still_broken(version, rule_id, policy, record.time)
        standing = authorizing.of(version)
        if standing is None or standing.state != Authorization.State.VALID:
            raise NotDue("There is nothing to suspend any more.")
        why = f"{rule.title}."
        authorizing.end(version, at=record.time, why=why, state=Authorization.State.SUSPENDED)
        record.note(rule=rule.id, suspended=standing.record_id, policy=policy.digest)


@dataclass(frozen=True)
class _Watched:
    """A version in production: the rules it breaks, those noted before, and if it is authorized."""

    version: ModelVersion
    broken: Mapping[str, Broken]
    noted: Mapping[str, RuleBreach]
    is_authorized: bool
    found: Collection[tuple[int, str]]
    """The causes of findings that stand, by model."""

    def settle(self, sweep: Sweep) -> None:
        """Note what is new, suspend where a rule says so, and end what is not so any more."""
        for rule in self.broken.values():
            if rule.id not in self.noted:
                sweep.each([self.version], partial(break_rule, rule_id=rule.id))
            elif rule.action in _FOUND and (self._place(rule) not in self.found):
                sweep.each([self.version], partial(keep_finding, rule_id=rule.id))
        suspending = [one.id for one in self.broken.values() if one.action is Does.SUSPEND]
        if self.is_authorized and suspending:
            sweep.each([self.version], partial(suspend_authorization, rule_id=suspending[0]))
        over = (breach for rule_id, breach in self.noted.items() if rule_id not in self.broken)
        sweep.each(over, mend_rule)

    def _place(self, rule: Broken) -> tuple[int, str]:
        return self.version.model_id, cause_of(rule.id)


def _watched(versions: Sequence[ModelVersion], policy: Policy, now: datetime) -> list[_Watched]:
    noted: dict[int, dict[str, RuleBreach]] = defaultdict(dict)
    for breach in RuleBreach.objects.filter(version__in=versions, until=None).order_by("pk"):
        noted[breach.version_id][breach.rule] = breach
    standing = {
        one.version_id: one
        for one in Authorization.objects.filter(
            version__in=versions, state__in=authorizing.STANDING
        ).order_by("pk")
    }
    evidence = context.Evidence.about(versions, policy)
    rules = {rule for by_rule in noted.values() for rule in by_rule}
    found = finding_queries.standing_causes(
        {version.model_id for version in versions}, [cause_of(rule) for rule in rules]
    )
    return [
        _Watched(
            version,
            broken_rules(
                policy, evidence.of(version, at=now), authorized_at=_tier(standing.get(version.pk))
            ),
            noted[version.pk],
            _is_valid(standing.get(version.pk)),
            found,
        )
        for version in versions
    ]


def _still_broken(
    version: ModelVersion, rule_id: str, policy: Policy, at: datetime
) -> tuple[Broken, int]:
    """Return a rule that is broken now, and the tier at which it is asked."""
    broken, tier = _broken(version, policy, at)
    if rule_id not in broken:
        raise NotDue("It is not broken any more.")
    return broken[rule_id], tier


def _broken(
    version: ModelVersion, policy: Policy, at: datetime
) -> tuple[Mapping[str, Broken], int]:
    """Return what a version in production breaks now, and its tier; of any other nothing is
    watched."""
    if version.stage != Stage.PRODUCTION:
        return {}, STRICTEST_TIER
    facts = context.Evidence.about([version], policy).of(version, at=at)
    broken = broken_rules(policy, facts, authorized_at=_tier(authorizing.of(version)))
    return broken, effective_tier(policy, facts)


def _found(rule: Broken, policy: Policy) -> Found:
    return Found(
        cause_of(rule.id),
        Finding.Source.RULE,
        rule.severity,
        rule.title,
        f"{policy} watches for this in production. The finding stays open until somebody closes "
        "it, and opens again while the rule is broken.",
    )


def _tier(standing: Authorization | None) -> int | None:
    return standing.tier if standing else None


def _is_valid(standing: Authorization | None) -> bool:
    return standing is not None and standing.state == Authorization.State.VALID
