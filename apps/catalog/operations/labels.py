"""Aliases and tags: names that move, and words that describe."""

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import names
from apps.catalog.models import Alias, ModelTag, ModelVersion, RegisteredModel, VersionTag
from apps.core.actors import Actor
from apps.core.errors import NotFound, RuleBroken

_CHANGE = "catalog.change_registeredmodel"
_REFUSAL = "You do not have the right to describe this model."

SET_ALIAS = Action("model.set_alias", permission=_CHANGE, refusal=_REFUSAL)
REMOVE_ALIAS = Action("model.remove_alias", permission=_CHANGE, refusal=_REFUSAL)
SET_MODEL_TAG = Action("model.set_tag", permission=_CHANGE, refusal=_REFUSAL)
DELETE_MODEL_TAG = Action("model.delete_tag", permission=_CHANGE, refusal=_REFUSAL)
SET_VERSION_TAG = Action("version.set_tag", permission=_CHANGE, refusal=_REFUSAL)
DELETE_VERSION_TAG = Action("version.delete_tag", permission=_CHANGE, refusal=_REFUSAL)

MOST_MODEL_TAG = 5000
MOST_VERSION_TAG = 100_000


def set_alias(model: RegisteredModel, name: str, version: ModelVersion, *, by: Actor) -> Alias:
    """Point an alias at a version of the model, wherever it pointed before."""
    with change(SET_ALIAS, model, by=by) as record:
        names.require_alias(name)
        if version.model_id != model.pk:
            raise RuleBroken(f"{version} is not a version of {model}.")
        alias = model.aliases.filter(name=name).first() or Alias(model=model, name=name)
        origin = alias.version.record_id if alias.pk else None
        if origin != version.record_id:
            alias.version = version
            alias.save()
        record.note(alias=name, origin=origin, target=version.record_id)
    return alias


def remove_alias(model: RegisteredModel, name: str, *, by: Actor) -> None:
    """Take an alias away from whichever version has it."""
    with change(REMOVE_ALIAS, model, by=by) as record:
        names.require_alias(name)
        alias = model.aliases.filter(name=name).select_related("version").first()
        if alias is None:
            raise NotFound(f"{model} has no alias {name}.")
        record.note(alias=name, origin=alias.version.record_id)
        alias.delete()


def set_model_tag(model: RegisteredModel, key: str, value: str, *, by: Actor) -> ModelTag:
    """Give a model a tag, or its tag another value."""
    with change(SET_MODEL_TAG, model, by=by) as record:
        names.require_tag(key, value, MOST_MODEL_TAG)
        tag = model.tags.filter(key=key).first() or ModelTag(model=model, key=key)
        _give(tag, value)
        record.note(key=key)
    return tag


def delete_model_tag(model: RegisteredModel, key: str, *, by: Actor) -> None:
    """Take a tag away from a model."""
    with change(DELETE_MODEL_TAG, model, by=by) as record:
        _take(model.tags.filter(key=key).first(), key)
        record.note(key=key)


def set_version_tag(version: ModelVersion, key: str, value: str, *, by: Actor) -> VersionTag:
    """Give a version a tag, or its tag another value."""
    with change(SET_VERSION_TAG, version, by=by) as record:
        names.require_tag(key, value, MOST_VERSION_TAG)
        tag = version.tags.filter(key=key).first() or VersionTag(version=version, key=key)
        _give(tag, value)
        record.note(key=key)
    return tag


def delete_version_tag(version: ModelVersion, key: str, *, by: Actor) -> None:
    """Take a tag away from a version."""
    with change(DELETE_VERSION_TAG, version, by=by) as record:
        _take(version.tags.filter(key=key).first(), key)
        record.note(key=key)


def _give(tag: ModelTag | VersionTag, value: str) -> None:
    if tag._state.adding or tag.value != value:
        tag.value = value
        tag.save()


def _take(tag: ModelTag | VersionTag | None, key: str) -> None:
    if tag is None:
        raise NotFound(f"There is no tag {key!a}.")
    tag.delete()
