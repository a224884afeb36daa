"""Aliases and tags: names that move, and words that describe."""

from collections.abc import Mapping

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import names, prompts, search
from apps.catalog.models import Alias, ModelTag, ModelVersion, RegisteredModel, VersionTag
from apps.core.actors import Actor
from apps.core.errors import NotFound, RuleBroken
from apps.core.inputs import InputRefused
from apps.core.prepared import Prepared, Slot

_CHANGE = "catalog.change_registeredmodel"
_REFUSAL = "You do not have the right to describe this model."

SET_ALIAS = Action("model.set_alias", permission=_CHANGE, refusal=_REFUSAL)
REMOVE_ALIAS = Action("model.remove_alias", permission=_CHANGE, refusal=_REFUSAL)
SET_MODEL_TAG = Action("model.set_tag", permission=_CHANGE, refusal=_REFUSAL)
DELETE_MODEL_TAG = Action("model.delete_tag", permission=_CHANGE, refusal=_REFUSAL)
SET_VERSION_TAG = Action("version.set_tag", permission=_CHANGE, refusal=_REFUSAL)
DELETE_VERSION_TAG = Action("version.delete_tag", permission=_CHANGE, refusal=_REFUSAL)

_VERSION_TAG: Prepared[VersionTag] = Prepared(
    lambda: VersionTag.objects.filter(version=Slot(0), key=Slot(1))
)
_ALIAS: Prepared[Alias] = Prepared(lambda: Alias.objects.filter(model=Slot(0), name=Slot(1)))

MOST_TAGS_AT_ONCE = 50
"""How many tags come with a new model or version; one event names no more than 64 rows."""
MOST_MODEL_TAG = 5000
MOST_VERSION_TAG = 100_000


def set_alias(model: RegisteredModel, name: str, version: ModelVersion, *, by: Actor) -> Alias:
    """Point an alias at a version of the model, wherever it pointed before."""
    with change(SET_ALIAS, model, by=by) as record:
        names.require_alias(name)
        if version.model_id != model.pk:
            raise RuleBroken(f"{version} is not a version of {model}.")
        known = _ALIAS.row(model.pk, name)
        alias = known or Alias(name=name)
        alias.model = model
        origin = known and ModelVersion.RECORD.id_of(known.version_id)
        if alias.version_id != version.pk:
            alias.version = version
            alias.save()
        if known is None:
            search.refresh(model)
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
        search.refresh(model)


def set_model_tag(model: RegisteredModel, key: str, value: str, *, by: Actor) -> ModelTag:
    """Give a model a tag, or its tag another value."""
    with change(SET_MODEL_TAG, model, by=by) as record:
        names.require_tag(key, value, MOST_MODEL_TAG)
        prompts.require_kind_kept(model, key, value)
        tag = model.tags.filter(key=key).first() or ModelTag(model=model, key=key)
        _give(tag, value)
        search.refresh(model)
        record.note(key=key)
    return tag


def delete_model_tag(model: RegisteredModel, key: str, *, by: Actor) -> None:
    """Take a tag away from a model."""
    with change(DELETE_MODEL_TAG, model, by=by) as record:
        prompts.require_kind_kept(model, key, None)
        _take(model.tags.filter(key=key).first(), key)
        search.refresh(model)
        record.note(key=key)


def set_version_tag(version: ModelVersion, key: str, value: str, *, by: Actor) -> VersionTag:
    """Give a version a tag, or its tag another value."""
    with change(SET_VERSION_TAG, version, by=by) as record:
        names.require_tag(key, value, MOST_VERSION_TAG)
        prompts.require_content_kept(version, key, value)
        tag = _VERSION_TAG.row(version.pk, key) or VersionTag(key=key)
        tag.version = version
        _give(tag, value)
        record.note(key=key)
    return tag


def delete_version_tag(version: ModelVersion, key: str, *, by: Actor) -> None:
    """Take a tag away from a version."""
    with change(DELETE_VERSION_TAG, version, by=by) as record:
        prompts.require_content_kept(version, key, None)
        _take(version.tags.filter(key=key).first(), key)
        record.note(key=key)


def tag_new_model(model: RegisteredModel, tags: Mapping[str, str]) -> None:
    """Give a model its first tags, inside the change that registers it."""
    _require_few(tags)
    for key, value in sorted(tags.items()):
        names.require_tag(key, value, MOST_MODEL_TAG)
        ModelTag(model=model, key=key, value=value).save()


def tag_new_version(version: ModelVersion, tags: Mapping[str, str]) -> None:
    """Give a version its first tags, inside the change that registers it."""
    _require_few(tags)
    for key, value in sorted(tags.items()):
        names.require_tag(key, value, MOST_VERSION_TAG)
        VersionTag(version=version, key=key, value=value).save()


def _require_few(tags: Mapping[str, str]) -> None:
    if len(tags) > MOST_TAGS_AT_ONCE:
        raise InputRefused(
            f"At most {MOST_TAGS_AT_ONCE} tags can be given at once; these are {len(tags)}. "
            "Set the others afterwards."
        )


def _give(tag: ModelTag | VersionTag, value: str) -> None:
    if tag._state.adding or tag.value != value:
        tag.value = value
        tag.save()


def _take(tag: ModelTag | VersionTag | None, key: str) -> None:
    if tag is None:
        raise NotFound(f"There is no tag {key!a}.")
    tag.delete()
