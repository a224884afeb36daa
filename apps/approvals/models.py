"""Decisions: promotion requests, sign-offs, and their withdrawal."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.accounts import roles
from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.errors import RuleBroken


class PromotionRequest(GovernedRow):
    """The ask to move one version to a stage: a pull request for a model version."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        PROMOTED = "promoted", "Promoted"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    RECORD = RecordKind(
        "request",
        "req",
        1,
        (
            "version_id",
            "target",
            "state",
            "requested_by_id",
            "policy_id",
            "policy_version",
            "policy_digest",
            "content_digest",
            "replaced_id",
            "closed_by_id",
            "closed_at",
        ),
    )

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="requests")
    target = models.CharField(max_length=16, choices=Stage.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    justification = models.TextField(max_length=10_000)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="promotion_requests"
    )
    requested_at = models.DateTimeField()
    policy_id = models.CharField(max_length=80)
    policy_version = models.CharField(max_length=20)
    policy_digest = models.CharField(max_length=71)
    content_digest = models.CharField(max_length=71)
    replaced = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "approvals_promotion_request"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "target"], condition=Q(state="open"), name="one_open_request"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "promoted", "declined", "withdrawn"])
                & Q(target__in=["staging", "production"]),
                name="request_state_and_target_are_known",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None, closed_by=None)
                | (~Q(state="open") & Q(closed_at__isnull=False, closed_by__isnull=False)),
                name="request_closed_when_decided",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "-id"], name="request_by_state")]

    def __str__(self) -> str:
        return f"Promotion {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("approvals:promotion", args=[self.pk])

    @property
    def root(self) -> RegisteredModel:
        return self.version.model

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def transition(self) -> str:
        """The policy's name for the move asked for."""
        return f"{self.origin}_to_{self.target}"

    @property
    def origin(self) -> Stage:
        """The stage a version is promoted from to reach the target."""
        return Stage.STAGING if self.target == Stage.PRODUCTION else Stage.DEVELOPMENT

    def require_open(self) -> None:
        """Refuse a request that was decided already."""
        if not self.is_open:
            raise RuleBroken(f"This request is closed: {self.get_state_display().lower()}.")


class SignOff(GovernedRow):
    """One person's yes or no in one slot, bound to exactly what was shown. Only ever added."""

    class Decision(models.TextChoices):
        APPROVE = "approve", "Approve"
        DECLINE = "decline", "Decline"

    RECORD = RecordKind(
        "sign_off",
        "sof",
        1,
        (
            "request_id",
            "role",
            "meaning",
            "decision",
            "reason",
            "signer_id",
            "statement",
            "dossier_digest",
            "method",
            "signed_at",
            "expires_at",
        ),
    )

    request = models.ForeignKey(
        PromotionRequest, on_delete=models.PROTECT, related_name="sign_offs"
    )
    role = models.CharField(max_length=40, choices=roles.CHOICES)
    meaning = models.CharField(max_length=20)
    decision = models.CharField(max_length=8, choices=Decision.choices)
    reason = models.TextField(max_length=10_000)
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sign_offs"
    )
    signer_name = models.CharField(max_length=150)
    statement = models.TextField()
    statement_digest = models.CharField(max_length=71)
    dossier = models.TextField()
    dossier_digest = models.CharField(max_length=71)
    nonce = models.CharField(max_length=64, unique=True)
    method = models.CharField(max_length=20)
    signed_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    history = EventHistory()

    class Meta:
        db_table = "approvals_sign_off"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decision__in=["approve", "decline"]), name="sign_off_decision_is_known"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("signed_at")), name="sign_off_lasts"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["request", "id"], name="sign_off_of_request")]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} by {self.signer_name}"

    @property
    def root(self) -> RegisteredModel:
        return self.request.root


class SignOffWithdrawal(GovernedRow):
    """A signer takes a sign-off back before it took effect; the sign-off itself stays."""

    RECORD = RecordKind("sign_off_withdrawal", "sow", 1, ("sign_off_id", "reason", "withdrawn_at"))

    sign_off = models.OneToOneField(SignOff, on_delete=models.PROTECT, related_name="withdrawal")
    reason = models.TextField(max_length=10_000)
    withdrawn_at = models.DateTimeField()

    history = EventHistory()

    class Meta:
        db_table = "approvals_sign_off_withdrawal"

    def __str__(self) -> str:
        return f"Withdrawal of {self.sign_off_id}"

    @property
    def root(self) -> RegisteredModel:
        return self.sign_off.root
