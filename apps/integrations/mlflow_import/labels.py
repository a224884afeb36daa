"""Descriptions, tags and aliases: those that may be here are set, the others are noted."""

from collections.abc import Iterable, Mapping

from apps.catalog import names, prompts
from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.catalog.models.labels import CHAMPION
from apps.catalog.operations.labels import MOST_MODEL_TAG, MOST_TAGS_AT_ONCE, MOST_VERSION_TAG
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused, require_text
from apps.integrations.mlflow_import import answers
from apps.integrations.mlflow_import.order import Order
from apps.integrations.mlflow_import.report import Notes

STAGE = "mlflow.imported.stage"
SOURCE = "mlflow.imported.source"
NO_STAGE = "None"
EXPERIMENTS = "_mlflow_experiment_ids"
"""The tag by which clients find the prompts of an experiment; ids are others here."""


def text_or_blank(notes: Notes, what: str, text: str | None, most: int) -> str:
    """Return a text that may be here, or nothing and a note."""
    try:
        require_text(text or "", f"The {what}", most, lines=True)
    except InputRefused as refusal:
        notes.leave(what, str(refusal))
        return ""
    return text or ""


def model_tags(notes: Notes, told: answers.Model) -> dict[str, str]:
    """Return those tags of a model that may be here, and mean something here."""
    tags = _that_may_be(notes, told.tags, MOST_MODEL_TAG)
    if tags.pop(EXPERIMENTS, None) is not None:
        notes.leave(f"tag {EXPERIMENTS}", "It names experiments by the ids they have over there.")
    return tags


def version_tags(notes: Notes, told: answers.Version, *, source: str) -> dict[str, str]:
    """Return those tags of a version that may be here, with its stage and source over there.

    Those that are the content of a prompt come first: they can only be given at once.
    """
    tags = _that_may_be(notes, told.tags, MOST_VERSION_TAG)
    stage = told.current_stage or NO_STAGE
    if stage != NO_STAGE:
        tags[STAGE] = stage
        notes.leave(f"stage {stage}", f"It is kept as the tag {STAGE}; stages move by promotion.")
    if source != (told.source or ""):
        tags |= _that_may_be(notes, [answers.Pair(SOURCE, told.source or "")], MOST_VERSION_TAG)
    return dict(sorted(tags.items(), key=lambda tag: tag[0] not in prompts.CONTENT))


def first(tags: Mapping[str, str]) -> dict[str, str]:
    """Return as many tags as may be given while something is registered."""
    return dict(list(tags.items())[:MOST_TAGS_AT_ONCE])


def set_other_model_tags(order: Order, model: RegisteredModel, tags: Mapping[str, str]) -> None:
    """Set the tags a model does not have yet; what it has here is left as it is."""
    there = set(model.tags.values_list("key", flat=True))
    for key in tags.keys() - there:
        catalog.set_model_tag(model, key, tags[key], by=order.by)
        order.report.taken["tags"] += 1


def set_other_version_tags(order: Order, version: ModelVersion, tags: Mapping[str, str]) -> None:
    """Set the tags a version does not have yet."""
    there = set(version.tags.values_list("key", flat=True))
    for key in tags.keys() - there:
        catalog.set_version_tag(version, key, tags[key], by=order.by)
        order.report.taken["tags"] += 1


def set_aliases(order: Order, model: RegisteredModel, told: answers.Model) -> None:
    """Set the aliases a model does not have yet; one that it has here never moves by an import."""
    notes = order.notes(told.name)
    there = dict(model.aliases.values_list("name", "version__number"))
    for alias in told.aliases:
        if alias.alias not in there:
            _set_alias(order, model, alias)
        elif there[alias.alias] == alias.version:
            notes.was_there("aliases")
        else:
            number = there[alias.alias]
            notes.leave(f"alias {alias.alias}", f"It names version {number} here, and stays there.")


def _set_alias(order: Order, model: RegisteredModel, told: answers.NamedAlias) -> None:
    notes, what = order.notes(model.name, told.version), f"alias {told.alias}"
    if names.folded_name(told.alias) == CHAMPION:
        notes.leave(what, f"The alias {CHAMPION} moves by promotion and rollback only.")
        return
    version = model.versions.filter(number=told.version, deleted_at=None).first()
    if version is None:
        notes.leave(what, "The version it names is not here.")
        return
    try:
        catalog.set_alias(model, told.alias, version, by=order.by)
    except NotAllowed:
        raise
    except RuleBroken as refusal:
        notes.leave(what, str(refusal))
    else:
        notes.took("aliases")


def _that_may_be(notes: Notes, told: Iterable[answers.Pair], most: int) -> dict[str, str]:
    tags: dict[str, str] = {}
    for tag in told:
        try:
            names.require_tag(tag.key, tag.value, most)
        except InputRefused as refusal:
            notes.leave(f"tag {tag.key}", str(refusal))
        else:
            tags[tag.key] = tag.value
    return tags
