"""The model version: immutable content with a number and a digest."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.audit.ongoing import ongoing_change
from apps.catalog.lifecycle import Readiness, Stage, is_move
from apps.catalog.models.registered import RegisteredModel
from apps.catalog.models.runs import Run
from apps.core.errors import NotFound, RuleBroken


class ModelVersion(GovernedRow):
    """One registered content of a model. Its content never changes once it is ready."""

    class ChangeClass(models.TextChoices):
        INITIAL = "initial", "Initial"
        MATERIAL = "material", "Material"
        MINOR = "minor", "Minor"
        CONFIGURATION = "configuration", "Configuration"
        EMERGENCY = "emergency", "Emergency"

    RECORD = RecordKind(
        "version",
        "ver",
        1,
        (
            "model_id",
            "number",
            "stage",
            "readiness",
            "content_digest",
            "facts_digest",
            "contributors",
            "base_version_id",
            "change_class",
            "authorized_at",
        ),
    )

    model = models.ForeignKey(
        RegisteredModel,
        on_delete=models.PROTECT,
        related_name="versions",
        db_index=False,  # other indexes begin with it, and PostgreSQL is to choose the fitting one
    )
    number = models.PositiveIntegerField()
    stage = models.CharField(max_length=16, choices=Stage.choices, default=Stage.DEVELOPMENT)
    readiness = models.CharField(max_length=8, choices=Readiness.choices, default=Readiness.PENDING)
    content_digest = models.CharField(max_length=71, blank=True)
    facts_digest = models.CharField(max_length=71, blank=True)
    description = models.TextField(blank=True, max_length=5000)
    source = models.CharField(max_length=500, blank=True)
    run = models.ForeignKey(
        Run, on_delete=models.PROTECT, null=True, blank=True, related_name="versions"
    )
    run_uid = models.CharField(max_length=32, blank=True)
    """The run's id as it was given; the run itself may be recorded elsewhere."""
    run_link = models.CharField(max_length=500, blank=True)
    logged_model_uid = models.CharField(max_length=64, blank=True)
    run_revision = models.PositiveBigIntegerField(default=0)
    """The run's revision that the facts digest covers."""
    signature: Any = models.JSONField(null=True, blank=True)
    input_example: Any = models.JSONField(null=True, blank=True)
    framework = models.CharField(max_length=120, blank=True)
    flavors: Any = models.JSONField(default=list, blank=True)
    python_version = models.CharField(max_length=20, blank=True)
    packages: Any = models.JSONField(default=list, blank=True)
    code_repository = models.CharField(max_length=500, blank=True)
    code_commit = models.CharField(max_length=64, blank=True)
    code_is_dirty = models.BooleanField(default=False)
    container_digest = models.CharField(max_length=71, blank=True)
    base_version = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True)
    change_class = models.CharField(max_length=16, choices=ChangeClass.choices, blank=True)
    contributors: Any = models.JSONField(default=list)
    file_count = models.PositiveIntegerField(default=0)
    byte_count = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    ready_at = models.DateTimeField(null=True, blank=True)
    touched_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When a tombstone was set, on the version or its model."""
    authorized_at = models.DateTimeField("first entered production", null=True, blank=True)
    shares_production = models.BooleanField(default=False, editable=False)

    history = EventHistory()

    class Meta:
        db_table = "catalog_model_version"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["model", "number"], name="version_number_once"),
            models.CheckConstraint(
                condition=Q(stage__in=Stage.values), name="version_stage_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(readiness=Readiness.READY)
                | Q(ready_at__isnull=False) & ~Q(content_digest=""),
                name="ready_version_has_a_digest",
            ),
            models.UniqueConstraint(
                fields=["model"],
                condition=Q(stage=Stage.PRODUCTION, shares_production=False),
                name="one_version_in_production",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["model", "-touched_at", "-number"], name="version_touched_in_model"
            ),
            models.Index(fields=["stage", "model"], name="version_by_stage"),
            models.Index(fields=["content_digest"], name="version_by_digest"),
            models.Index(fields=["model", "stage", "-number"], name="version_latest_by_stage"),
            models.Index(fields=["-touched_at", "-id"], name="version_touched_last"),
            models.Index(fields=["-created_at", "-id"], name="version_created_last"),
            models.Index(fields=["source"], name="version_by_source"),
            models.Index(fields=["run_uid"], condition=~Q(run_uid=""), name="version_by_run"),
            models.Index(
                fields=["container_digest"],
                condition=~Q(container_digest=""),
                name="version_by_container",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model.name} v{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("models:version", args=[self.model.name, self.number])

    @property
    def heading(self) -> str:
        """What stands over every page about it; a line never breaks before the number."""
        return f"{self.model.name}, version\u00a0{self.number}"

    @property
    def root(self) -> RegisteredModel:
        return self.model

    @property
    def is_ready(self) -> bool:
        return self.readiness == Readiness.READY

    def require_ready(self) -> None:
        """Refuse a version that was deleted, or whose content is not complete."""
        if self.deleted_at is not None:
            raise NotFound(f"{self} was deleted.")
        if not self.is_ready:
            raise RuleBroken(f"{self} has no complete content yet.")

    def enter(self, stage: Stage) -> None:
        """Move to a stage the lifecycle allows from here."""
        if not is_move(Stage(self.stage), stage):
            raise RuleBroken(
                f"A version cannot go from {self.get_stage_display()} to {stage.label}."
            )
        self.stage = stage
        self.touch()
        self.save()
        self.model.touch()

    def touch(self) -> None:
        """Note that the version changed, inside the change that changes it; the caller saves."""
        ongoing = ongoing_change()
        assert ongoing is not None
        self.touched_at = ongoing.time
