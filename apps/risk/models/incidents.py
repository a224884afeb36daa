"""Incidents of models in use, and the reports that authorities expect of them."""

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import ModelVersion, RegisteredModel

MOST_TITLE = 200
MOST_TEXT = 10_000
MOST_REFERENCE = 300


def _who(**options: Any) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", **options
    )


class Incident(GovernedRow):
    """Something went wrong where a model is used: what, when, and who or what was harmed."""

    class Severity(models.TextChoices):
        SERIOUS = "serious", "Serious"
        OTHER = "other", "Other"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CONTAINED = "contained", "Contained"
        CLOSED = "closed", "Closed"

    RECORD = RecordKind(
        "incident",
        "inc",
        1,
        (
            "model_id",
            "version_id",
            "title",
            "description",
            "harm",
            "severity",
            "traits",
            "happened_at",
            "discovered_at",
            "classified_at",
            "state",
            "owner_id",
            "reported_by_id",
            "reported_at",
            "containment",
            "contained_by_id",
            "contained_at",
            "why_closed",
            "closed_by_id",
            "closed_at",
        ),
    )

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="incidents")
    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="incidents"
    )
    title = models.CharField(max_length=MOST_TITLE)
    description = models.TextField(max_length=MOST_TEXT)
    harm = models.TextField(max_length=MOST_TEXT)
    """Who or what was harmed, or could have been."""
    severity = models.CharField(max_length=7, choices=Severity.choices)
    traits = models.JSONField(default=list, blank=True)
    """What is true of it, by the ids of the reporting clocks' facts."""
    happened_at = models.DateTimeField(null=True, blank=True)
    discovered_at = models.DateTimeField()
    """When the organization became aware of it; most clocks run from then."""
    classified_at = models.DateTimeField()
    """When it was last said what is true of it; some clocks run from then."""
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    owner = _who()
    reported_by = _who()
    reported_at = models.DateTimeField()
    containment = models.TextField(blank=True, max_length=MOST_TEXT)
    contained_by = _who(null=True, blank=True)
    contained_at = models.DateTimeField(null=True, blank=True)
    why_closed = models.TextField(blank=True, max_length=MOST_TEXT)
    closed_by = _who(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "risk_incident"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "contained", "closed"]),
                name="incident_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(severity__in=["serious", "other"]), name="incident_severity_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="open", contained_by=None, contained_at=None)
                | ~Q(state="open") & Q(contained_by__isnull=False, contained_at__isnull=False),
                name="incident_contained_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_by__isnull=False, closed_at__isnull=False)
                & ~Q(closed_by=F("reported_by"))
                & ~Q(closed_by=F("contained_by"))
                | ~Q(state="closed") & Q(closed_by=None, closed_at=None),
                name="incident_closed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(happened_at=None) | Q(happened_at__lte=F("discovered_at")),
                name="incident_happened_before_it_was_discovered",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["model", "state"], name="incident_of_model")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("risk:incident", args=[self.pk])

    @property
    def root(self) -> RegisteredModel:
        return self.model

    @property
    def subject(self) -> RegisteredModel | ModelVersion:
        """What it is about."""
        return self.version or self.model


class ReportDuty(GovernedRow):
    """A report an authority expects of an incident until a moment."""

    RECORD = RecordKind(
        "report_duty",
        "rpd",
        1,
        (
            "incident_id",
            "clock",
            "name",
            "authority",
            "cites",
            "due_at",
            "reported_at",
            "reported_by_id",
            "reference",
            "set_aside_at",
            "set_aside_by_id",
            "why_set_aside",
        ),
    )

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="duties")
    clock = models.CharField(max_length=60)
    """The id of the clock it follows from."""
    name = models.CharField(max_length=200)
    authority = models.CharField(max_length=300)
    cites = models.JSONField(default=list)
    due_at = models.DateTimeField()
    reported_at = models.DateTimeField(null=True, blank=True)
    """When the authority was told."""
    reported_by = _who(null=True, blank=True)
    reference = models.CharField(max_length=MOST_REFERENCE, blank=True)
    """Under what the authority keeps it."""
    set_aside_at = models.DateTimeField(null=True, blank=True)
    set_aside_by = _who(null=True, blank=True)
    why_set_aside = models.TextField(blank=True, max_length=MOST_TEXT)

    history = EventHistory()

    class Meta:
        db_table = "risk_report_duty"
        verbose_name_plural = "report duties"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "clock"], name="one_duty_of_a_clock"),
            models.CheckConstraint(
                condition=Q(reported_at=None, reported_by=None)
                | Q(reported_at__isnull=False, reported_by__isnull=False, set_aside_at=None),
                name="report_made_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(set_aside_at=None, set_aside_by=None, why_set_aside="")
                | Q(set_aside_at__isnull=False, set_aside_by__isnull=False) & ~Q(why_set_aside=""),
                name="report_set_aside_for_a_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                condition=Q(reported_at=None, set_aside_at=None),
                name="report_outstanding",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def root(self) -> RegisteredModel:
        return self.incident.model

    @property
    def is_outstanding(self) -> bool:
        """Whether it has still to be made."""
        return self.reported_at is None and self.set_aside_at is None

    def is_overdue(self, at: datetime) -> bool:
        """Say whether its time is over and nobody reported or set it aside."""
        return self.is_outstanding and self.due_at < at
