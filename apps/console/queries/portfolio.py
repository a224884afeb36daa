"""The list of models: search, facets, and rows with what matters about each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from apps.accounts.models import User
from apps.catalog import queries as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelTag, ModelVersion, RegisteredModel
from apps.console.queries import standing
from apps.console.queries.standing import Standing
from apps.core.actors import Actor
from apps.core.paging import Order
from apps.validation import queries as validation

NEWEST_FIRST = Order(("touched_at", "id"))
MOST_OWNERS = 8
MOST_WITH_DIGEST = 10
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{8,64})")


@dataclass(frozen=True)
class Search:
    """What a reader looks for; empty parts let every model through."""

    text: str = ""
    stage: str = ""
    kind: str = ""
    owner: str = ""

    @property
    def is_empty(self) -> bool:
        return self == Search()

    @property
    def facets(self) -> tuple[tuple[str, str], ...]:
        """The chosen values by the names they have in the address."""
        return (("stage", self.stage), ("kind", self.kind), ("owner", self.owner))

    def among(self, models: QuerySet[RegisteredModel]) -> QuerySet[RegisteredModel]:
        """Keep the models that match."""
        if self.text:
            models = models.filter(_holds(self.text))
        if self.stage:
            in_stage = ModelVersion.objects.filter(model=OuterRef("pk"), stage=self.stage)
            models = models.filter(Exists(in_stage))
        if self.kind:
            models = models.filter(kind=self.kind)
        if self.owner:
            models = models.filter(owner__username=self.owner)
        return models


def _holds(text: str) -> Q:
    """Return the condition that a model's name, title, owner or a tag holds some words."""
    tagged = ModelTag.objects.filter(
        Q(key__icontains=text) | Q(value__icontains=text), model=OuterRef("pk")
    )
    return (
        Q(name__icontains=text)
        | Q(title__icontains=text)
        | Q(owner__display_name__icontains=text)
        | Q(owner__username__icontains=text)
        | Q(Exists(tagged))
    )


@dataclass(frozen=True)
class Row:
    """A model with its champion, its latest version and how that stands."""

    model: RegisteredModel
    champion: ModelVersion | None
    latest: ModelVersion | None
    checks: Standing | None


def matching(actor: Actor, search: Search) -> QuerySet[RegisteredModel]:
    """Return the models a person may see that match, to be ordered and cut."""
    return search.among(catalog.models_visible_to(actor)).select_related("owner")


def rows(models: Sequence[RegisteredModel]) -> list[Row]:
    """Return the rows of some models, in a fixed number of queries."""
    summaries = catalog.summaries(models)
    latest = [summary.latest for summary in summaries if summary.latest]
    counts = validation.counts_by_version(latest)
    return [
        Row(
            summary.model,
            summary.champion,
            summary.latest,
            standing.of_checks(counts.get(summary.latest.pk)) if summary.latest else None,
        )
        for summary in summaries
    ]


@dataclass(frozen=True)
class Option:
    """One value of a facet, in words, with how many models have it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Facets:
    """How many of the models that match otherwise have each value."""

    stages: Sequence[Option]
    kinds: Sequence[Option]
    owners: Sequence[Option]


def facets(actor: Actor, search: Search) -> Facets:
    """Count the values of each facet among what the rest of the search lets through."""
    visible = catalog.models_visible_to(actor)
    return Facets(
        stages=_stages(replace(search, stage="").among(visible)),
        kinds=_kinds(replace(search, kind="").among(visible)),
        owners=_owners(replace(search, owner="").among(visible)),
    )


def _stages(models: QuerySet[RegisteredModel]) -> list[Option]:
    counted = (
        ModelVersion.objects.filter(model__in=models.order_by().values("pk"))
        .values_list("stage")
        .annotate(models=Count("model", distinct=True))
    )
    counts = dict(counted.order_by("stage"))
    return [Option(stage, stage.label, counts[stage]) for stage in Stage if stage in counts]


def _kinds(models: QuerySet[RegisteredModel]) -> list[Option]:
    counts = dict(models.order_by("kind").values_list("kind").annotate(models=Count("pk")))
    kinds = RegisteredModel.Kind
    return [Option(kind, kind.label, counts[kind]) for kind in kinds if kind in counts]


def _owners(models: QuerySet[RegisteredModel]) -> list[Option]:
    counts = dict(models.order_by().values_list("owner").annotate(models=Count("pk")))
    most = sorted(counts, key=lambda pk: (-counts[pk], pk))[:MOST_OWNERS]
    people = User.objects.in_bulk(most)
    return [Option(people[pk].username, str(people[pk]), counts[pk]) for pk in most]


def versions_with_digest(actor: Actor, text: str) -> list[ModelVersion]:
    """Return the versions whose content, or one of whose files, has a digest that begins so."""
    match = _DIGEST.fullmatch(text.strip().lower())
    if match is None:
        return []
    begins = match[1]
    whole = Q(content_digest__startswith=f"sha256:{begins}")
    part = Q(files__artifact__sha256__startswith=begins)
    versions = catalog.versions_visible_to(actor).filter(whole | part).select_related("model")
    return list(versions.order_by("-id").distinct()[:MOST_WITH_DIGEST])
