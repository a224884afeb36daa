"""Everything judged of some models, read in one query: assessments, obligations, other tiers.

The rows are put together as they are kept, so that what judges rows judges these as well. Whatever
else is judged of models joins the same query: it is one more part of ``reading.rows_of``.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db.models import QuerySet

from apps.catalog.models import ModelVersion, UseCase
from apps.risk import questionnaires, standing, tiers
from apps.risk.facts.findings import Unsettled
from apps.risk.facts.owed import NOTICES, OfUses, Owed, owed
from apps.risk.facts.reading import READ, rows_of
from apps.risk.kept import flags_of, rank_of
from apps.risk.models import (
    Assessment,
    Finding,
    Incident,
    Obligation,
    OwnerAttestation,
    ReportDuty,
    TierOverride,
)
from apps.risk.standing import NEVER, Standing, Status
from apps.risk.tiers import CurrentTier

Facts = dict[str, Any]
_ORDER = list(Status)
"""From the weakest to the strongest."""
_WORST = 1_000_000


@dataclass(frozen=True)
class Judged:
    """What was judged of some models, by their ids."""

    assessments: Mapping[int, Sequence[Assessment]] = field(default_factory=dict)
    obligations: Mapping[int, Sequence[Obligation]] = field(default_factory=dict)
    overrides: Mapping[int, Sequence[TierOverride]] = field(default_factory=dict)
    attestations: Mapping[int, Sequence[OwnerAttestation]] = field(default_factory=dict)
    findings: Mapping[int, Sequence[Finding]] = field(default_factory=dict)
    incidents: Mapping[int, Sequence[Incident]] = field(default_factory=dict)
    duties: Mapping[int, Sequence[ReportDuty]] = field(default_factory=dict)
    beside: Sequence[tuple[str, int, Mapping[str, Any]]] = ()
    """What was read along with it for somebody else: a word, a model, and columns."""

    @classmethod
    def of(
        cls, model_ids: Collection[int], beside: Sequence["QuerySet[Any, Any]"] = ()
    ) -> "Judged":
        """Read what is judged of models, in one query; of none, nothing is read.

        ``beside`` are rows of others that are read in the same query, made by ``as_one``.
        """
        others: list[tuple[str, int, Mapping[str, Any]]] = []
        kept: dict[type[Any], dict[int, list[Any]]] = {
            kind: defaultdict(list)
            for kind in (
                Assessment,
                Obligation,
                TierOverride,
                OwnerAttestation,
                Finding,
                Incident,
                ReportDuty,
            )
        }
        if model_ids:
            for word, model_id, told, more in rows_of(model_ids, beside):
                if word not in READ:
                    others.append((word, model_id, told))
                    continue
                row = READ[word]({**told, "model_id": model_id}, more)
                kept[type(row)][model_id].append(row)
        for found in (rows for by_model in kept.values() for rows in by_model.values()):
            found.sort(key=lambda row: row.pk)
        return cls(
            kept[Assessment],
            kept[Obligation],
            kept[TierOverride],
            kept[OwnerAttestation],
            kept[Finding],
            kept[Incident],
            kept[ReportDuty],
            others,
        )

    def tier(self, model_id: int, at: datetime) -> CurrentTier:
        """Return the tier a model is at."""
        return tiers.current(
            self.assessments.get(model_id, ()), self.overrides.get(model_id, ()), at
        )

    def facts(
        self,
        version: ModelVersion,
        uses: Sequence[UseCase],
        at: datetime,
        *,
        asked: Collection[str] = (),
    ) -> Facts:
        """Return what policies read of what is judged; ``uses`` are the live ones of the model.

        ``asked`` are the questionnaires of an organization that a policy reads, beside ours.
        """
        return self.of_model(version.model_id, uses, at, version=version, asked=asked)

    def of_model(
        self,
        model_id: int,
        uses: Sequence[UseCase],
        at: datetime,
        *,
        version: ModelVersion | None = None,
        asked: Collection[str] = (),
    ) -> Facts:
        """Return the same of a model, no version of it at hand."""
        current = self.tier(model_id, at)
        held = self._about(model_id, version)
        return {
            "model": {
                "tier": current.tier,
                "tier_age_days": current.age_days(at),
                "attestation_age_days": self._attestation_age(model_id, at),
            },
            "uses": {"transparency_required": self._discloses(model_id)},
            "assessments": {
                name: _combined(_subjects(name, held, uses), name, at.date())
                for name in dict.fromkeys((*questionnaires.SHIPPED, *asked))
            },
            **self.unsettled(model_id, version, at),
        }

    def owed(
        self, version: ModelVersion, known: Mapping[str, Any], attached: OfUses, on: date
    ) -> list[Owed]:
        """Return the obligations open for a version; ``known`` are the facts of its evidence.

        ``attached`` says which evidence about uses counts.
        """
        rows = (
            row
            for row in self.obligations.get(version.model_id, ())
            if row.version_id in {None, version.pk}
        )
        return [one for row in rows if (one := owed(row, known, attached, on)) is not None]

    def unsettled(
        self, model_id: int, version: ModelVersion | None, at: datetime
    ) -> dict[str, Facts]:
        """Return what policies read of findings and incidents."""
        unsettled = Unsettled(
            self._carried(model_id),
            self.incidents.get(model_id, ()),
            self.duties.get(model_id, ()),
        )
        return unsettled.facts(version, at)

    def findings_but(
        self, version: ModelVersion, causes: Collection[str], at: datetime
    ) -> dict[str, Facts]:
        """Return what policies read of the findings of a version, without those of some causes."""
        left = [
            (one, first)
            for one, first in self._carried(version.model_id)
            if one.cause not in causes
        ]
        return {"findings": Unsettled(left).facts(version, at)["findings"]}

    def _carried(self, model_id: int) -> list[tuple[Finding, int | None]]:
        return [(one, one.first_number) for one in self.findings.get(model_id, ())]

    def _attestation_age(self, model_id: int, at: datetime) -> int:
        """Return the days since the owner attested the record, -1 when that never was."""
        given = (one.signed_at for one in self.attestations.get(model_id, ()))
        last = max(given, default=None)
        return NEVER if last is None else max((at - last).days, 0)

    def _about(self, model_id: int, version: ModelVersion | None) -> list[Assessment]:
        """Return the assessments of a model, its uses, and the version at hand."""
        own = {None, version.pk if version else None}
        return [one for one in self.assessments.get(model_id, ()) if one.version_id in own]

    def _discloses(self, model_id: int) -> bool:
        """Say whether a use has to disclose something to people, whether or not it does by now."""
        return any(
            row.use_case_id is not None and row.ref in NOTICES
            for row in self.obligations.get(model_id, ())
        )


def _subjects(
    name: str, held: Iterable[Assessment], uses: Sequence[UseCase]
) -> list[list[Assessment]]:
    """Return the assessments by one questionnaire for each subject it is about here.

    One about uses has each live use of the model as a subject, assessed or not. Of one that was
    never assessed by here it makes no difference what it is about.
    """
    mine = [one for one in held if one.kind == name]
    if all(one.use_case_id is None for one in mine):
        return [mine]
    return [[one for one in mine if one.use_case_id == use.pk] for use in uses]


def _combined(subjects: Iterable[list[Assessment]], name: str, on: date) -> Facts:
    """Combine how a questionnaire stands for several subjects.

    The weakest status, the outcome of the highest rank, all the flags, the greatest age.
    """
    found = [standing.standing_of(rows, on) for rows in subjects]
    approved = [one.approved for one in found if one.approved is not None]
    gravest = max(
        (one for one in found if one.approved is not None), key=_severity(name), default=None
    )
    weakest = min((one.status for one in found), key=_ORDER.index, default=Status.NONE)
    return {
        "status": weakest.value,
        "outcome": gravest.outcome if gravest else "",
        "flags": sorted({flag for one in approved for flag in flags_of(one)}),
        "age_days": max((one.age_days for one in found), default=NEVER),
    }


def _severity(name: str) -> Callable[[Standing], int]:
    """Return what tells how severe an outcome is; one that is not known any more is the worst."""
    ranks = _ranks(name)

    def worth(one: Standing) -> int:
        kept = rank_of(one.approved) if one.approved and not ranks else ranks.get(one.outcome)
        return _WORST if kept is None else kept

    return worth


@cache
def _ranks(name: str) -> Mapping[str, int]:
    """Return how severe each outcome of a shipped questionnaire is; of no other that is known."""
    if name not in questionnaires.SHIPPED:
        return {}
    return {one.id: one.rank for one in questionnaires.shipped(name).outcomes}
