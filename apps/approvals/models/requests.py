"""Promotion requests: the ask for a transition, and the talk about it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.errors import RuleBroken

TO_STAGING = "development_to_staging"
TO_PRODUCTION = "staging_to_production"
RENEWAL = "reauthorization"
TO_ARCHIVED = "production_to_archived"
TO_DECOMMISSIONED = "archived_to_decommissioned"
ROLLBACK = "rollback"

ORIGINS = {
    TO_STAGING: Stage.DEVELOPMENT,
    TO_PRODUCTION: Stage.STAGING,
    RENEWAL: Stage.PRODUCTION,
    TO_ARCHIVED: Stage.PRODUCTION,
    TO_DECOMMISSIONED: Stage.ARCHIVED,
    ROLLBACK: Stage.ARCHIVED,
}
"""The stage a version moves from, by the policy's name for the move."""

TARGETS = {
    TO_STAGING: Stage.STAGING,
    TO_PRODUCTION: Stage.PRODUCTION,
    RENEWAL: Stage.PRODUCTION,
    TO_ARCHIVED: Stage.ARCHIVED,
    TO_DECOMMISSIONED: Stage.DECOMMISSIONED,
    ROLLBACK: Stage.PRODUCTION,
}
"""The stage a version moves to, by the policy's name for the move."""


def transition_between(origin: str, target: str) -> str | None:
    """Return the policy's name for the move from one stage to another, if it is one."""
    moves = (move for move, stage in ORIGINS.items() if stage == origin and TARGETS[move] == target)
    return next(moves, None)


class Mode(models.TextChoices):
    """How a transition is made (policies.Mode, as a choice of a row)."""

    STANDARD = "standard", "Standard"
    EMERGENCY = "emergency", "Emergency"


class PromotionRequest(GovernedRow):
    """The ask to move one version to a stage: a pull request for a model version."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        PROMOTED = "promoted", "Promoted"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"
        LAPSED = "lapsed", "Lapsed"

    RECORD = RecordKind(
        "request",
        "req",
        2,
        (
            "version_id",
            "transition",
            "mode",
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
            "note",
        ),
    )

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="requests")
    transition = models.CharField(max_length=64)
    """The policy's name for the move asked for."""
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.STANDARD)
    target = models.CharField(max_length=16, choices=Stage.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    justification = models.TextField(max_length=10_000)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="promotion_requests"
    )
    requested_at = models.DateTimeField()
    note = models.TextField(blank=True, max_length=10_000)
    """What the requester says about the warnings of the gate; asked for before anybody signs."""
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
                fields=["version", "transition"], condition=Q(state="open"), name="one_open_request"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "promoted", "declined", "withdrawn", "lapsed"])
                & Q(target__in=["staging", "production", "archived", "decommissioned"])
                & Q(mode__in=["standard", "emergency"]),
                name="request_state_and_target_are_known",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None, closed_by=None)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
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
    def origin(self) -> Stage:
        """The stage a version must be in to reach the target by this transition."""
        return ORIGINS[self.transition]

    def require_open(self) -> None:
        """Refuse a request that was decided already."""
        if not self.is_open:
            raise RuleBroken(f"This request is closed: {self.get_state_display().lower()}.")


class Comment(GovernedRow):
    """What somebody says about a request, tied to a section of its page. Kept, never edited."""

    class Section(models.TextChoices):
        WHOLE = "whole", "The whole request"
        CHANGES = "changes", "What changes"
        CHECKS = "checks", "Checks"
        GATE = "gate", "Gate"
        SIGN_OFFS = "sign_offs", "Sign-offs"
        PURPOSE = "purpose", "Purpose"

    RECORD = RecordKind(
        "comment",
        "cmt",
        1,
        (
            "request_id",
            "section",
            "text",
            "author_id",
            "written_at",
            "answers_id",
            "resolved_at",
            "resolved_by_id",
        ),
    )

    request = models.ForeignKey(PromotionRequest, on_delete=models.PROTECT, related_name="comments")
    section = models.CharField(max_length=10, choices=Section.choices, default=Section.WHOLE)
    text = models.TextField(max_length=10_000)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    mentioned = models.JSONField(default=list)
    """The ids of the people named in it who may see the request."""
    answers = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="answered_by"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    history = EventHistory()

    class Meta:
        db_table = "approvals_comment"
        indexes: ClassVar = [models.Index(fields=["request", "id"], name="comment_of_request")]

    def __str__(self) -> str:
        return f"Comment {self.pk}"

    @property
    def root(self) -> RegisteredModel:
        return self.request.root
