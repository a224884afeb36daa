"""Reviews of models, and the attestations of their owners."""

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.accounts.signing.signature import Signature
from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import RegisteredModel
from apps.core.errors import RuleBroken


def _who(**options: Any) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **options
    )


class Review(GovernedRow):
    """Somebody looks at a model again: planned, then done with a conclusion, or dropped."""

    class Kind(models.TextChoices):
        PERIODIC = "periodic", "Periodic review"
        REVALIDATION = "revalidation", "Revalidation"
        RETIERING = "retiering", "Re-tiering"
        EVENT = "event", "Review after an event"

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        DONE = "done", "Done"
        DROPPED = "dropped", "Dropped"

    class Conclusion(models.TextChoices):
        CONTINUE = "continue", "Go on as it is"
        WITH_FINDINGS = "continue_with_findings", "Go on, with findings to settle"
        RESTRICT = "restrict", "Restrict its use"
        WITHDRAW = "withdraw", "Withdraw it"

    RECORD = RecordKind(
        "review",
        "rvw",
        1,
        (
            "model_id",
            "kind",
            "why",
            "due",
            "state",
            "planned_by_id",
            "planned_at",
            "done_by_id",
            "done_at",
            "conclusion",
            "notes",
            "finding_ids",
            "why_dropped",
        ),
    )

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="reviews")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    why = models.TextField(blank=True, max_length=10_000)
    """What made somebody plan it, beside the schedule of its tier."""
    due = models.DateField(null=True, blank=True)
    """The day it was planned for; what was done without a plan has none."""
    state = models.CharField(max_length=7, choices=State.choices, default=State.PLANNED)
    planned_by = _who(null=True, blank=True)
    planned_at = models.DateTimeField(null=True, blank=True)
    done_by = _who(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    conclusion = models.CharField(max_length=22, choices=Conclusion.choices, blank=True)
    notes = models.TextField(blank=True, max_length=10_000)
    """What was looked at, and why it comes to this."""
    finding_ids: Any = models.JSONField(default=list, blank=True)
    """The findings it raised."""
    why_dropped = models.TextField(blank=True, max_length=10_000)

    history = EventHistory()

    class Meta:
        db_table = "risk_review"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["model", "kind"],
                condition=Q(state="planned"),
                name="one_planned_review_of_a_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["periodic", "revalidation", "retiering", "event"]),
                name="review_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "done", "dropped"]), name="review_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_by__isnull=False, done_at__isnull=False)
                & ~Q(conclusion="")
                & ~Q(notes="")
                | ~Q(state="done") & Q(done_by=None, done_at=None, conclusion="", notes=""),
                name="review_done_with_a_conclusion",
            ),
            models.CheckConstraint(
                condition=Q(planned_by=None, planned_at=None, due=None, state="done")
                | Q(planned_by__isnull=False, planned_at__isnull=False, due__isnull=False),
                name="review_planned_by_somebody",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["model", "kind", "-done_at"], name="review_newest_of_a_kind"),
            models.Index(fields=["due"], condition=Q(state="planned"), name="review_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.model}"

    def get_absolute_url(self) -> str:
        return f"{reverse('risk:reviews', args=[self.model.name])}#review-{self.pk}"

    @property
    def root(self) -> RegisteredModel:
        return self.model

    def is_overdue(self, on: date) -> bool:
        """Say whether it is planned and its day is over."""
        return self.state == self.State.PLANNED and self.due is not None and self.due < on

    def require_planned(self) -> None:
        """Refuse a review that was done or dropped already."""
        if self.state != self.State.PLANNED:
            raise RuleBroken(f"This review is {self.get_state_display().lower()} by now.")


class OwnerAttestation(Signature):
    """The owner of a model signed that its record, exactly as it was shown, is right."""

    RECORD = RecordKind(
        "owner_attestation",
        "oat",
        1,
        (
            "model_id",
            "role",
            "meaning",
            "snapshot_digest",
            "signer_id",
            "statement",
            "method",
            "signed_at",
        ),
    )

    model = models.ForeignKey(
        RegisteredModel, on_delete=models.PROTECT, related_name="owner_attestations"
    )
    snapshot: Any = models.JSONField()
    """The record as it was shown; what it comes to is governed by its digest."""
    snapshot_digest = models.CharField(max_length=71)

    history = EventHistory()

    class Meta:
        db_table = "risk_owner_attestation"
        indexes: ClassVar = [
            models.Index(fields=["model", "-signed_at"], name="attestation_newest_of_model")
        ]

    def __str__(self) -> str:
        return f"Attestation of {self.model} by {self.signer_name}"

    def get_absolute_url(self) -> str:
        return reverse("risk:reviews", args=[self.model.name])

    @property
    def root(self) -> RegisteredModel:
        return self.model
