"""What was done last about models, read for one of them, or for all that fall due in some days."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.db.models import DateTimeField, Exists, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Greatest

from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.months import in_months
from apps.risk import offered
from apps.risk.kept import TIER
from apps.risk.models import Assessment, OwnerAttestation, Review
from apps.risk.policy_says import PolicySays
from apps.risk.questionnaires import Outcome
from apps.risk.schedules import SETTINGS, Done, Scheduled, What
from apps.validation.facts.reports import REPORT
from apps.validation.models import DocumentRevision

_OF_DONE = ("attested", "reviewed", "validated", "tiered", "in_production")


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


def with_tier(models: QuerySet[RegisteredModel]) -> QuerySet[Any]:
    """Add the tier the inventory says, 0 where it says none; approved assessments write it."""
    told = Cast(KeyTextTransform("tier", "sheet__values"), IntegerField())
    return models.annotate(tier=Coalesce(told, 0))


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

    ``models`` are narrowed to what the reader may see; their owners are read along. When each was
    done last is asked once a model: as a condition, a database would work it out again and again.
    """
    months = {tier: rules.months(SETTINGS[what]) for tier, rules in says.tiers.items()}
    if not any(months.values()):
        return []
    strictest = says.at(0).months(SETTINGS[what])
    told = with_tier(live_models(models)).annotate(last=_DONE[what](), otherwise=_OTHERWISE[what]())
    found: list[tuple[date, int, int, Scheduled]] = []
    for pk, tier, done, otherwise in told.values_list("pk", "tier", "last", "otherwise"):
        counted, apart = done or otherwise, months.get(tier, strictest)
        if counted is None or not apart:
            continue
        day = in_months(counted.date(), apart)
        if first <= day <= last:
            found.append((day, pk, tier, Scheduled(what, apart, done and done.date(), day)))
    return _with_models(sorted(found, key=lambda one: one[:2])[: most + 1])


def _with_models(found: Sequence[tuple[date, int, int, Scheduled]]) -> list[Coming]:
    models = RegisteredModel.objects.select_related("owner").in_bulk([pk for _, pk, _, _ in found])
    return [Coming(models[pk], tier, scheduled) for _, pk, tier, scheduled in found]


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


def _validated() -> Coalesce:
    """Return when a model was validated last: by a report that stands, or a review that says so."""
    reports = DocumentRevision.objects.filter(
        document__model=OuterRef("pk"),
        document__template_id=REPORT,
        document__version__deleted_at=None,
        state=DocumentRevision.State.APPROVED,
    )
    standing = reports.exclude(document__version__stage__in=[Stage.ARCHIVED, Stage.DECOMMISSIONED])
    report, review = _newest(standing, "concluded_at"), _review(Review.Kind.REVALIDATION)
    return Coalesce(Greatest(report, review), report, review)


def _in_production() -> Subquery:
    serving = ModelVersion.objects.filter(
        model=OuterRef("pk"), stage=Stage.PRODUCTION, deleted_at=None, authorized_at__isnull=False
    )
    return _newest(serving, "authorized_at")


def _registered() -> F:
    return F("created_at")


_reviewed = partial(_review, Review.Kind.PERIODIC)
_DONE: Mapping[What, Any] = {
    What.ATTESTATION: _attested,
    What.PERIODIC: _reviewed,
    What.REVALIDATION: _validated,
    What.RETIERING: _tiered,
}
_OTHERWISE: Mapping[What, Any] = {
    What.ATTESTATION: _registered,
    What.PERIODIC: _in_production,
    What.REVALIDATION: _in_production,
    What.RETIERING: _registered,
}
