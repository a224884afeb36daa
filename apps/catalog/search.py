"""Keeps what models are found by true: called by every operation that changes any of it."""

from collections.abc import Collection, Iterator

from apps.catalog.models import ModelVersion, RegisteredModel, SearchText
from apps.catalog.search_words import folded, line_of_words, token, tokens
from apps.core.prepared import Prepared, Slot

MOST_TAG = 500
"""How much of a tag's value is found."""
Had = Collection[tuple[str, str]]
"""The stages and frameworks of a model's versions."""
_WRITTEN = ("names", "facets", "words")


def refresh(model: RegisteredModel) -> None:
    """Write afresh what a model is found by; one that was deleted is found by nothing."""
    stored = RegisteredModel.objects.get(pk=model.pk)
    if stored.deleted_at is not None:
        SearchText.objects.filter(model=stored).delete()
        return
    SearchText.objects.bulk_create(
        [text_of(stored)],
        update_conflicts=True,
        unique_fields=["model"],
        update_fields=_WRITTEN,
    )


def take_in(version: ModelVersion) -> None:
    """Write afresh what a version's model is found by, unless the version adds nothing to it."""
    adds = [token(*pair) for pair in _facets_of(version.stage, version.framework)]
    for (kept,) in _KEPT.tuples(version.model_id):
        if all(f"\t{each}\t" in kept for each in adds):
            return
    refresh(version.model)


_KEPT: Prepared[SearchText] = Prepared(
    lambda: SearchText.objects.filter(model=Slot()).values_list("facets")
)


def text_of(model: RegisteredModel) -> SearchText:
    """Return what a model is found by, as its rows are now."""
    versions = ModelVersion.objects.filter(model=model, deleted_at=None).order_by()
    had = list(versions.values_list("stage", "framework").distinct())
    return SearchText(
        model=model,
        names=f"{folded(model.name)}\n{folded(model.title)}",
        facets=tokens(_facets(model, had)),
        words=line_of_words(_texts(model, had)),
    )


def _texts(model: RegisteredModel, had: Had) -> Iterator[str]:
    """Yield the texts whose words find a model, what names it first."""
    yield from (model.name, model.title, model.domain, model.method)
    yield model.team.name if model.team else ""
    yield from sorted({framework for _, framework in had})
    yield from model.aliases.order_by("pk").values_list("name", flat=True)
    for key, value in model.tags.order_by("pk").values_list("key", "value"):
        yield from (key, value[:MOST_TAG])
    yield from (model.intended_use, model.description)


def _facets(model: RegisteredModel, had: Had) -> Iterator[tuple[str, object]]:
    yield from (("kind", model.kind), ("domain", model.domain))
    yield from (("team", model.team_id), ("owner", model.owner_id))
    yield from (("flag", flag) for flag in model.flags)
    for stage, framework in had:
        yield from _facets_of(stage, framework)


def _facets_of(stage: str, framework: str) -> Iterator[tuple[str, object]]:
    """Yield what a version adds to the facets of its model."""
    yield ("stage", stage)
    if framework:
        yield ("framework", framework)
