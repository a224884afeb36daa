"""What deleting leaves: a tombstone, and rows that lists leave out. Runs inside a change."""

from datetime import datetime

from apps.catalog import search
from apps.catalog.models import ModelVersion, RegisteredModel, Tombstone
from apps.core.errors import RuleBroken

MOST_ALIASES = 50
"""How many aliases go with a version; one event names no more than 64 rows."""


def lay_version(version: ModelVersion, *, at: datetime) -> None:
    """Mark a version as deleted; its aliases go, its number and rows stay."""
    aliases = list(version.aliases.all())
    if len(aliases) > MOST_ALIASES:
        raise RuleBroken(f"{version} has more than {MOST_ALIASES} aliases. Remove some first.")
    for alias in aliases:
        alias.delete()
    Tombstone(model=version.model, version=version).save()
    version.deleted_at = version.touched_at = at
    version.save()
    version.model.touch()
    search.refresh(version.model)


def lay_model(model: RegisteredModel, *, at: datetime) -> None:
    """Mark a model with all its versions as deleted; its name is free again.

    The versions' column only repeats the model's tombstone for lists, so it leaves no history.
    """
    Tombstone(model=model).save()
    model.deleted_at = model.touched_at = at
    model.save()
    ModelVersion._base_manager.filter(model=model, deleted_at=None).update(deleted_at=at)
    search.refresh(model)
