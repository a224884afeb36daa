"""Authorizations to be in production, how they end, and the debt an emergency leaves."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from apps.accounts.signing.signature import Signature
from apps.approvals.models.requests import PromotionRequest
from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import ModelVersion, RegisteredModel


class Authorization(GovernedRow):
    """A version may be in production from one moment to another, by one decision.

    Its end never stops a running model by itself (policies README section 6).
    """

    class State(models.TextChoices):
        VALID = "valid", "Valid"
        SUSPENDED = "suspended", "Suspended"
        REVOKED = "revoked", "Revoked"
        ENDED = "ended", "Ended"

    RECORD = RecordKind(
        "authorization",
        "aut",
        1,
        (
            "version_id",
            "request_id",
            "content_digest",
            "policy_digest",
            "tier",
            "granted_at",
            "valid_until",
            "waiver_ids",
            "sign_off_ids",
            "state",
            "changed_at",
            "why",
        ),
    )

    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="authorizations"
    )
    request = models.ForeignKey(
        PromotionRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="granted"
    )
    """The request it was granted by; an emergency has none."""
    content_digest = models.CharField(max_length=71)
    policy_digest = models.CharField(max_length=71)
    tier = models.PositiveSmallIntegerField()
    granted_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    """When it runs out; a policy that sets no time grants it without end."""
    waiver_ids = models.JSONField(default=list)
    """The waivers it relied on when it was granted."""
    sign_off_ids = models.JSONField(default=list)
    """The record ids of the sign-offs it was granted by, none of which was void."""
    state = models.CharField(max_length=9, choices=State.choices, default=State.VALID)
    changed_at = models.DateTimeField()
    why = models.CharField(max_length=500, blank=True)
    """Why it is suspended, revoked or ended."""

    history = EventHistory()

    class Meta:
        db_table = "approvals_authorization"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version"],
                condition=Q(state__in=["valid", "suspended"]),
                name="one_standing_authorization",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["valid", "suspended", "revoked", "ended"]),
                name="authorization_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("granted_at")), name="authorization_lasts"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["valid_until"],
                condition=Q(state="valid"),
                name="authorization_runs_out",
            )
        ]

    def __str__(self) -> str:
        return f"Authorization {self.pk}"

    @property
    def root(self) -> RegisteredModel:
        return self.version.model

    def holds(self, at: datetime) -> bool:
        """Say whether the version is authorized at a moment."""
        return self.state == self.State.VALID and (
            self.valid_until is None or at < self.valid_until
        )


class Emergency(GovernedRow):
    """What was done at once by one operator, and has to be confirmed by others within hours."""

    class State(models.TextChoices):
        OPEN = "open", "Waits for confirmation"
        RATIFIED = "ratified", "Confirmed"
        LAPSED = "lapsed", "Not confirmed in time"

    RECORD = RecordKind(
        "emergency",
        "emg",
        1,
        (
            "authorization_id",
            "acted_by_id",
            "acted_at",
            "reason",
            "ratify_until",
            "roles",
            "state",
            "settled_at",
            "review",
            "reviewed_by_id",
            "reviewed_at",
        ),
    )

    authorization = models.OneToOneField(
        Authorization, on_delete=models.PROTECT, related_name="emergency"
    )
    acted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    acted_at = models.DateTimeField()
    reason = models.TextField(max_length=10_000)
    ratify_until = models.DateTimeField()
    roles = models.JSONField(default=list)
    """The roles that must confirm, as the policy in force asked when it was done."""
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    review = models.TextField(blank=True, max_length=10_000)
    """What somebody else found when they looked back at it; until then it blocks promotions."""
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "approvals_emergency"
        verbose_name_plural = "emergencies"
        indexes: ClassVar = [
            models.Index(
                fields=["ratify_until"], condition=Q(state="open"), name="emergency_to_ratify"
            )
        ]

    def __str__(self) -> str:
        return f"Emergency {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("approvals:emergency", args=[self.pk])

    @property
    def root(self) -> RegisteredModel:
        return self.authorization.root


class Ratification(Signature):
    """One person's confirmation of an emergency, in one of the roles that must give it."""

    RECORD = RecordKind(
        "ratification",
        "rat",
        1,
        (
            "emergency_id",
            "role",
            "meaning",
            "reason",
            "signer_id",
            "statement",
            "method",
            "signed_at",
        ),
    )

    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="ratifications")
    reason = models.TextField(max_length=10_000)

    history = EventHistory()

    class Meta:
        db_table = "approvals_ratification"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["emergency", "role"], name="ratified_once_in_a_role"),
            models.UniqueConstraint(fields=["emergency", "signer"], name="ratified_once_by_one"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.signer_name}"

    @property
    def root(self) -> RegisteredModel:
        return self.emergency.root
