"""Tiers other than the assessed one: asked for, signed by two, with an end."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from apps.accounts.signing.signature import Signature
from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import RegisteredModel
from apps.core.errors import RuleBroken
from apps.risk.models.assessments import Assessment


class TierOverride(GovernedRow):
    """A model is treated at another tier than its tiering found, until a day or a new tiering."""

    class State(models.TextChoices):
        ASKED = "asked", "Waits for signatures"
        GRANTED = "granted", "In force"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"
        ENDED = "ended", "Ended"

    RECORD = RecordKind(
        "tier_override",
        "tor",
        1,
        (
            "model_id",
            "assessment_id",
            "assessed_tier",
            "tier",
            "reason",
            "ends_on",
            "roles",
            "asked_by_id",
            "asked_at",
            "state",
            "decided_at",
            "decided_by_id",
            "why",
            "ended_at",
        ),
    )

    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, related_name="tier_overrides"
    )
    assessment = models.ForeignKey(
        Assessment, on_delete=models.PROTECT, related_name="tier_overrides"
    )
    """The tiering it departs from; a newer one ends it."""
    assessed_tier = models.PositiveSmallIntegerField()
    tier = models.PositiveSmallIntegerField()
    reason = models.TextField(max_length=10_000)
    ends_on = models.DateField()
    """The last day it holds."""
    roles = models.JSONField(default=list)
    """The roles that must sign it."""
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.ASKED)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    why = models.TextField(blank=True, max_length=10_000)
    """Why it was declined, withdrawn or ended before its day."""
    ended_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "risk_tier_override"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["model"],
                condition=Q(state__in=["asked", "granted"]),
                name="one_tier_override_of_a_model",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "granted", "declined", "withdrawn", "ended"]),
                name="tier_override_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(tier__gte=1, tier__lte=4) & ~Q(tier=F("assessed_tier")),
                name="tier_override_is_another_tier",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["ends_on"], condition=Q(state="granted"), name="tier_override_runs_out"
            )
        ]

    def __str__(self) -> str:
        return f"Tier {self.tier} instead of {self.assessed_tier}"

    def get_absolute_url(self) -> str:
        return reverse("risk:tier_override", args=[self.pk])

    @property
    def root(self) -> RegisteredModel:
        return self.model

    @property
    def is_lighter(self) -> bool:
        """Whether less is asked of the model than its tiering found."""
        return self.tier > self.assessed_tier

    def holds(self, on: date) -> bool:
        """Say whether it is in force on a day."""
        return self.state == self.State.GRANTED and on <= self.ends_on

    def require_asked(self) -> None:
        """Refuse one that was decided already."""
        if self.state != self.State.ASKED:
            raise RuleBroken(f"It was decided: {self.get_state_display().lower()}.")


class TierOverrideSignOff(Signature):
    """One person's yes or no to another tier, in one of the roles that must give it."""

    class Decision(models.TextChoices):
        APPROVE = "approve", "Approve"
        DECLINE = "decline", "Decline"

    RECORD = RecordKind(
        "tier_override_sign_off",
        "tos",
        1,
        (
            "override_id",
            "role",
            "meaning",
            "decision",
            "reason",
            "signer_id",
            "statement",
            "method",
            "signed_at",
        ),
    )

    override = models.ForeignKey(TierOverride, on_delete=models.PROTECT, related_name="sign_offs")
    decision = models.CharField(max_length=8, choices=Decision.choices)
    reason = models.TextField(max_length=10_000)

    history = EventHistory()

    class Meta:
        db_table = "risk_tier_override_sign_off"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["override", "role"], name="tier_override_signed_once_in_a_role"
            ),
            models.UniqueConstraint(
                fields=["override", "signer"], name="tier_override_signed_once_by_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} by {self.signer_name}"

    @property
    def root(self) -> RegisteredModel:
        return self.override.model

    @property
    def printed_meaning(self) -> str:
        is_yes = self.decision == self.Decision.APPROVE
        return self.meaning if is_yes else self.Decision.DECLINE.value
