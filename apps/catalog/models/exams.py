"""Exam rooms: what an examiner from outside may look at, from when and until when."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.core.errors import RuleBroken


class ExamRoom(GovernedRow):
    """An examiner looks at some models, and at the chosen parts of them, until a moment."""

    class Part(models.TextChoices):
        """What of the granted models is shown beside their facts, checks and decisions."""

        FILES = "files", "Files of versions"
        RECORD = "record", "Entries of the record"
        DOCUMENTS = "documents", "Documents and evidence"
        ASSESSMENTS = "assessments", "Risk assessments and obligations"
        FINDINGS = "findings", "Findings, incidents and reviews"
        PACKS = "packs", "Dossiers and evidence packs, which hold all of it"

    RECORD = RecordKind(
        "exam_room",
        "exr",
        1,
        (
            "examiner_id",
            "title",
            "authority",
            "reason",
            "begins_at",
            "until",
            "parts",
            "granted",
            "opened_by_id",
            "opened_at",
            "closed_by_id",
            "closed_at",
        ),
    )

    examiner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exams"
    )
    title = models.CharField(max_length=200)
    authority = models.CharField(max_length=200)
    """Whom the examiner comes from: a supervisor, an auditor."""
    reason = models.TextField(max_length=10_000)
    begins_at = models.DateTimeField()
    until = models.DateTimeField()
    """From this moment on nothing is shown, whether or not somebody closed the room."""
    parts: Any = models.JSONField(default=list)
    granted: Any = models.JSONField(default=list)
    """The ids of the granted models: chosen once, changed by events alone."""
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField()
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "catalog_exam_room"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gt=F("begins_at")), name="exam_room_lasts"),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="exam_room_closed_by_somebody",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["examiner", "-id"], name="exam_room_newest")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("exams:room", args=[self.pk])

    def is_open(self, at: datetime) -> bool:
        """Say whether the examiner may look at a moment."""
        return self.closed_at is None and self.begins_at <= at < self.until

    def is_over(self, at: datetime) -> bool:
        """Say whether the examiner will never look again."""
        return self.closed_at is not None or self.until <= at

    def shows(self, part: str) -> bool:
        """Say whether a part of the granted models is among what is shown."""
        return part in self.parts

    def require_not_over(self, at: datetime) -> None:
        """Refuse to change what nobody looks at any more."""
        if self.is_over(at):
            raise RuleBroken(f"“{self}” is over. Open another exam room.")

    def grant(self, ids: list[int]) -> None:
        """Replace the list of granted models."""
        self.granted = sorted(set(ids))
        self.save()

    def close(self, by: int, at: datetime) -> None:
        """End the examiner's sight before its time."""
        self.closed_by_id, self.closed_at = by, at
        self.save()
