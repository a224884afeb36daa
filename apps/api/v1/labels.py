"""Tags and aliases: names that move, and words that describe."""

from typing import TypeVar

from django.db.models import QuerySet
from django.http import Http404
from ninja import Router

from apps.api.callers import Call
from apps.api.conditional import unless_changed
from apps.api.strictness import Nothing
from apps.api.v1 import found
from apps.api.v1.answers.models import AliasAnswer, Tag
from apps.api.v1.asked.models import Pointed, Tagged
from apps.catalog import operations
from apps.catalog.models import Alias, ModelTag, VersionTag

Label = TypeVar("Label", Alias, ModelTag, VersionTag)

router = Router(tags=["tags and aliases"])
_MODEL_TAG = "/models/{name}/tags/{path:key}"
_VERSION_TAG = "/models/{name}/versions/{int:number}/tags/{path:key}"
_ALIAS = "/models/{name}/aliases/{alias}"


@router.get(_MODEL_TAG, url_name="model_tag", response=Tag)
def show_model_tag(request: Call, name: str, key: str) -> Tag:
    """Show a tag of a model."""
    return Tag.of(_first(found.model(request.actor, name).tags.filter(key=key)))


@router.put(_MODEL_TAG, url_name="model_tag", response=Tag)
def set_model_tag(request: Call, name: str, key: str, asked: Tagged) -> Tag:
    """Give a model a tag, or its tag another value."""
    model = found.model(request.actor, name, to=operations.SET_MODEL_TAG)
    with unless_changed(request, lambda: show_model_tag(request, name, key)):
        return Tag.of(operations.set_model_tag(model, key, asked.value, by=request.actor))


@router.delete(_MODEL_TAG, url_name="model_tag", response={204: None})
def delete_model_tag(request: Call, name: str, key: str, asked: Nothing | None = None) -> None:  # noqa: ARG001 - declared, so that a body with fields is refused
    """Take a tag away from a model."""
    model = found.model(request.actor, name, to=operations.DELETE_MODEL_TAG)
    with unless_changed(request, lambda: show_model_tag(request, name, key)):
        operations.delete_model_tag(model, key, by=request.actor)


@router.get(_VERSION_TAG, url_name="version_tag", response=Tag)
def show_version_tag(request: Call, name: str, number: int, key: str) -> Tag:
    """Show a tag of a version."""
    return Tag.of(_first(found.version(request.actor, name, number).tags.filter(key=key)))


@router.put(_VERSION_TAG, url_name="version_tag", response=Tag)
def set_version_tag(request: Call, name: str, number: int, key: str, asked: Tagged) -> Tag:
    """Give a version a tag, or its tag another value."""
    version = found.version(request.actor, name, number, to=operations.SET_VERSION_TAG)
    with unless_changed(request, lambda: show_version_tag(request, name, number, key)):
        return Tag.of(operations.set_version_tag(version, key, asked.value, by=request.actor))


@router.delete(_VERSION_TAG, url_name="version_tag", response={204: None})
def delete_version_tag(
    request: Call,
    name: str,
    number: int,
    key: str,
    asked: Nothing | None = None,  # noqa: ARG001 - as above
) -> None:
    """Take a tag away from a version."""
    version = found.version(request.actor, name, number, to=operations.DELETE_VERSION_TAG)
    with unless_changed(request, lambda: show_version_tag(request, name, number, key)):
        operations.delete_version_tag(version, key, by=request.actor)


@router.get(_ALIAS, url_name="alias", response=AliasAnswer)
def show_alias(request: Call, name: str, alias: str) -> AliasAnswer:
    """Show which version an alias points at."""
    aliases = found.model(request.actor, name).aliases.filter(name=alias)
    return AliasAnswer.of(_first(aliases.select_related("version", "model")))


@router.put(_ALIAS, url_name="alias", response=AliasAnswer)
def set_alias(request: Call, name: str, alias: str, asked: Pointed) -> AliasAnswer:
    """Point an alias at a version; ``champion`` moves only by promotion and rollback."""
    model = found.model(request.actor, name, to=operations.SET_ALIAS)
    version = found.version_of(model, asked.version)
    with unless_changed(request, lambda: show_alias(request, name, alias)):
        return AliasAnswer.of(operations.set_alias(model, alias, version, by=request.actor))


@router.delete(_ALIAS, url_name="alias", response={204: None})
def remove_alias(request: Call, name: str, alias: str, asked: Nothing | None = None) -> None:  # noqa: ARG001 - as above
    """Take an alias away."""
    model = found.model(request.actor, name, to=operations.REMOVE_ALIAS)
    with unless_changed(request, lambda: show_alias(request, name, alias)):
        operations.remove_alias(model, alias, by=request.actor)


def _first(labels: QuerySet[Label, Label]) -> Label:
    label = labels.first()
    if label is None:
        raise Http404
    return label
