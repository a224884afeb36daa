"""What was done last about models, read for one of them, or for all that fall due in some days."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from heapq import nsmallest
from typing import Any

from django.db.models import (
    CharField,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Cast, Coalesce, Greatest
from django.utils.timezone import now

from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.months import in_months
from apps.risk import offered
from apps.risk.kept import TIER
from apps.risk.models import Assessment, OwnerAttestation, Review
from apps.risk.policy_says import PolicySays
from apps.risk.questionnaires import Outcome
from apps.risk.schedules import SETTINGS, Done, Scheduled, What
from apps.risk.tier_columns import with_tier
from apps.validation.facts.reports import REPORT
from apps.validation.models import DocumentRevision

_DAY = len("2026-11-27")
_OF_DONE = ("attested", "reviewed", "validated", "tiered", "in_production")


Spot = tuple[date, int, int, int, str]
"""The day something is due, its model and tier, the months that set it, the day it was done."""


@dataclass(frozen=True)
class Coming:
    """Something that falls due on a model."""

    model: RegisteredModel
    tier: int
    scheduled: Scheduled


def live_models(models: QuerySet[RegisteredModel]) -> QuerySet[RegisteredModel]:
    """Keep the models somebody still answers for: not deleted, and not wholly decommissioned."""
    versions = ModelVersion.objects.filter(model=OuterRef("pk"), deleted_at=None)
    is_over = Exists(versions) & ~Exists(versions.exclude(stage=Stage.DECOMMISSIONED))
    return models.filter(~is_over, deleted_at=None)


def done_of(model: RegisteredModel) -> Done:
    """Return what was done last about one model, in two queries."""
    found = RegisteredModel.objects.annotate(
        attested=_attested(), reviewed=_reviewed(), validated=_validated(), tiered=_tiered()
    ).annotate(in_production=_in_production())
    row = found.values_list(*_OF_DONE).get(pk=model.pk)
    days = [moment.date() if moment else None for moment in row]
    return Done(model.created_at.date(), *days)


def falling_due(
    what: What,
    models: QuerySet[RegisteredModel],
    says: PolicySays,
    first: date,
    last: date,
    *,
    most: int,
) -> list[Coming]:
    """Return where something falls due in some days, the earliest first.

    ``models`` are narrowed to what the reader may see; their owners are read along.
    """
    found = all_falling_due([what], models, says, first, last)[what]
    return with_models([(what, one) for one in nsmallest(most + 1, found)])


def all_falling_due(
    whats: Iterable[What],
    models: QuerySet[RegisteredModel],
    says: PolicySays,
    first: date,
    last: date,
) -> Mapping[What, list[Spot]]:
    """Return where some things fall due in some days, in no order, in one query for all of them.

    When each was done last is asked once a model: as a condition, a database would work it out
    again and again.
    """
    months = {what: _Months.of(what, says) for what in whats}
    asked = {what: found for what, found in months.items() if found.is_any}
    spots: dict[What, list[Spot]] = {what: [] for what in months}
    if not asked:
        return spots
    days = {name: Cast(_DAYS[name](), CharField()) for name in _days_for(asked)}
    told = with_tier(live_models(models), now().date()).order_by().annotate(**days)
    due = _DueDays(first, last)
    for pk, tier, *texts in told.values_list("pk", "tier", *days):
        known = dict(zip(days, texts, strict=True))
        for what, found in asked.items():
            done = max(known[name] or "" for name in _DONE[what])
            counted, apart = done or known[_OTHERWISE[what]], found.at(tier)
            if counted and apart and (day := due.of(counted[:_DAY], apart)):
                spots[what].append((day, pk, tier, apart, done[:_DAY]))
    return spots


def with_models(found: Sequence[tuple[What, Spot]]) -> list[Coming]:
    """Return the models something falls due on, read with their owners in one query."""
    ids = {pk for _, (_, pk, *_) in found}
    models = RegisteredModel.objects.select_related("owner").in_bulk(ids)
    return [
        Coming(models[pk], tier, Scheduled(what, months, _day(done), day))
        for what, (day, pk, tier, months, done) in found
    ]


@dataclass(frozen=True)
class _Months:
    """After how many months something comes round, by tier; without one, as at the strictest."""

    by_tier: Mapping[int, int]
    strictest: int

    @classmethod
    def of(cls, what: What, says: PolicySays) -> "_Months":
        name = SETTINGS[what]
        by_tier = {tier: rules.months(name) for tier, rules in says.tiers.items()}
        return cls(by_tier, says.at(0).months(name))

    @property
    def is_any(self) -> bool:
        return any(self.by_tier.values())

    def at(self, tier: int) -> int:
        return self.by_tier.get(tier, self.strictest)


class _DueDays:
    """Works out each day once: many models are counted from the same."""

    def __init__(self, first: date, last: date) -> None:
        self.first, self.last = first, last
        self._known: dict[tuple[str, int], date | None] = {}

    def of(self, counted: str, months: int) -> date | None:
        """Return the day so many months after another, if it is one of those asked for."""
        key = (counted, months)
        if key not in self._known:
            day = in_months(date.fromisoformat(counted), months)
            self._known[key] = day if self.first <= day <= self.last else None
        return self._known[key]


def _days_for(whats: Iterable[What]) -> list[str]:
    """Return the days that what is asked is counted from, each once."""
    names = (name for what in whats for name in (*_DONE[what], _OTHERWISE[what]))
    return list(dict.fromkeys(names))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


# -- when each was done last, as a column ----------------------------------------------------------


def _newest(rows: QuerySet[Any], moment: str) -> Subquery:
    newest = rows.order_by(f"-{moment}").values(moment)[:1]
    return Subquery(newest, output_field=DateTimeField())


def _attested() -> Subquery:
    return _newest(OwnerAttestation.objects.filter(model=OuterRef("pk")), "signed_at")


def _review(kind: Review.Kind) -> Subquery:
    done = Review.objects.filter(model=OuterRef("pk"), kind=kind, state=Review.State.DONE)
    return _newest(done, "done_at")


def _tiered() -> Subquery:
    tierings = Assessment.objects.filter(
        model=OuterRef("pk"), state=Assessment.State.APPROVED, kind__in=_tiering()
    )
    return _newest(tierings, "approved_at")


def _tiering() -> list[str]:
    """Return the questionnaires of which an outcome sets a tier."""
    asked = offered.offered()
    return [one.id for one in asked if any(_sets_tier(outcome) for outcome in one.outcomes)]


def _sets_tier(outcome: Outcome) -> bool:
    return not {TIER, TIER.partition(".")[2]}.isdisjoint(outcome.sets)


def _report() -> Subquery:
    """Return when the newest validation report that stands was approved."""
    reports = DocumentRevision.objects.filter(
        document__model=OuterRef("pk"),
        document__template_id=REPORT,
        document__version__deleted_at=None,
        state=DocumentRevision.State.APPROVED,
    )
    standing = reports.exclude(document__version__stage__in=[Stage.ARCHIVED, Stage.DECOMMISSIONED])
    return _newest(standing, "concluded_at")


def _validated() -> Coalesce:
    """Return when a model was validated last: by a report that stands, or a review that says so."""
    report, review = _report(), _revalidated()
    return Coalesce(Greatest(report, review), report, review)


def _in_production() -> Subquery:
    serving = ModelVersion.objects.filter(
        model=OuterRef("pk"), stage=Stage.PRODUCTION, deleted_at=None, authorized_at__isnull=False
    )
    return _newest(serving, "authorized_at")


def _registered() -> F:
    return F("created_at")


_reviewed = partial(_review, Review.Kind.PERIODIC)
_revalidated = partial(_review, Review.Kind.REVALIDATION)
_DAYS: Mapping[str, Callable[[], Any]] = {
    "of_attested": _attested,
    "of_reviewed": _reviewed,
    "of_report": _report,
    "of_revalidated": _revalidated,
    "of_tiered": _tiered,
    "of_production": _in_production,
    "of_registered": _registered,
}
_DONE: Mapping[What, Sequence[str]] = {
    What.ATTESTATION: ("of_attested",),
    What.PERIODIC: ("of_reviewed",),
    What.REVALIDATION: ("of_report", "of_revalidated"),
    What.RETIERING: ("of_tiered",),
}
"""When each was done last: the newest of some days."""
_OTHERWISE: Mapping[What, str] = {
    What.ATTESTATION: "of_registered",
    What.PERIODIC: "of_production",
    What.REVALIDATION: "of_production",
    What.RETIERING: "of_registered",
}
"""The day each is counted from while it was never done."""
