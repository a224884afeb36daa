"""What is known of some models, now or at a past moment: read in a fixed number of queries.

A past moment is answered from row history: the state each row had after its last event until then.
Content of versions never changes, so of them only the stage is taken from history.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery

from apps.accounts.models import User
from apps.catalog.inventory import facts
from apps.catalog.inventory.facts import Answers, Measured
from apps.catalog.inventory.reading import EntityId
from apps.catalog.lifecycle import Stage
from apps.catalog.models import (
    ModelSheet,
    ModelTag,
    ModelVersion,
    RegisteredModel,
    ThirdParty,
    UseCase,
    VersionSheet,
)
from apps.core.digests import utc_text
from apps.risk.kept import tier_of
from apps.risk.models import Assessment, Finding, Incident, OwnerAttestation, Review, Severity

STAGES = (
    Stage.PRODUCTION,
    Stage.STAGING,
    Stage.DEVELOPMENT,
    Stage.ARCHIVED,
    Stage.DECOMMISSIONED,
)
"""From the most advanced to what is left when nothing else is."""
SCORED = ("materiality", "complexity", "exposure")
_GONE = "-"


@dataclass(frozen=True)
class Subject:
    """One row to come: a model, or a use of it, with everything known by path."""

    model: RegisteredModel
    use: UseCase | None
    known: Mapping[str, object]


@dataclass(frozen=True)
class World:
    """Some models as they were at a moment, with what stood beside them."""

    models: Sequence[RegisteredModel]
    uses: Mapping[int, Sequence[UseCase]]
    parties: Mapping[int, Sequence[ThirdParty]]
    versions: Mapping[int, Answers]
    """What is known of the version in production, else of the newest one, by model."""
    derived: Mapping[int, Answers]

    @classmethod
    def of(cls, ids: Collection[int], at: datetime | None = None) -> "World":
        """Read some models as they are now, or as they were at a moment."""
        models = _models(ids, at)
        uses, parties = _live(UseCase, ids, at), _live(ThirdParty, ids, at)
        stages = _stages(ids, at)
        return cls(models, uses, parties, _versions(stages, at), _derived(ids, uses, stages, at))

    def subjects(self, *, of_uses: bool) -> Iterator[Subject]:
        """Yield one row to come for each model, or each of its uses, in order of their ids."""
        for model in self.models:
            told = self._of_model(model)
            held = self.uses.get(model.pk, ())
            if of_uses:
                for use in held:
                    yield Subject(model, use, told | _paths(EntityId.USE_CASE, _of_use(use)))
            else:
                yield Subject(model, None, told | _of_all(held))

    def _of_model(self, model: RegisteredModel) -> dict[str, object]:
        answers = facts.of_model(model, self.parties.get(model.pk, ()))
        told = {**answers, **self.derived.get(model.pk, {})}
        version = self.versions.get(model.pk, {})
        return _paths(EntityId.MODEL, told) | _paths(EntityId.VERSION, version)


def _paths(entity: EntityId, answers: Mapping[str, object]) -> dict[str, object]:
    return {f"{entity}.{key}": value for key, value in answers.items()}


def _of_use(use: UseCase) -> Answers:
    return facts.of_use_case(use)


def _of_all(uses: Sequence[UseCase]) -> dict[str, object]:
    """Return what a model's uses say together: each value once, under the use it is of."""
    told: dict[str, list[tuple[str, object]]] = defaultdict(list)
    for use in uses:
        for key, value in _of_use(use).items():
            told[key].append((use.title, value))
    return {f"{EntityId.USE_CASE}.{key}": PerUse(values) for key, values in told.items()}


class PerUse(tuple[tuple[str, object], ...]):
    """The values of one field in several uses, each with the title of its use."""

    __slots__ = ()


# -- rows as they are, or as they were ------------------------------------------------------------


def held(kind: Any, at: datetime | None) -> QuerySet[Any, Any]:
    """Return the rows of a governed class as they are, or as history says they were."""
    if at is None:
        rows: QuerySet[Any, Any] = kind.objects.order_by()
        return rows
    past = kind.history.model.objects.filter(history_date__lte=at)
    same = past.filter(id=OuterRef("id")).order_by("-history_date", "-history_id")
    last = Subquery(same.values("history_id")[:1])
    then: QuerySet[Any, Any] = past.filter(history_id=last).exclude(history_type=_GONE).order_by()
    return then


def _row(found: Any) -> Any:
    """Return a row of the class itself, whatever it was read from."""
    return found.instance if hasattr(found, "history_id") else found


def _models(ids: Collection[int], at: datetime | None) -> list[RegisteredModel]:
    models = [_row(one) for one in held(RegisteredModel, at).filter(id__in=ids).order_by("id")]
    owners = User.objects.in_bulk({model.owner_id for model in models})
    sheets = {row["model_id"]: row for row in _sheets(ModelSheet, "model_id", ids, at)}
    tags: dict[int, list[ModelTag]] = defaultdict(list)
    for told in held(ModelTag, at).filter(model__in=ids).values("model_id", "key", "value"):
        tags[told["model_id"]].append(ModelTag(**told))
    for model in models:
        model.owner = owners[model.owner_id]
        sheet = sheets.get(model.pk)
        cache: dict[str, Any] = model._state.fields_cache
        cache["sheet"] = ModelSheet(**sheet) if sheet else None
        vars(model)["_prefetched_objects_cache"] = {"tags": tags[model.pk]}
    return models


def _sheets(kind: Any, key: str, ids: Collection[int], at: datetime | None) -> Any:
    return held(kind, at).filter(**{f"{key}__in": ids}).values(key, "values")


def _live(kind: Any, ids: Collection[int], at: datetime | None) -> dict[int, list[Any]]:
    rows: dict[int, list[Any]] = defaultdict(list)
    for one in held(kind, at).filter(model__in=ids, ended_at=None).order_by("id"):
        rows[one.model_id].append(_row(one))
    return rows


# -- versions --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stages:
    """How many versions of a model are in each stage, and the newest of each."""

    counts: Mapping[str, int]
    newest: Mapping[str, int]

    @property
    def most_advanced(self) -> Stage | None:
        return next((stage for stage in STAGES if self.counts.get(stage)), None)

    @cached_property
    def shown(self) -> int:
        """The version in production, else the newest one, by its id."""
        serving = self.newest.get(Stage.PRODUCTION)
        return serving or max(self.newest.values())

    @property
    def words(self) -> str:
        parts = (f"{self.counts[one]} {one.label.lower()}" for one in STAGES if one in self.counts)
        return ", ".join(parts)


def _stages(ids: Collection[int], at: datetime | None) -> dict[int, Stages]:
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    newest: dict[int, dict[str, int]] = defaultdict(dict)
    rows = held(ModelVersion, at).filter(model__in=ids, deleted_at=None)
    for row in rows.values("model_id", "stage").annotate(count=Count("id"), last=Max("id")):
        counts[row["model_id"]][row["stage"]] = row["count"]
        newest[row["model_id"]][row["stage"]] = row["last"]
    return {model: Stages(counts[model], newest[model]) for model in counts}


def _versions(stages: Mapping[int, Stages], at: datetime | None) -> dict[int, Answers]:
    ids = [one.shown for one in stages.values()]
    rows = list(ModelVersion.objects.filter(id__in=ids).select_related("base_version__model"))
    then = {row["id"]: row for row in _past_stages(ids, at)}
    sheets = {row["version_id"]: row for row in _sheets(VersionSheet, "version_id", ids, at)}
    measured = Measured.of(rows)
    told: dict[int, Answers] = {}
    for version in rows:
        past = then.get(version.pk, {})
        version.stage = past.get("stage", version.stage)
        version.authorized_at = past.get("authorized_at", version.authorized_at)
        sheet = sheets.get(version.pk)
        values = sheet["values"] if sheet else {}
        told[version.model_id] = dict(values) | facts.given_with(version, measured)
    return told


def _past_stages(ids: Collection[int], at: datetime | None) -> Any:
    if at is None:
        return ()
    return held(ModelVersion, at).filter(id__in=ids).values("id", "stage", "authorized_at")


# -- what the registry works out -------------------------------------------------------------------


def _derived(
    ids: Collection[int],
    uses: Mapping[int, Sequence[UseCase]],
    stages: Mapping[int, Stages],
    at: datetime | None,
) -> dict[int, Answers]:
    findings, incidents = _findings(ids, at), _incidents(ids, at)
    attested, reviewed, tierings = _attested(ids, at), _reviewed(ids, at), _tierings(ids, at)
    return {
        pk: {
            "approved_uses": [one.title for one in uses.get(pk, ()) if _is_approved(one)],
            "classifications": [
                f"{one.title}: {one.values['eu_ai_act_class']}"
                for one in uses.get(pk, ())
                if "eu_ai_act_class" in one.values
            ],
            "lifecycle_status": _stage_words(stages.get(pk)),
            "version_history": stages[pk].words if pk in stages else "",
            "findings_summary": findings.get(pk) or "None open",
            "incidents": incidents.get(pk) or "None reported",
            "attested_at": attested.get(pk, ""),
            "last_review_at": reviewed.get(pk, ""),
            **tierings.get(pk, {}),
        }
        for pk in ids
    }


def _is_approved(use: UseCase) -> bool:
    return use.values.get("approval_status") in {"approved", "restricted"}


def _stage_words(stages: Stages | None) -> str:
    found = stages.most_advanced if stages else None
    return str(found.label) if found else ""


def _findings(ids: Collection[int], at: datetime | None) -> dict[int, str]:
    rows = held(Finding, at).filter(model__in=ids, state__in=Finding.UNSETTLED)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for row in rows.values("model_id", "severity").annotate(count=Count("id")):
        counts[row["model_id"]][row["severity"]] = row["count"]
    return {pk: _by_severity(found) for pk, found in counts.items()}


def _by_severity(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{counts[one]} {one.label.lower()}" for one in Severity if counts.get(one))


def _incidents(ids: Collection[int], at: datetime | None) -> dict[int, str]:
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for row in held(Incident, at).filter(model__in=ids).values("model_id", "state"):
        counts[row["model_id"]][row["state"]] += 1
    closed = Incident.State.CLOSED
    return {
        pk: f"{sum(found.values())} reported, {sum(found.values()) - found[closed]} not closed"
        for pk, found in counts.items()
    }


def _attested(ids: Collection[int], at: datetime | None) -> dict[int, str]:
    given = held(OwnerAttestation, at).filter(model__in=ids)
    rows = given.values("model_id").annotate(last=Max("signed_at"))
    return {row["model_id"]: utc_text(row["last"]) for row in rows}


def _reviewed(ids: Collection[int], at: datetime | None) -> dict[int, str]:
    done = held(Review, at).filter(
        model__in=ids, kind=Review.Kind.PERIODIC, state=Review.State.DONE
    )
    rows = done.values("model_id").annotate(last=Max("done_at"))
    return {row["model_id"]: utc_text(row["last"]) for row in rows}


def _tierings(ids: Collection[int], at: datetime | None) -> dict[int, Answers]:
    """Return when each model was tiered last, and the scores that came of it."""
    approved = held(Assessment, at).filter(
        model__in=ids, version=None, use_case=None, state=Assessment.State.APPROVED
    )
    told: dict[int, Answers] = {}
    for row in approved.order_by("approved_at", "id").values("model_id", "approved_at", "result"):
        found = Assessment(result=row["result"])
        if tier_of(found) is not None:
            told[row["model_id"]] = {
                "tier_approved_at": utc_text(row["approved_at"]),
                "materiality_index": _scores(row["result"]),
            }
    return told


def _scores(result: Mapping[str, Any]) -> str:
    sections = result.get("sections", {})
    parts = (
        f"{name} {sections[name]['pct']} of 100"
        for name in SCORED
        if sections.get(name, {}).get("visible")
    )
    return ", ".join(parts)
