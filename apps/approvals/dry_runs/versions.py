"""What another policy would do to the versions in staging and production."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from apps.approvals import judgment
from apps.approvals.continuous import settled_by
from apps.approvals.dry_runs import gates
from apps.approvals.dry_runs.duties import Organization
from apps.approvals.dry_runs.gates import Facts
from apps.approvals.dry_runs.people import People
from apps.approvals.dry_runs.report import Report
from apps.approvals.facts.context import Evidence
from apps.approvals.models import RENEWAL, TO_PRODUCTION
from apps.approvals.policies import Mode, Policy
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion

GATES = {Stage.STAGING.value: TO_PRODUCTION, Stage.PRODUCTION.value: RENEWAL}
"""The gate a version meets next, by its stage."""


@dataclass
class OnVersions:
    """Holds versions against the policy in force and another one, batch by batch."""

    before: Policy
    after: Policy
    people: People
    organization: Organization
    report: Report
    at: datetime
    _told_of: set[int] = field(default_factory=set)

    def judge(self, versions: Sequence[ModelVersion]) -> None:
        """Judge versions at the gate they meet next, in a number of queries that stays the same."""
        evidence = Evidence.about(versions, self.before)
        held = self.people.held_on({version.model_id for version in versions})
        for version in versions:
            self._of_version(version, evidence, held.get(version.model_id, {}))

    def _of_version(
        self, version: ModelVersion, evidence: Evidence, held: Mapping[int, frozenset[str]]
    ) -> None:
        old = evidence.of(version, at=self.at, policy=self.before)
        new = self._facts_after(version, evidence, old)
        was, now = self._shut_by(version, evidence, old, new)
        is_serving = version.stage == Stage.PRODUCTION
        self.report.versions += 1
        self.report.in_production += is_serving
        named = {"name": str(version), "url": version.get_absolute_url(), "stage": version.stage}
        if newly := now - was:
            self.report.block(newly, is_serving=is_serving, **named)
        if was and not now:
            self.report.opened.add(**named, conditions=self.report.named(was))
        self._of_duties(version, judgment.effective_tier(self.after, new), held)

    def _shut_by(
        self, version: ModelVersion, evidence: Evidence, old: Facts, new: Facts
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Return what shuts the gate of a version under either policy."""
        before = gates.met(self.before, GATES[version.stage], old)
        after = gates.met(self.after, GATES[version.stage], new)
        was, now = gates.shut_by(before, after, old, new)
        owed = owed_then = evidence.obligations(version, dict(old), at=self.at, policy=self.before)
        if new is not old:
            owed_then = evidence.obligations(version, dict(new), at=self.at, policy=self.after)
        self.report.know((*owed, *owed_then))
        return (
            was | gates.kept_shut(before, self.before, old, owed),
            now | gates.kept_shut(after, self.after, new, owed_then),
        )

    def _facts_after(self, version: ModelVersion, evidence: Evidence, old: Facts) -> Facts:
        """Return the facts as the other policy reads them; the same where it reads no otherwise."""
        if self._reads_alike(judgment.effective_tier(self.before, old)):
            return old
        return evidence.of(version, at=self.at, policy=self.after)

    def _reads_alike(self, tier: int) -> bool:
        before, after = self.before, self.after
        return (
            before.evidence_types == after.evidence_types
            and before.questionnaires == after.questionnaires
            and settled_by(before, RENEWAL) == settled_by(after, RENEWAL)
            and before.document.get("tier_floors") == after.document.get("tier_floors")
            and before.document.get("waivers") == after.document.get("waivers")
            and before.document["separation_of_duties"] == after.document["separation_of_duties"]
            and before.tier(tier).settings == after.tier(tier).settings
        )

    def _of_duties(
        self, version: ModelVersion, tier: int, held: Mapping[int, frozenset[str]]
    ) -> None:
        """Note slots nobody fills and who could act alone, once for each model with own duties."""
        if version.model_id in self._told_of:
            return
        self._told_of.add(version.model_id)
        self.report.models += 1
        if not held:
            return
        people = self.people.named_on(held)
        model = {"name": version.model.name, "url": version.model.get_absolute_url()}
        unfilled = self.organization.simulation.unfilled(
            people, [tier], others=self.organization.able
        )
        roles = {
            self.after.role_title(one.role)
            for one in unfilled
            if (one.transition, one.tier, one.role) not in self.organization.unfilled
        }
        if roles:
            self.report.unfilled_on_models.add(**model, tier=tier, roles=sorted(roles))
        names = {
            person.name
            for one in self.organization.simulation.alone(people, [tier])
            for person in one.people
            if one.mode is Mode.STANDARD
            and (one.transition, one.tier, person.id) not in self.organization.alone
        }
        if names:
            self.report.alone_on_models.add(**model, tier=tier, people=sorted(names)[:5])
