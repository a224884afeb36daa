"""What was recorded since assessments were approved, of what their questionnaires ask anew for.

Each reader takes one query for many assessments. What nobody can see here is for people to act on
(docs/risk.md).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from django.db.models import Min

from apps.catalog.models import Asset, LineageEdge, ModelVersion, Relation, UseCase
from apps.core.clock import database_now
from apps.risk import offered
from apps.risk.facts.judged import Judged
from apps.risk.kept import tier_of
from apps.risk.models import Assessment, Incident, QuestionnaireVersion
from apps.validation.models import Breach

Approved = Sequence[Assessment]
Why = dict[int, str]
"""Why an assessment counts no longer, by its id."""
Happened = tuple[int, datetime, str]
"""The model something happened to, when it was recorded, and what it was."""


def since_approval(assessments: Approved) -> Why:
    """Return why assessments have to be done anew, by their ids; the others are left out."""
    triggers = _triggers(assessments)
    found: Why = {}
    for trigger, read in READERS.items():
        asking = [
            one
            for one in assessments
            if one.pk not in found and trigger in triggers[one.questionnaire_id]
        ]
        if asking:
            found |= read(asking)
    return found


def _triggers(assessments: Approved) -> Mapping[int, Sequence[str]]:
    """Return what asks for another assessment, by the version of the questionnaire."""
    asked = QuestionnaireVersion.objects.in_bulk({one.questionnaire_id for one in assessments})
    return {pk: offered.asked_of(row).triggers for pk, row in asked.items()}


def _new_use(assessments: Approved) -> Why:
    added = UseCase.objects.filter(
        model__in=_models(assessments), ended_at=None, added_at__gt=_earliest(assessments)
    )
    return _after(
        assessments,
        (
            (one.model_id, one.added_at, f"A use was added since: {one.title}.")
            for one in added.order_by("pk")
        ),
    )


def _material_change(assessments: Approved) -> Why:
    """Return what a version says that was registered since; one about a version stays true."""
    changed = ModelVersion.objects.filter(
        model__in=_models(assessments),
        change_class=ModelVersion.ChangeClass.MATERIAL,
        ready_at__gt=_earliest(assessments),
        deleted_at=None,
    )
    return _after(
        [one for one in assessments if one.version_id is None],
        (
            (one.model_id, one.ready_at, f"{one} was registered as a material change.")
            for one in changed.select_related("model").order_by("pk")
            if one.ready_at is not None
        ),
    )


def _monitoring_red(assessments: Approved) -> Why:
    """Return the breaches that became red since, by when the record first said so."""
    reddened = (
        Breach.history.filter(series__model__in=_models(assessments), band=Breach.Level.RED)
        .order_by()
        .values_list("id", "series__model", "series__metric")
        .annotate(at=Min("history_date"))
        .filter(at__gt=_earliest(assessments))
    )
    return _after(
        assessments,
        ((model_id, at, f"Monitoring went red: {metric}.") for _, model_id, metric, at in reddened),
    )


def _incident(assessments: Approved) -> Why:
    reported = Incident.objects.filter(
        model__in=_models(assessments), reported_at__gt=_earliest(assessments)
    )
    return _after(
        assessments,
        (
            (one.model_id, one.reported_at, f"An incident was reported: {one.title}.")
            for one in reported.order_by("pk")
        ),
    )


def _tier_changed(assessments: Approved) -> Why:
    """Compare the tier each was evaluated at with the one of now; a tiering finds its own."""
    judged, now = Judged.of(_models(assessments)), database_now()
    found = {}
    for one in assessments:
        then = one.result.get("subject", {}).get("tier")
        tier = judged.tier(one.model_id, now).tier
        if then is not None and then != tier and tier_of(one) is None:
            found[one.pk] = f"The model was at {_tier(then)} then, and is at {_tier(tier)} now."
    return found


def _base_model_changed(assessments: Approved) -> Why:
    """Return the base models that came in place of others, as lineage declares them."""
    edges = LineageEdge.objects.filter(
        relation=Relation.DERIVED_FROM,
        origin_asset__kind=Asset.Kind.BASE_MODEL,
        target_version__model__in=_models(assessments),
        target_version__deleted_at=None,
    )
    declared: dict[int, list[LineageEdge]] = defaultdict(list)
    for edge in edges.select_related("origin_asset", "target_version").order_by("pk"):
        if edge.target_version is not None:
            declared[edge.target_version.model_id].append(edge)
    found = {}
    for one in assessments:
        before = {e.origin_asset_id for e in declared[one.model_id] if not _is_later(e, one)}
        others = [e for e in declared[one.model_id] if e.origin_asset_id not in before]
        if before and others:
            found[one.pk] = f"Another base model was declared: {others[0].origin}."
    return found


READERS: Mapping[str, Callable[[Approved], Why]] = {
    "incident": _incident,
    "monitoring_red": _monitoring_red,
    "new_use": _new_use,
    "material_change": _material_change,
    "tier_changed": _tier_changed,
    "base_model_changed": _base_model_changed,
}
"""What questionnaires may name as a reason to assess anew, and that the registry sees itself."""


def _models(assessments: Approved) -> set[int]:
    return {one.model_id for one in assessments}


def _earliest(assessments: Approved) -> datetime:
    return min(one.approved_at for one in assessments if one.approved_at is not None)


def _after(assessments: Approved, happened: Iterable[Happened]) -> Why:
    """Return what first happened to the model of each since it was approved."""
    of_model: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    for model_id, at, words in happened:
        of_model[model_id].append((at, words))
    later = {
        one.pk: [
            told
            for told in of_model[one.model_id]
            if one.approved_at is not None and told[0] > one.approved_at
        ]
        for one in assessments
    }
    return {pk: min(found)[1] for pk, found in later.items() if found}


def _is_later(edge: LineageEdge, assessment: Assessment) -> bool:
    return assessment.approved_at is not None and edge.declared_at > assessment.approved_at


def _tier(tier: int) -> str:
    return f"tier {tier}" if tier else "no tier"
