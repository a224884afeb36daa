"""Campaigns: many owners are asked at once whether the records of their models are right."""

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import RegisteredModel
from apps.core.errors import RuleBroken
from apps.risk.models.findings import Finding
from apps.risk.models.reviews import OwnerAttestation


class Campaign(GovernedRow):
    """Until a day the owners of all models at some tiers say whether their records are right."""

    class State(models.TextChoices):
        PREPARING = "preparing", "Owners are being asked"
        RUNNING = "running", "Under way"
        ENDED = "ended", "Ended"

    RECORD = RecordKind(
        "campaign",
        "cmp",
        1,
        (
            "title",
            "tiers",
            "due",
            "state",
            "begun_by_id",
            "begun_at",
            "total",
            "ended_by_id",
            "ended_at",
            "why_ended",
        ),
    )

    title = models.CharField(max_length=200)
    tiers: Any = models.JSONField(default=list)
    """The tiers of the models it is about; 0 are those without one."""
    due = models.DateField()
    """The last day on which owners answer in time."""
    state = models.CharField(max_length=9, choices=State.choices, default=State.PREPARING)
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    begun_at = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)
    """How many models it is about, once all their owners were asked."""
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    """Nobody, where it ended by itself since everybody had answered."""
    ended_at = models.DateTimeField(null=True, blank=True)
    why_ended = models.TextField(blank=True, max_length=10_000)

    history = EventHistory()

    class Meta:
        db_table = "risk_campaign"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["preparing", "running"], ended_at=None, ended_by=None)
                | Q(state="ended", ended_at__isnull=False),
                name="campaign_ended_at_a_moment",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("risk:campaign", args=[self.pk])

    @property
    def is_over(self) -> bool:
        return self.state == self.State.ENDED

    def is_past(self, on: date) -> bool:
        """Say whether its last day is over."""
        return self.due < on

    def require_running(self) -> None:
        """Refuse what only a campaign under way takes."""
        if self.state != self.State.RUNNING:
            raise RuleBroken(f"{self} is not under way: {self.get_state_display().lower()}.")


class CampaignEntry(GovernedRow):
    """One model of a campaign: whose word is asked for, and what they said."""

    class State(models.TextChoices):
        OPEN = "open", "Asked"
        ESCALATED = "escalated", "Escalated"
        ATTESTED = "attested", "Attested"
        CORRECTED = "corrected", "Something is wrong"

    WAITING = (State.OPEN, State.ESCALATED)
    """The states in which nobody has answered."""
    RECORD = RecordKind(
        "campaign_entry",
        "cme",
        1,
        (
            "campaign_id",
            "model_id",
            "owner_id",
            "tier",
            "state",
            "attestation_id",
            "finding_id",
            "answered_at",
            "escalated_at",
        ),
    )

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="entries")
    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, related_name="campaign_entries"
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    """Who owned the model when it was asked about."""
    tier = models.PositiveSmallIntegerField()
    """The tier the model was at then."""
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    attestation = models.ForeignKey(
        OwnerAttestation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    finding = models.ForeignKey(
        Finding, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "risk_campaign_entry"
        verbose_name_plural = "campaign entries"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "model"], name="model_once_in_a_campaign"),
            models.CheckConstraint(
                condition=Q(state="open", answered_at=None, escalated_at=None)
                | Q(state="escalated", answered_at=None, escalated_at__isnull=False)
                | Q(state="attested", answered_at__isnull=False, attestation__isnull=False)
                | Q(state="corrected", answered_at__isnull=False, finding__isnull=False),
                name="campaign_entry_answered_by_something",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["campaign", "state"], name="campaign_entry_by_state"),
            models.Index(
                fields=["model"],
                condition=Q(state__in=["open", "escalated"]),
                name="campaign_entry_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model} in {self.campaign}"

    @property
    def root(self) -> Campaign:
        return self.campaign

    @property
    def is_waiting(self) -> bool:
        return self.state in self.WAITING


class CampaignSnapshot(GovernedRow):
    """The models of a campaign as they stood before, or after: tier, owner, open findings."""

    class Moment(models.TextChoices):
        BEFORE = "before", "Before"
        AFTER = "after", "After"

    RECORD = RecordKind(
        "campaign_snapshot", "cms", 1, ("campaign_id", "moment", "digest", "taken_at")
    )

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="snapshots")
    moment = models.CharField(max_length=6, choices=Moment.choices)
    rows: Any = models.JSONField()
    """One list for each model; the digest covers all of them."""
    digest = models.CharField(max_length=71)
    taken_at = models.DateTimeField()

    history = EventHistory()

    class Meta:
        db_table = "risk_campaign_snapshot"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["campaign", "moment"], name="campaign_snapshot_taken_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_moment_display()} {self.campaign}"

    @property
    def root(self) -> Campaign:
        return self.campaign


class CampaignWork(models.Model):
    """How far the worker is that asks the owners; a heartbeat, not a decision."""

    campaign = models.OneToOneField(
        Campaign, on_delete=models.PROTECT, primary_key=True, related_name="work"
    )
    reached = models.BigIntegerField(default=0)
    """The id of the last model that was looked at."""
    seen = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "risk_campaign_work"

    def __str__(self) -> str:
        return f"{self.seen} of {self.total}"
