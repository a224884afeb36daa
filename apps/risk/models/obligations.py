"""Obligations: what became mandatory because of an approved assessment."""

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import ModelVersion, RegisteredModel, UseCase
from apps.risk.models.assessments import Assessment


class Obligation(GovernedRow):
    """One thing an assessment asks of a model, a version or a use, until a later one does not.

    Evidence and documents meet it by being there; that is found out whenever it is read and not
    kept here.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        MET = "met", "Met"
        DEFERRED = "deferred", "Deferred"
        LAPSED = "lapsed", "No longer asked for"

    class Kind(models.TextChoices):
        EVIDENCE = "evidence", "Evidence"
        DOCUMENT = "document", "Document"
        CONDITION = "condition", "Condition"
        SIGN_OFF = "sign_off", "Sign-off"
        RESTRICTION = "restriction", "Restriction"

    LIVE = (State.OPEN, State.MET, State.DEFERRED)
    """The states of one that the assessments in force still ask for."""
    RECORD = RecordKind(
        "obligation",
        "obl",
        1,
        (
            "model_id",
            "version_id",
            "use_case_id",
            "assessment_id",
            "questionnaire",
            "key",
            "kind",
            "ref",
            "count",
            "title",
            "gates",
            "applies_from",
            "state",
            "owner_id",
            "met_at",
            "met_by_id",
            "met_reason",
            "deferred_until",
            "deferred_by_id",
            "deferred_reason",
            "lapsed_at",
        ),
    )

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="obligations")
    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="obligations"
    )
    use_case = models.ForeignKey(
        UseCase, on_delete=models.PROTECT, null=True, blank=True, related_name="obligations"
    )
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="obligations")
    """The newest assessment that asks for it."""
    questionnaire = models.CharField(max_length=64)
    """The id of the questionnaire it comes from, whatever the version."""
    key = models.CharField(max_length=80)
    """Its id in the questionnaire."""
    kind = models.CharField(max_length=11, choices=Kind.choices)
    ref = models.CharField(max_length=80)
    """By kind: the evidence type, document template, condition, role, or name of a restriction."""
    count = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=300)
    detail = models.TextField(blank=True)
    gates: Any = models.JSONField(default=list)
    """The transitions it stands in front of."""
    cites: Any = models.JSONField(default=list)
    applies_from = models.DateField(null=True, blank=True)
    """The day from which it binds; always, where there is none."""
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="obligations",
    )
    """Who sees to it, where that is not the owner of the model."""
    opened_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True, blank=True)
    met_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    met_reason = models.TextField(blank=True, max_length=10_000)
    deferred_until = models.DateField(null=True, blank=True)
    """The last day it is put off."""
    deferred_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    deferred_reason = models.TextField(blank=True, max_length=10_000)
    lapsed_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "risk_obligation"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["model", "questionnaire", "key", "version", "use_case"],
                condition=~Q(state="lapsed"),
                nulls_distinct=False,
                name="obligation_open_once_for_a_subject",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "met", "deferred", "lapsed"]),
                name="obligation_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["evidence", "document", "condition", "sign_off", "restriction"]
                ),
                name="obligation_kind_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="met") | Q(met_at__isnull=False, met_by__isnull=False),
                name="obligation_met_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="deferred") | Q(deferred_until__isnull=False),
                name="obligation_deferred_until_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("risk:obligation", args=[self.pk])

    @property
    def root(self) -> RegisteredModel:
        return self.model

    @property
    def subject_name(self) -> str:
        """What it is asked of, as people call it."""
        return str(self.use_case or self.version or self.model)

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    def is_put_off(self, on: date) -> bool:
        """Say whether somebody put it off, and that day is not over."""
        until = self.deferred_until
        return self.state == self.State.DEFERRED and until is not None and on <= until
