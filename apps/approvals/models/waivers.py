"""Waivers: reasoned departures from one condition of one version, signed, with an end."""

from datetime import date
from functools import cached_property
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.accounts.signing.signature import Signature
from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.risk.models import Obligation


class Waiver(GovernedRow):
    """Somebody may go on without one condition of a gate, on terms, until a day."""

    class State(models.TextChoices):
        ASKED = "asked", "Waits for signatures"
        GRANTED = "granted", "Granted"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"
        REVOKED = "revoked", "Revoked"
        ENDED = "ended", "Ended"

    RECORD = RecordKind(
        "waiver",
        "wvr",
        1,
        (
            "version_id",
            "condition",
            "reason",
            "compensating_controls",
            "use_limits",
            "residual_risk",
            "ends_on",
            "renews_id",
            "asked_by_id",
            "asked_at",
            "policy_digest",
            "tier",
            "roles",
            "state",
            "decided_at",
            "decided_by_id",
            "why",
        ),
    )

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="waivers")
    condition = models.CharField(max_length=64)
    """The id of the condition; later versions of the policy never give it another meaning."""
    reason = models.TextField(max_length=10_000)
    compensating_controls = models.TextField(max_length=10_000)
    use_limits = models.TextField(max_length=10_000)
    residual_risk = models.TextField(max_length=10_000)
    ends_on = models.DateField()
    """The last day it holds."""
    renews = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="renewed_by"
    )
    # Empty in every row and read by nothing: what a waiver covers stands in WaiverObligation. The
    # column stays, since installations have it, and their histories too.
    obligations = models.JSONField(default=list)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    policy_digest = models.CharField(max_length=71)
    tier = models.PositiveSmallIntegerField()
    roles = models.JSONField(default=list)
    """The roles that must sign it, as the policy in force asked when it was asked for."""
    state = models.CharField(max_length=9, choices=State.choices, default=State.ASKED)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    why = models.TextField(blank=True, max_length=10_000)
    """Why it was declined, withdrawn or revoked."""

    history = EventHistory()

    class Meta:
        db_table = "approvals_waiver"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "condition"],
                condition=Q(state="asked"),
                name="one_waiver_asked_for",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["asked", "granted", "declined", "withdrawn", "revoked", "ended"]
                ),
                name="waiver_state_is_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ends_on"], condition=Q(state="granted"), name="waiver_runs_out"),
            models.Index(fields=["version", "condition"], name="waiver_of_condition"),
        ]

    def __str__(self) -> str:
        return f"Waiver {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("approvals:waiver", args=[self.pk])

    @property
    def root(self) -> RegisteredModel:
        return self.version.model

    @cached_property
    def covered(self) -> frozenset[str]:
        """The ids of the obligations it covers, when it is one to closing them; they stay so."""
        covered = self.covers.values_list("obligation_id", flat=True)
        return frozenset(map(Obligation.RECORD.id_of, covered))

    def holds(self, on: date) -> bool:
        """Say whether it stands in for its condition on a day."""
        return self.state == self.State.GRANTED and on <= self.ends_on


class WaiverObligation(GovernedRow):
    """One obligation that a waiver covers; it extends to no other."""

    RECORD = RecordKind("waiver_obligation", "wvo", 1, ("waiver_id", "obligation_id"))

    waiver = models.ForeignKey(Waiver, on_delete=models.PROTECT, related_name="covers")
    obligation = models.ForeignKey(Obligation, on_delete=models.PROTECT, related_name="+")

    history = EventHistory()

    class Meta:
        db_table = "approvals_waiver_obligation"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["waiver", "obligation"], name="waiver_covers_obligation_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.obligation}, by {self.waiver}"

    @property
    def root(self) -> RegisteredModel:
        return self.waiver.root


class WaiverSignOff(Signature):
    """One person's yes or no to a waiver, in one of the roles that must give it."""

    class Decision(models.TextChoices):
        APPROVE = "approve", "Approve"
        DECLINE = "decline", "Decline"

    RECORD = RecordKind(
        "waiver_sign_off",
        "wso",
        1,
        (
            "waiver_id",
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

    waiver = models.ForeignKey(Waiver, on_delete=models.PROTECT, related_name="sign_offs")
    decision = models.CharField(max_length=8, choices=Decision.choices)
    reason = models.TextField(max_length=10_000)

    history = EventHistory()

    class Meta:
        db_table = "approvals_waiver_sign_off"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["waiver", "role"], name="waiver_signed_once_in_a_role"),
            models.UniqueConstraint(fields=["waiver", "signer"], name="waiver_signed_once_by_one"),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} by {self.signer_name}"

    @property
    def root(self) -> RegisteredModel:
        return self.waiver.root

    @property
    def printed_meaning(self) -> str:
        is_yes = self.decision == self.Decision.APPROVE
        return self.meaning if is_yes else self.Decision.DECLINE.value
