"""What an organization gives checks: their parameters, and the lists they judge by."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import Artifact, RegisteredModel


class CheckSetting(GovernedRow):
    """The parameters of one check, for one model or, without one, for the whole organization."""

    RECORD = RecordKind("check_setting", "cst", 1, ("model_id", "check_name", "parameters"))

    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, null=True, related_name="check_settings"
    )
    check_name = models.CharField(max_length=60)
    parameters: Any = models.JSONField(default=dict)
    """What differs from the check's own defaults; numbers that are not whole are texts."""

    history = EventHistory()

    class Meta:
        db_table = "validation_check_setting"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["model", "check_name"], name="check_set_once_a_model"),
            models.UniqueConstraint(
                fields=["check_name"], condition=Q(model=None), name="check_set_once_for_all"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_name} for {self.model or 'every model'}"

    @property
    def root(self) -> GovernedRow:
        return self.model or self


class ReferenceList(GovernedRow):
    """A list checks judge by, as it was loaded: the newest of a kind is in force."""

    class Kind(models.TextChoices):
        ADVISORIES = "advisories", "Known vulnerabilities"
        SIGNERS = "signers", "Trusted signers"

    RECORD = RecordKind(
        "reference_list", "ref", 1, ("kind", "digest", "entries", "origin", "loaded_at")
    )

    kind = models.CharField(max_length=20, choices=Kind.choices)
    digest = models.CharField(max_length=71)
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, related_name="+")
    entries = models.PositiveIntegerField()
    origin = models.CharField(max_length=300, blank=True)
    """Where it was taken from, as whoever loaded it says."""
    loaded_at = models.DateTimeField()

    history = EventHistory()

    class Meta:
        db_table = "validation_reference_list"
        indexes: ClassVar = [models.Index(fields=["kind", "-id"], name="reference_list_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.entries} entries"
