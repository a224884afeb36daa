"""Evidence items: what was submitted for a type of evidence, and who stands by it."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import Artifact, ModelVersion, RegisteredModel, UseCase
from apps.core.errors import RuleBroken
from apps.validation.evidence.types import EvidenceType, type_named


def _who() -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )


class EvidenceItem(GovernedRow):
    """A file or a link that shows something about a model, a version or a use; it never changes.

    Only what people said of it is added: that they verified, declined or withdrew it.
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted", "Waits for verification"
        VERIFIED = "verified", "Verified"
        DECLINED = "declined", "Not accepted"
        WITHDRAWN = "withdrawn", "Withdrawn"

    RECORD = RecordKind(
        "evidence",
        "evd",
        1,
        (
            "model_id",
            "version_id",
            "use_case_id",
            "type",
            "title",
            "note",
            "file_digest",
            "file_name",
            "link",
            "content_digest",
            "submitted_at",
            "submitted_by_id",
            "valid_until",
            "verified_at",
            "verified_by_id",
            "declined_at",
            "declined_by_id",
            "withdrawn_at",
            "withdrawn_by_id",
            "remark",
        ),
    )

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="evidence")
    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, related_name="evidence"
    )
    use_case = models.ForeignKey(
        UseCase, on_delete=models.PROTECT, null=True, related_name="evidence"
    )
    type = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    note = models.TextField(blank=True, max_length=5000)
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT, null=True, related_name="+")
    file_digest = models.CharField(max_length=71, blank=True)
    file_name = models.CharField(max_length=255, blank=True)
    link = models.CharField(max_length=500, blank=True)
    """Where the evidence lies elsewhere; shown, never fetched."""
    content_digest = models.CharField(max_length=71, blank=True)
    """The content of the version as it was submitted for; empty when it is about no version."""
    valid_until = models.DateField(null=True)
    """The last day it counts, where the evidence itself says one."""
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    verified_at = models.DateTimeField(null=True)
    verified_by = _who()
    declined_at = models.DateTimeField(null=True)
    declined_by = _who()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = _who()
    remark = models.TextField(blank=True, max_length=10_000)
    """Why it was declined or withdrawn."""

    history = EventHistory()

    class Meta:
        db_table = "validation_evidence_item"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(artifact__isnull=False, link="") & ~Q(file_name="") & ~Q(file_digest="")
                | Q(artifact=None, file_name="", file_digest="") & ~Q(link=""),
                name="evidence_is_a_file_or_a_link",
            ),
            models.CheckConstraint(
                condition=Q(version=None) | Q(use_case=None), name="evidence_about_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(version=None, content_digest="")
                | Q(version__isnull=False) & ~Q(content_digest=""),
                name="evidence_of_a_version_names_its_content",
            ),
            models.CheckConstraint(
                condition=Q(verified_at=None, verified_by=None)
                | Q(verified_at__isnull=False, verified_by__isnull=False, declined_at=None)
                & ~Q(verified_by=models.F("submitted_by")),
                name="evidence_verified_by_another",
            ),
            models.CheckConstraint(
                condition=Q(declined_at=None, declined_by=None)
                | Q(declined_at__isnull=False, declined_by__isnull=False, withdrawn_at=None),
                name="evidence_declined_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="evidence_withdrawn_by_somebody",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["model", "-id"], name="evidence_newest_first")]

    def __str__(self) -> str:
        return f"{self.title} ({self.type_title})"

    def get_absolute_url(self) -> str:
        return reverse("validation:evidence_item", args=[self.model.name, self.pk])

    @property
    def root(self) -> RegisteredModel:
        return self.model

    @property
    def kind(self) -> EvidenceType:
        """What it is evidence of."""
        return type_named(self.type)

    @property
    def type_title(self) -> str:
        """What it is evidence of, in words."""
        return self.kind.title

    @property
    def subject(self) -> RegisteredModel | ModelVersion | UseCase:
        """What it is attached to."""
        return self.version or self.use_case or self.model

    @property
    def state(self) -> State:
        """Where it stands; age and end are another matter."""
        if self.withdrawn_at is not None:
            return self.State.WITHDRAWN
        if self.declined_at is not None:
            return self.State.DECLINED
        return self.State.VERIFIED if self.verified_at is not None else self.State.SUBMITTED

    @property
    def expires_at(self) -> datetime | None:
        """When it stops counting: by the age of its type, or by its own last day."""
        ends = []
        if self.kind.max_age is not None:
            ends.append(self.submitted_at + self.kind.max_age)
        if self.valid_until is not None:
            ends.append(datetime.combine(self.valid_until, time.min, UTC) + timedelta(days=1))
        return min(ends, default=None)

    @property
    def is_damaged(self) -> bool:
        """Whether the store no longer holds its file as it was given."""
        return self.artifact is not None and self.artifact.quarantined_at is not None

    def require_waiting(self) -> None:
        """Refuse an item whose verification was decided already, or that was withdrawn."""
        if self.state != self.State.SUBMITTED:
            raise RuleBroken(f"Nothing is to be decided here: it is {self.state.label.lower()}.")
