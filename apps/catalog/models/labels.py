"""Names that move, words that describe, and marks of what was deleted."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models.registered import RegisteredModel
from apps.catalog.models.starts import Start
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


class Tombstone(GovernedRow):
    """The mark that a version, or a whole model, was deleted. The rows stay, for the record."""

    RECORD = RecordKind("tombstone", "tmb", 1, ("model_id", "version_id"))

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="tombstones")
    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, related_name="tombstones"
    )

    history = EventHistory()

    class Meta:
        db_table = "catalog_tombstone"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["model"], condition=Q(version=None), name="one_tombstone_per_model"
            ),
            models.UniqueConstraint(fields=["version"], name="one_tombstone_per_version"),
        ]

    def __str__(self) -> str:
        return f"{self.version or self.model} was deleted"

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
        indexes: ClassVar = [
            models.Index(F("key"), Start("value"), F("model"), name="model_tag_to_model")
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
        indexes: ClassVar = [
            models.Index(F("key"), Start("value"), F("version"), name="version_tag_to_version")
        ]

    def __str__(self) -> str:
        return f"{self.key}={self.value}"

    @property
    def root(self) -> RegisteredModel:
        return self.version.model
