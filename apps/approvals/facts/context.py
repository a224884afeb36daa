"""Assembles what a policy reads about a version, a request, a rollback and a signer."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from apps.accounts import queries as accounts
from apps.accounts.models import User
from apps.approvals import in_force, policies
from apps.approvals.continuous import settled_by
from apps.approvals.facts import gaps, later, owing, people, requested
from apps.approvals.facts.decided import Decided, beside
from apps.approvals.facts.people import Lines, Validators
from apps.approvals.judgment import effective_tier
from apps.approvals.models import (
    RENEWAL,
    ROLLBACK,
    TO_DECOMMISSIONED,
    TO_PRODUCTION,
    TO_STAGING,
    PromotionRequest,
    Waiver,
)
from apps.approvals.obligations import Obligation, blocking, counted
from apps.approvals.policies import Mode, Policy
from apps.audit import verification
from apps.catalog import facts as catalog
from apps.catalog.facts import Records
from apps.catalog.inventory import fields
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.risk.facts import Judged, of_uses
from apps.validation.basis import Basis
from apps.validation.facts import Readings
from apps.validation.models import CheckRun

Facts = dict[str, object]
RunsByCheck = Mapping[str, CheckRun]

HOUR = timedelta(hours=1)
OF_READINGS = frozenset(
    ("version", "checks", "evidence", "monitoring", "dependencies", "production", "validation")
)
OF_DECISIONS = frozenset(("production", "retention"))
OF_RECORD = frozenset(("audit",))
"""Which groups of facts each reader has a part in."""
READ_BY_FIELDS = frozenset(("model", "uses", "assessments"))
"""Which groups the conditions of inventory fields read."""
NEXT = {
    Stage.DEVELOPMENT.value: TO_STAGING,
    Stage.STAGING.value: TO_PRODUCTION,
    Stage.PRODUCTION.value: RENEWAL,
    Stage.ARCHIVED.value: TO_DECOMMISSIONED,
}
"""The transition whose obligations count while nobody asks for one, by the stage of a version."""


@dataclass(frozen=True)
class Evidence:
    """What the apps below know about some versions, each part read once, when it is first needed.

    Rows are read afresh, whatever the caller holds: a gate is never judged on what was.
    """

    policy: Policy
    records: Records
    beside: Collection[int] = frozenset()
    """People whose reporting lines are read along with those of the validators."""

    @classmethod
    def about(cls, versions: Sequence[ModelVersion], policy: Policy | None = None) -> "Evidence":
        """Read the evidence on many versions in a bounded number of queries.

        They are gated by the policy in force unless another one is tried.
        """
        return cls(policy or in_force.policy(), Records.about(versions))

    @property
    def runs(self) -> Mapping[int, RunsByCheck]:
        """The newest run of each check, by version."""
        return self.readings.runs

    @property
    def judged_by(self) -> Basis:
        """What the runs are judged by now."""
        return self.readings.judged_by

    def of(
        self,
        version: ModelVersion,
        *,
        at: datetime,
        policy: Policy | None = None,
        transition: str = "",
    ) -> Facts:
        """Return every fact about one version; its transition is one nobody asks for yet.

        What depends on the tier is told for the one it is gated at under the policy. Obligations
        are counted at the gate of ``transition``, or the one it meets next, and findings without
        those that it settles.
        """
        judged = policy or self.policy
        found = self.base(version, at=at, policy=judged)
        tier = effective_tier(judged, found)
        found = _merged(found, self._at_tier(self._now(version), judged, tier, found))
        gate = transition or NEXT.get(self._now(version).stage, "")
        if settled := settled_by(judged, gate):
            found |= self.judged.findings_but(version, settled, at)
        open_ones = self.obligations(version, found, at=at, policy=judged)
        found["obligations"] = counted(open_ones, judged, gate, at)
        owed = blocking(open_ones, judged, gate, at)
        return _merged(found, self._decided.waived(version, judged, found, owed, at))

    def base(
        self,
        version: ModelVersion,
        *,
        at: datetime,
        policy: Policy | None = None,
        wanted: Collection[str] | None = None,
    ) -> Facts:
        """Return the facts that follow from no tier: of all groups, or of some only."""
        version = self._now(version)
        uses = self.records.uses(version)
        parts: list[Facts] = [{"now": at}, dict(later.facts()), self._recorded(version)]
        asked = (policy or self.policy).questionnaires
        parts.append(self.judged.facts(version, uses, at, asked=asked))
        if _is_wanted(OF_READINGS, wanted):
            ages = {one.id: one.max_age_days for one in (policy or self.policy).evidence_types}
            report = self.readings.papers.report(version)
            parts.append(self.readings.of(version, ages=ages, at=at))
            parts.append({"validation": report.facts(version, at)})
        if _is_wanted(OF_DECISIONS, wanted):
            serving = self.records.serving.get(version.model_id)
            parts.append(self._decided.of(version, serving, at))
        if _is_wanted(OF_RECORD, wanted):
            parts.append({"audit": self._record_facts(version, at)})
        parts.append({"transition": dict(requested.NOT_ASKED), "sign_offs": []})
        return _merged(*parts)

    def obligations(
        self, version: ModelVersion, known: Facts, *, at: datetime, policy: Policy | None = None
    ) -> tuple[Obligation, ...]:
        """Return the obligations open for a version; ``known`` are the facts of its evidence."""
        now = self._now(version)
        attached = of_uses(self.readings.items.about(now), at)
        owed = self.judged.owed(now, known, attached, at.date())
        covered = self._decided.covered(now, policy or self.policy, known, at)
        return tuple(owing.as_gates_take_it(one, covered.get(one.id, frozenset())) for one in owed)

    def conditions(self, version: ModelVersion, *, at: datetime) -> gaps.Conditions:
        """Return what the inventory fields of a version are held against, reading no more."""
        floors = (path for floor in self.policy.floors for path, _ in floor.when.reads)
        wanted = READ_BY_FIELDS.union(path.partition(".")[0] for path in floors)
        known = self.base(version, at=at, wanted=wanted)
        tier = effective_tier(self.policy, known)
        return gaps.conditions_at(tier, self.records.answers(self._now(version)), known)

    def missing(self, version: ModelVersion, *, at: datetime) -> list[gaps.Missing]:
        """Return the required inventory fields that are empty, at the tier it is gated at."""
        held = self.conditions(version, at=at)
        return gaps.missing_in(self._now(version), self.records, self._asked, held)

    def replaced_by(self, version: ModelVersion, target: str) -> ModelVersion | None:
        """Return the version a promotion of this one to a stage would take the place of."""
        if target != Stage.PRODUCTION or self._now(version).model.runs_several:
            return None
        current = self.records.serving.get(version.model_id)
        return current if current != version else None

    @cached_property
    def readings(self) -> Readings:
        """The evidence itself."""
        return Readings.about(self.records)

    @cached_property
    def judged(self) -> Judged:
        """What is judged of the models: assessments, obligations, tiers."""
        models = {version.model_id for version in self.records.versions.values()}
        return Judged.of(models, beside(models))

    @property
    def waivers(self) -> Mapping[int, Sequence[Waiver]]:
        """Every waiver ever granted, by version."""
        return self._decided.waivers

    @cached_property
    def _decided(self) -> Decided:
        return Decided.about(self.records.versions, self.judged.beside)

    @cached_property
    def _verified(self) -> Mapping[str, verification.Standing]:
        models = {version.model.record_ref for version in self.records.versions.values()}
        return verification.standings(models)

    @cached_property
    def _asked(self) -> gaps.Asked:
        return gaps.Asked(fields.in_force())

    @property
    def has_debts(self) -> bool:
        """Whether nobody has looked back yet at an emergency of one of the models."""
        return bool(self._decided.indebted)

    @cached_property
    def lines(self) -> Lines:
        """The reporting lines of those who validated the versions, and of those beside."""
        return accounts.managers_of({*self._validated_by, *self.beside})

    @cached_property
    def _validated_by(self) -> Collection[int]:
        reports = map(self.readings.papers.report, self.records.versions.values())
        return {pk for one in reports if one.is_completed for pk in one.validators}

    @cached_property
    def _validators(self) -> Validators:
        return Validators.of(self._validated_by, self.lines)

    def _now(self, version: ModelVersion) -> ModelVersion:
        return self.records.versions[version.pk]

    def _recorded(self, version: ModelVersion) -> Facts:
        edges = self.records.edges.get(version.pk, ())
        return {
            "model": catalog.model_facts(version, self.records),
            "version": catalog.version_facts(version, self.records),
            "uses": catalog.uses_facts(version, self.records),
            "dependencies": catalog.dependency_facts(version, edges),
        }

    def _record_facts(self, version: ModelVersion, at: datetime) -> Facts:
        last = self._verified.get(version.model.record_ref)
        return {
            "chain_verified": last is not None and last.is_whole,
            "chain_verified_age_hours": max((at - last.at) // HOUR, 0) if last else -1,
        }

    def _at_tier(self, version: ModelVersion, policy: Policy, tier: int, known: Facts) -> Facts:
        held = gaps.conditions_at(tier, self.records.answers(version), known)
        missing = gaps.missing_in(version, self.records, self._asked, held)
        assessments = known["assessments"]
        assert isinstance(assessments, Mapping)
        report = self.readings.papers.report(version)
        return {
            "model": {"missing_required_fields": gaps.paths(missing)},
            "documents": self.readings.papers.facts(
                version,
                tier=tier,
                records=self.records,
                items=self.readings.items,
                ours=self._asked.inventory,
                assessments=assessments,
            ),
            "validation": {
                "independent": report.is_completed
                and self._validators.are_independent(report.validators, policy, tier, known)
            },
        }


def of_request(
    request: PromotionRequest, evidence: Evidence, *, at: datetime, executor: str = ""
) -> Facts:
    """Return the facts of a promotion request; the executor is whoever carries it out now."""
    found = evidence.of(request.version, at=at, transition=request.transition)
    tier = effective_tier(evidence.policy, found)
    gate = policies.gate_of(evidence.policy, request.transition, tier, Mode(request.mode))
    records, items = evidence.records, evidence.readings.items
    asked = requested.transition_facts(request, items, records, gate, at)
    return found | {"transition": asked | {"executor_id": records.answerable(executor)}}


def of_rollback(
    target: ModelVersion,
    *,
    asked_by: str,
    reason: str,
    at: datetime,
    evidence: Evidence | None = None,
) -> Facts:
    """Return the facts of going back to a version that was in production before."""
    evidence = evidence or Evidence.about([target])
    asker = evidence.records.answerable(asked_by)
    return evidence.of(target, at=at, transition=ROLLBACK) | {
        "transition": requested.NOT_ASKED
        | {"id": ROLLBACK, "requested_by": asker, "justification": reason}
    }


def of_signer(user: User, roles: Collection[str], lines: Lines | None = None) -> Facts:
    """Return the facts about a person who would sign, with the roles held on the model.

    ``lines`` are the reporting lines that were read before, for many people at once.
    """
    known = accounts.managers_of([user.pk]) if lines is None else lines
    return people.of_signer(user, roles, known)


def _is_wanted(groups: Collection[str], wanted: Collection[str] | None) -> bool:
    return wanted is None or not set(groups).isdisjoint(wanted)


def _merged(*parts: Facts) -> Facts:
    """Return facts with the groups that several readers have a part in put together."""
    found: Facts = {}
    for part in parts:
        for name, value in part.items():
            there = found.get(name)
            if isinstance(there, dict) and isinstance(value, dict):
                found[name] = {**there, **value}
            else:
                found[name] = value
    return found
