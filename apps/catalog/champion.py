"""The alias of the version in production; promotion and rollback move it, and nothing else does."""

from apps.catalog import search
from apps.catalog.lifecycle import Stage
from apps.catalog.models import Alias, ModelVersion, RegisteredModel
from apps.catalog.models.labels import CHAMPION

__all__ = ["CHAMPION", "leave", "move", "of"]


def of(model: RegisteredModel) -> ModelVersion | None:
    """Return the version that is champion of a model."""
    alias = model.aliases.filter(name=CHAMPION).select_related("version__model").first()
    return alias.version if alias else None


def move(version: ModelVersion) -> Alias:
    """Make a version the champion of its model, inside the change that decides so."""
    alias = Alias.objects.filter(model=version.model_id, name=CHAMPION).first()
    if alias is None:
        alias = Alias(model=version.model, name=CHAMPION)
    alias.version = version
    alias.save()
    search.refresh(version.model)
    return alias


def leave(version: ModelVersion) -> None:
    """Take the alias away from a version that leaves production; another one there gets it."""
    alias = Alias.objects.filter(model=version.model_id, name=CHAMPION, version=version).first()
    others = ModelVersion.objects.filter(model=version.model_id, stage=Stage.PRODUCTION)
    next_one = others.exclude(pk=version.pk).order_by("-pk").first()
    if alias is not None and next_one is not None:
        alias.version = next_one
        alias.save()
    elif alias is not None:
        alias.delete()
    search.refresh(version.model)
