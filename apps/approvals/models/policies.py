"""Policies as an organization keeps them: drafts, what was signed, what was in force when."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.accounts.signing.signature import Signature
from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.core.errors import RuleBroken


class PolicyVersion(GovernedRow):
    """One version of the policy: a draft until it is proposed, then signed, published, replaced.

    Publishing one changes what every gate asks, so it waits for all changes under way
    (``RULES_EVERYWHERE``), and they for it.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PROPOSED = "proposed", "Waits for signatures"
        PUBLISHED = "published", "In force"
        REPLACED = "replaced", "Replaced"
        DROPPED = "dropped", "Dropped"

    RECORD = RecordKind(
        "policy",
        "pol",
        1,
        (
            "policy_id",
            "number",
            "title",
            "digest",
            "state",
            "based_on_id",
            "author_id",
            "proposed_at",
            "published_at",
            "replaced_at",
        ),
    )
    RULES_EVERYWHERE = True

    policy_id = models.CharField(max_length=64)
    """The id its text bears, such as "starter"."""
    number = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    text = models.TextField()
    digest = models.CharField(max_length=71)
    """Of what the text says in canonical form, so that layout and comments do not count."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    based_on = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="policy_versions"
    )
    drafted_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "approvals_policy_version"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["policy_id", "number"],
                condition=Q(state__in=["proposed", "published", "replaced"]),
                name="policy_number_is_used_once",
            ),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="published"), name="one_policy_in_force"
            ),
            models.UniqueConstraint(
                fields=["state"], condition=Q(state="proposed"), name="one_policy_proposed"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "proposed", "published", "replaced", "dropped"]),
                name="policy_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["published", "replaced"], published_at__isnull=False)
                | (~Q(state__in=["published", "replaced"]) & Q(published_at=None)),
                name="policy_published_when_in_force",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["published_at"], name="policy_by_publication")]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("approvals:policy", args=[self.pk])

    @property
    def root(self) -> "PolicyVersion":
        return self

    def require_state(self, *states: str) -> None:
        """Refuse what only a version in one of some states takes."""
        if self.state not in states:
            raise RuleBroken(f"{self} is {self.get_state_display().lower()} by now.")


class PolicySignOff(Signature):
    """One of the two signatures a policy version needs before it is published."""

    RECORD = RecordKind(
        "policy_sign_off",
        "pso",
        1,
        (
            "policy_id",
            "role",
            "meaning",
            "reason",
            "signer_id",
            "statement",
            "method",
            "signed_at",
        ),
    )

    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="sign_offs")
    reason = models.TextField(max_length=10_000)

    history = EventHistory()

    class Meta:
        db_table = "approvals_policy_sign_off"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["policy", "role"], name="policy_signed_once_in_a_role"),
            models.UniqueConstraint(fields=["policy", "signer"], name="policy_signed_once_by_one"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.signer_name}"

    @property
    def root(self) -> PolicyVersion:
        return self.policy


class DryRun(models.Model):
    """What a policy version would change if it were in force; a computation, not a decision."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Could not be carried out"

    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="dry_runs")
    digest = models.CharField(max_length=71)
    """Of the text it was carried out with; another by now means it is out of date."""
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField()
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "approvals_dry_run"

    def __str__(self) -> str:
        return f"Dry run {self.pk}"
