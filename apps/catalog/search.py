"""Keeps what models are found by true: called by every operation that changes any of it."""

from collections.abc import Collection, Iterator

from apps.catalog.models import Alias, ModelTag, ModelVersion, RegisteredModel, SearchText
from apps.catalog.search_words import folded, line_of_words, token, tokens
from apps.core.prepared import Prepared, Slot

MOST_TAG = 500
"""How much of a tag's value is found."""
Had = Collection[tuple[str, str]]
"""The stages and frameworks of a model's versions."""


def refresh(model: RegisteredModel) -> None:
    """Write afresh what a model is found by; one that was deleted is found by nothing."""
    stored = _STORED.row(model.pk)
    if stored is None or stored.deleted_at is not None:
        SearchText.objects.filter(model=model).delete()
    else:
        text_of(stored).save()


def take_in(version: ModelVersion) -> None:
    """Write afresh what a version's model is found by, unless the version adds nothing to it."""
    adds = [token(*pair) for pair in _facets_of(version.stage, version.framework)]
    for (kept,) in _KEPT.tuples(version.model_id):
        if all(f"\t{each}\t" in kept for each in adds):
            return
    refresh(version.model)


_STORED: Prepared[RegisteredModel] = Prepared(
    lambda: RegisteredModel.objects.select_related("team").filter(pk=Slot())
)
_KEPT: Prepared[SearchText] = Prepared(
    lambda: SearchText.objects.filter(model=Slot()).values_list("facets")
)
_HAD: Prepared[ModelVersion] = Prepared(
    lambda: (
        ModelVersion.objects.filter(model=Slot(), deleted_at=None)
        .order_by()
        .values_list("stage", "framework")
        .distinct()
    )
)
_ALIASES: Prepared[Alias] = Prepared(
    lambda: Alias.objects.filter(model=Slot()).order_by("pk").values_list("name")
)
_TAGS: Prepared[ModelTag] = Prepared(
    lambda: ModelTag.objects.filter(model=Slot()).order_by("pk").values_list("key", "value")
)


def text_of(model: RegisteredModel) -> SearchText:
    """Return what a model is found by, as its rows are now."""
    had = [(stage, framework) for stage, framework in _HAD.tuples(model.pk)]
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
    for (name,) in _ALIASES.tuples(model.pk):
        yield name
    for key, value in _TAGS.tuples(model.pk):
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
