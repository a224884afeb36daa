"""Versions with their models as they are now, and what hangs on them, read in a few queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet, Value, prefetch_related_objects

from apps.accounts import queries as accounts
from apps.accounts.models import User
from apps.accounts.queries import Answering
from apps.catalog.inventory import facts as inventory
from apps.catalog.inventory import sheets
from apps.catalog.inventory.facts import Answers, Measured
from apps.catalog.lifecycle import Stage
from apps.catalog.models import (
    LineageEdge,
    ModelDuty,
    ModelVersion,
    RegisteredModel,
    RunMetric,
    ThirdParty,
    UseCase,
)

OWNER = "model_owner"


@dataclass(frozen=True)
class Records:
    """Some versions with what is recorded about them, read afresh whatever the caller holds."""

    versions: Mapping[int, ModelVersion]
    edges: Mapping[int, Sequence[LineageEdge]]
    """The live edges that end or begin at a version."""
    owners: Mapping[int, Collection[int]]
    """Everyone who ever owned a model, by its id."""
    answering: Answering
    serving: Mapping[int, ModelVersion]
    """The version in production of each model that has one; of several, the newest."""
    measured: Measured
    _answers: dict[int, Answers] = field(default_factory=dict)

    @classmethod
    def about(cls, versions: Collection[ModelVersion]) -> "Records":
        """Read the records of many versions in a fixed number of queries."""
        rows = with_records(ModelVersion.objects.defer("signature", "input_example"))
        found = rows.in_bulk([version.pk for version in versions])
        return cls.around(found)

    @classmethod
    def around(cls, found: Mapping[int, ModelVersion]) -> "Records":
        """Read what else is recorded about versions that ``with_records`` read just now."""
        models = _shared_models(found.values())
        serving, measured = _serving_and_measured(models, found)
        owners, answering = _owners_and_answering(models)
        return cls(
            found,
            _edges(found),
            owners,
            answering,
            serving,
            measured,
        )

    def with_who_answers(self, ids: Iterable[str]) -> list[str]:
        """Return some people, and whoever answers for the service accounts among them."""
        named = list(ids)
        behind = (person for one in named for person in self.answering.get(one, ()))
        return list(dict.fromkeys([*named, *behind]))

    def answerable(self, actor_id: str) -> str:
        """Return whom duties bind for what an actor does: who answers for it, of a service."""
        return next(iter(self.answering.get(actor_id, ())), actor_id)

    def answers(self, version: ModelVersion) -> Answers:
        """Return what the inventory knows of a version's model, worked out once a model."""
        known = self._answers.get(version.model_id)
        if known is None:
            known = inventory.of_model(version.model, self.third_parties(version))
            self._answers[version.model_id] = known
        return known

    def version_answers(self, version: ModelVersion) -> Answers:
        """Return what the inventory knows of a version."""
        return inventory.of_version(version, self.measured)

    def inventory_digest(self, version: ModelVersion) -> str | None:
        """Return the digest of all that the inventory holds about a version, if it holds any."""
        return sheets.digest_as_loaded(self.versions[version.pk])

    def third_parties(self, version: ModelVersion) -> list[ThirdParty]:
        """Return the supplier relationships of a version's model that have not ended."""
        return inventory.live_third_parties(version.model)

    def uses(self, version: ModelVersion) -> list[UseCase]:
        """Return the uses of a version's model that have not ended."""
        return inventory.live_use_cases(version.model)


def final_metrics(run_ids: Collection[int]) -> QuerySet[RunMetric]:
    """Return what some runs measured at the last step of every series."""
    return RunMetric.objects.filter(run__in=run_ids, is_last=True)


def with_records(rows: QuerySet[Any, Any], path: str = "") -> QuerySet[Any, Any]:
    """Read rows with the version each leads to by a path, and what is joined to it one to one."""
    related = ("sheet", "run", "base_version__model", "model__owner", "model__sheet")
    bulky = ("base_version__signature", "base_version__input_example")
    found: QuerySet[Any, Any] = rows.select_related(*(f"{path}{name}" for name in related))
    return found.defer(*(f"{path}{name}" for name in bulky))


def _shared_models(versions: Collection[ModelVersion]) -> dict[int, RegisteredModel]:
    """Let versions of one model share one row in memory, which is read with all that is beside."""
    models: dict[int, RegisteredModel] = {}
    for version in versions:
        version.model = models.setdefault(version.model_id, version.model)
    prefetch_related_objects(list(models.values()), "tags", "third_parties", "use_cases")
    return models


def _serving_and_measured(
    models: Mapping[int, RegisteredModel], versions: Collection[int]
) -> tuple[Mapping[int, ModelVersion], Measured]:
    """Read the versions in production, and what the runs of some versions measured, in one query.

    What runs measured is not read with the versions themselves: PostgreSQL overestimates that many
    joins before it has counted rows, and compiles a query for seconds that takes milliseconds.
    """
    there = Q(pk__in=versions) | Q(model__in=models, stage=Stage.PRODUCTION)
    rows = ModelVersion.objects.filter(there).select_related("run").order_by("pk")
    found = list(rows.annotate(**Measured.annotations("run")))
    serving: dict[int, ModelVersion] = {}
    for version in found:
        if version.stage == Stage.PRODUCTION:
            version.model = models[version.model_id]
            serving[version.model_id] = version
    return serving, Measured.read_off(found)


def _edges(versions: Collection[int]) -> Mapping[int, Sequence[LineageEdge]]:
    touching = Q(origin_version__in=versions) | Q(target_version__in=versions)
    edges = (
        LineageEdge.objects.filter(touching, ended_at=None)
        .select_related("origin_asset", "origin_version", "target_asset", "target_version")
        .defer("origin_version__signature", "origin_version__input_example")
        .defer("target_version__signature", "target_version__input_example")
    )
    by_version: dict[int, list[LineageEdge]] = defaultdict(list)
    for edge in edges.order_by("pk"):
        for end in {edge.origin_version_id, edge.target_version_id}:
            if end in versions and end is not None:
                by_version[end].append(edge)
    return by_version


def _owners_and_answering(
    model_ids: Collection[int],
) -> tuple[Mapping[int, Collection[int]], Answering]:
    """Read in one query who ever answered for a model or held its owner's duty, people of a team
    among them, and who answers for service accounts."""
    states = RegisteredModel.history.filter(id__in=model_ids).order_by()
    duties = ModelDuty.objects.filter(model__in=model_ids, role=OWNER).order_by()
    by_team = duties.exclude(team=None)
    rows = list(
        states.values_list(Value(OWNER), "id", "owner_id").union(
            duties.exclude(user=None).values_list(Value(OWNER), "model_id", "user_id"),
            by_team.values_list(Value(OWNER), "model_id", "team__memberships__user_id"),
            *accounts.states_of_services(),
        )
    )
    owners: dict[int, set[int]] = defaultdict(set)
    for kind, model_id, user_id in rows:
        if kind == OWNER and user_id is not None:  # a team nobody was ever in
            owners[model_id].add(user_id)
    return owners, accounts.read_answering(row for row in rows if row[0] != OWNER)


def as_people(ids: Collection[int]) -> list[str]:
    """Return people as policies name them, in a fixed order."""
    return [User.RECORD.id_of(pk) for pk in sorted(ids)]
