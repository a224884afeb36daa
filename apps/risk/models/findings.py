"""Findings: what somebody has to settle by a day, and how it is followed to its end."""

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.risk.models.incidents import Incident
from apps.validation.models import EvidenceItem

MOST_TITLE = 300
MOST_TEXT = 10_000


def _who(**options: Any) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **options
    )


class Severity(models.TextChoices):
    """How grave a finding is; a policy says how many days each has."""

    CRITICAL = "critical", "Critical"
    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class Finding(GovernedRow):
    """An issue, a limitation or an exception, with an owner and a day until which it is settled.

    One about a version is carried to every later version of the model until it is closed.
    """

    class Kind(models.TextChoices):
        ISSUE = "issue", "Issue"
        LIMITATION = "limitation", "Limitation"
        EXCEPTION = "exception", "Exception"

    class Source(models.TextChoices):
        PERSON = "person", "Raised by a person"
        CHECK = "check", "A check failed"
        BREACH = "breach", "Monitoring breached a band"
        RULE = "rule", "A rule of the policy does not hold"
        WAIVER = "waiver_expired", "A waiver that was relied on ended"
        CONDITION = "condition", "A condition of a sign-off was not met"
        EMERGENCY = "emergency", "An emergency was not confirmed"
        REVIEW = "review", "A review"
        DRIFT = "drift", "What runs differs from what was approved"
        INCIDENT = "incident", "An incident"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        PLANNED = "planned", "Planned"
        READY = "ready_to_close", "Ready to close"
        ACCEPTED = "accepted", "Risk accepted"
        CLOSED = "closed", "Closed"

    UNSETTLED = (State.OPEN, State.PLANNED, State.READY)
    """The states that count as open; an accepted risk does not until its last day is over."""
    STANDING = (*UNSETTLED, State.ACCEPTED)
    """The states in which the same cause opens no second one."""

    RECORD = RecordKind(
        "finding",
        "fnd",
        1,
        (
            "model_id",
            "version_id",
            "incident_id",
            "kind",
            "severity",
            "source",
            "cause",
            "title",
            "description",
            "owner_id",
            "due",
            "plan",
            "remedy",
            "remedied_by_id",
            "remedied_at",
            "state",
            "raised_by_id",
            "raised_at",
            "closed_by_id",
            "closed_at",
            "why_closed",
        ),
    )

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="findings")
    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="findings"
    )
    """The first version it is about; none when it is about the model."""
    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, null=True, blank=True, related_name="findings"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.ISSUE)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    source = models.CharField(max_length=14, choices=Source.choices)
    cause = models.CharField(max_length=200, blank=True)
    """What found it, as a key that stays the same; empty for what a person raised."""
    title = models.CharField(max_length=MOST_TITLE)
    description = models.TextField(max_length=MOST_TEXT)
    owner = _who()
    due = models.DateField()
    """The last day on which it is settled in time."""
    plan = models.TextField(blank=True, max_length=MOST_TEXT)
    remedy = models.TextField(blank=True, max_length=MOST_TEXT)
    """What was done, as who says that it can be closed tells it."""
    remedied_by = _who(null=True, blank=True)
    remedied_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=14, choices=State.choices, default=State.OPEN)
    raised_by = _who(null=True, blank=True)
    """Nobody, where it was raised by itself."""
    raised_at = models.DateTimeField()
    closed_by = _who(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    why_closed = models.TextField(blank=True, max_length=MOST_TEXT)

    first_number: int | None = None
    """The number of its version, where it was read without it."""

    history = EventHistory()

    class Meta:
        db_table = "risk_finding"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["model", "cause"],
                condition=Q(state__in=["open", "planned", "ready_to_close", "accepted"])
                & ~Q(cause=""),
                name="one_standing_finding_of_a_cause",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "planned", "ready_to_close", "accepted", "closed"]),
                name="finding_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(severity__in=["critical", "high", "medium", "low"]),
                name="finding_severity_is_known",
            ),
            models.CheckConstraint(
                condition=Q(remedied_by=None, remedied_at=None)
                | Q(remedied_by__isnull=False, remedied_at__isnull=False),
                name="finding_remedied_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="closed",
                    closed_by__isnull=False,
                    closed_at__isnull=False,
                    remedied_by__isnull=False,
                )
                & ~Q(closed_by=F("owner"))
                & ~Q(closed_by=F("remedied_by"))
                & ~Q(why_closed="")
                | ~Q(state="closed") & Q(closed_by=None, closed_at=None, why_closed=""),
                name="finding_closed_by_another",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["model", "state"], name="finding_of_model"),
            models.Index(fields=["cause"], condition=~Q(cause=""), name="finding_of_cause"),
            models.Index(fields=["owner", "state"], name="finding_of_owner"),
            models.Index(fields=["due"], condition=~Q(state="closed"), name="finding_due"),
            models.Index(fields=["state", "due", "model"], name="finding_due_by_state"),
            models.Index(
                fields=["state", "severity", "raised_at", "due", "model"], name="finding_ages"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("risk:finding", args=[self.pk])

    @property
    def root(self) -> RegisteredModel:
        return self.model

    @property
    def subject(self) -> RegisteredModel | ModelVersion:
        """What it is about."""
        return self.version or self.model

    @property
    def is_unsettled(self) -> bool:
        """Whether it counts as open."""
        return self.state in self.UNSETTLED

    def is_overdue(self, on: date) -> bool:
        """Say whether its day is over and nobody settled it or moved the day."""
        return self.is_unsettled and self.due < on


class FindingEvidence(GovernedRow):
    """An evidence item of the model that shows what was done about a finding."""

    RECORD = RecordKind(
        "finding_evidence", "fev", 1, ("finding_id", "item_id", "attached_by_id", "attached_at")
    )

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="attached")
    item = models.ForeignKey(EvidenceItem, on_delete=models.PROTECT, related_name="+")
    attached_by = _who()
    attached_at = models.DateTimeField()

    history = EventHistory()

    class Meta:
        db_table = "risk_finding_evidence"
        verbose_name_plural = "evidence of findings"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["finding", "item"], name="evidence_attached_once_to_a_finding"
            )
        ]

    def __str__(self) -> str:
        return f"{self.item}"

    @property
    def root(self) -> RegisteredModel:
        return self.finding.model


class FindingExtension(GovernedRow):
    """The day of a finding moved on, by somebody other than its owner."""

    RECORD = RecordKind(
        "finding_extension",
        "fex",
        1,
        ("finding_id", "was_due", "due", "reason", "owner_id", "granted_by_id", "granted_at"),
    )

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="extensions")
    was_due = models.DateField()
    due = models.DateField()
    reason = models.TextField(max_length=MOST_TEXT)
    owner = _who()
    """Who owned it then."""
    granted_by = _who()
    granted_at = models.DateTimeField()

    history = EventHistory()

    class Meta:
        db_table = "risk_finding_extension"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(due__gt=F("was_due")), name="finding_extended_to_later"
            ),
            models.CheckConstraint(
                condition=~Q(granted_by=F("owner")), name="finding_extended_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"Extension until {self.due}"

    @property
    def root(self) -> RegisteredModel:
        return self.finding.model
