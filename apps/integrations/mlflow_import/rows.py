"""How far imports have come. Ordinary rows: what they did to models stands in the record."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.catalog.models import ModelVersion, RegisteredModel, Run, Upload


class ImportJob(models.Model):
    """One version whose bytes lie elsewhere, and how it goes with fetching them.

    ``tries`` is the fence: only the worker that began the newest try concludes it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be fetched"
        DONE = "done", "Fetched"
        FAILED = "failed", "Could not be fetched"

    version = models.OneToOneField(
        ModelVersion, on_delete=models.PROTECT, related_name="import_job"
    )
    source = models.CharField(max_length=63, blank=True)
    """The name of the configured server that has it."""
    upload = models.ForeignKey(
        Upload, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    """Where files wait until all are there, so that a lost worker's work is not lost."""
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField()
    next_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        db_table = "integrations_import_job"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state="waiting", finished_at=None)
                | Q(state__in=["done", "failed"], finished_at__isnull=False),
                name="import_job_finished_when_final",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(state="waiting"), name="import_job_due")
        ]

    def __str__(self) -> str:
        return f"Import of {self.version_id}"


class ImportedModel(models.Model):
    """A model of another registry and the one it became here."""

    address = models.CharField(max_length=500)
    name = models.CharField(max_length=256)
    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)
    """When all its tags were set; they are not touched again."""

    class Meta:
        db_table = "integrations_imported_model"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["address", "name"], name="imported_model_once")
        ]

    def __str__(self) -> str:
        return self.name


class ImportedVersion(models.Model):
    """A version of another registry and, once it is registered, the one it became here."""

    origin = models.ForeignKey(ImportedModel, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    version = models.OneToOneField(
        ModelVersion, on_delete=models.PROTECT, null=True, related_name="+"
    )
    upload = models.ForeignKey(Upload, on_delete=models.SET_NULL, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "integrations_imported_version"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["origin", "number"], name="imported_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.origin} v{self.number}"


class ImportedRun(models.Model):
    """A run of another server, and whether all it recorded is here."""

    run = models.OneToOneField(
        Run, on_delete=models.CASCADE, primary_key=True, related_name="imported"
    )
    address = models.CharField(max_length=500)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "integrations_imported_run"

    def __str__(self) -> str:
        return f"Import of {self.run_id}"
