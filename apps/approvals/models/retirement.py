"""Retention, legal holds and disposal: how a model's records are kept, and its files go."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import ModelVersion, RegisteredModel


class Retention(GovernedRow):
    """How long the records of a model are kept after it is decommissioned, and on what basis."""

    RECORD = RecordKind(
        "retention", "rtn", 1, ("model_id", "name", "years", "basis", "set_by_id", "set_at")
    )

    model = models.OneToOneField(
        RegisteredModel, on_delete=models.PROTECT, related_name="retention"
    )
    name = models.CharField(max_length=120)
    years = models.PositiveSmallIntegerField()
    basis = models.TextField(max_length=2000)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    history = EventHistory()

    class Meta:
        db_table = "approvals_retention"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(years__lte=100), name="retention_within_a_century")
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.years} years"

    @property
    def root(self) -> RegisteredModel:
        return self.model


class LegalHold(GovernedRow):
    """Nothing of a model is decommissioned or disposed of while one of these is in force."""

    RECORD = RecordKind(
        "legal_hold",
        "lgh",
        1,
        (
            "model_id",
            "reason",
            "placed_by_id",
            "placed_at",
            "lifted_by_id",
            "lifted_at",
            "why_lifted",
        ),
    )

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="legal_holds")
    reason = models.TextField(max_length=10_000)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)
    why_lifted = models.TextField(blank=True, max_length=10_000)

    history = EventHistory()

    class Meta:
        db_table = "approvals_legal_hold"
        indexes: ClassVar = [
            models.Index(fields=["model"], condition=Q(lifted_at=None), name="legal_hold_in_force")
        ]

    def __str__(self) -> str:
        return f"Legal hold {self.pk}"

    @property
    def root(self) -> RegisteredModel:
        return self.model


class Retirement(GovernedRow):
    """A decommissioned version: how long its records stay, and what became of its files."""

    RECORD = RecordKind(
        "retirement",
        "rti",
        1,
        (
            "version_id",
            "decommissioned_at",
            "retain_until",
            "disposal_asked_by_id",
            "disposal_asked_at",
            "disposal_reason",
            "disposed_by_id",
            "disposed_at",
            "disposed_files",
            "disposed_bytes",
        ),
    )

    version = models.OneToOneField(
        ModelVersion, on_delete=models.PROTECT, related_name="retirement"
    )
    decommissioned_at = models.DateTimeField()
    retain_until = models.DateTimeField()
    disposal_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    disposal_asked_at = models.DateTimeField(null=True, blank=True)
    disposal_reason = models.TextField(blank=True, max_length=10_000)
    disposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    disposed_at = models.DateTimeField(null=True, blank=True)
    disposed_files = models.PositiveIntegerField(default=0)
    disposed_bytes = models.PositiveBigIntegerField(default=0)

    history = EventHistory()

    class Meta:
        db_table = "approvals_retirement"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(disposed_at=None)
                | (
                    Q(disposed_by__isnull=False, disposal_asked_by__isnull=False)
                    & ~Q(disposed_by=models.F("disposal_asked_by"))
                ),
                name="disposal_takes_two_people",
            )
        ]

    def __str__(self) -> str:
        return f"Retirement {self.pk}"

    @property
    def root(self) -> RegisteredModel:
        return self.version.model

    def may_be_disposed_of(self, at: datetime) -> bool:
        """Say whether the time its records are kept for is over."""
        return self.disposed_at is None and at >= self.retain_until
