"""Names that move and words that describe: aliases and tags."""

from typing import ClassVar

from django.db import models

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models.registered import RegisteredModel
from apps.catalog.models.versions import ModelVersion

CHAMPION = "champion"
"""The alias of the version in production; only promotion and rollback move it."""


class Alias(GovernedRow):
    """A movable name of one version of a model."""

    RECORD = RecordKind("alias", "als", 1, ("model_id", "name", "version_id"))
    REMOVABLE = True

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="aliases")
    name = models.CharField(max_length=255)
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="aliases")

    history = EventHistory()

    class Meta:
        db_table = "catalog_alias"
        verbose_name_plural = "aliases"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["model", "name"], name="alias_once_per_model")
        ]

    def __str__(self) -> str:
        return f"@{self.name}"

    @property
    def root(self) -> RegisteredModel:
        return self.model


class ModelTag(GovernedRow):
    """A key and value on a registered model."""

    RECORD = RecordKind("model_tag", "mtg", 1, ("model_id", "key", "value"))
    REMOVABLE = True

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="tags")
    key = models.CharField(max_length=250)
    value = models.TextField(blank=True, max_length=5000)

    history = EventHistory()

    class Meta:
        db_table = "catalog_model_tag"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["model", "key"], name="model_tag_once")
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"

    @property
    def root(self) -> RegisteredModel:
        return self.model


class VersionTag(GovernedRow):
    """A key and value on a version."""

    RECORD = RecordKind("version_tag", "vtg", 1, ("version_id", "key", "value"))
    REMOVABLE = True

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="tags")
    key = models.CharField(max_length=250)
    value = models.TextField(blank=True, max_length=100_000)

    history = EventHistory()

    class Meta:
        db_table = "catalog_version_tag"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "key"], name="version_tag_once")
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"

    @property
    def root(self) -> RegisteredModel:
        return self.version.model
