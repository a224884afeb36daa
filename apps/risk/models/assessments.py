"""Risk assessments: what was answered, who reviewed it, and what came of it."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.accounts.signing.signature import Signature
from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.catalog.models import ModelVersion, RegisteredModel, UseCase
from apps.core.errors import RuleBroken
from apps.risk.models.questionnaires import QuestionnaireVersion
from apps.validation.models import EvidenceItem


class Assessment(GovernedRow):
    """The answers to one questionnaire about one model, version or use, and their outcome."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Waits for review"
        APPROVED = "approved", "Approved"
        SUPERSEDED = "superseded", "Superseded"
        DROPPED = "dropped", "Dropped"

    OPEN = (State.DRAFT, State.SUBMITTED)
    RECORD = RecordKind(
        "assessment",
        "asm",
        1,
        (
            "model_id",
            "questionnaire_id",
            "kind",
            "version_id",
            "use_case_id",
            "state",
            "round",
            "started_by_id",
            "submitted_at",
            "submitted_by_id",
            "approved_at",
            "outcome",
            "result",
            "valid_until",
            "stale_at",
            "stale_because",
        ),
    )

    model = models.ForeignKey(RegisteredModel, on_delete=models.PROTECT, related_name="assessments")
    questionnaire = models.ForeignKey(
        QuestionnaireVersion, on_delete=models.PROTECT, related_name="assessments"
    )
    kind = models.CharField(max_length=64)
    """The id of its questionnaire, whatever the version."""
    version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="assessments"
    )
    use_case = models.ForeignKey(
        UseCase, on_delete=models.PROTECT, null=True, blank=True, related_name="assessments"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assessments_started"
    )
    round = models.PositiveSmallIntegerField(default=0)
    """How often it was submitted."""
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="assessments_submitted",
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    superseded_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=64, blank=True)
    """The id of the outcome; empty until it is approved, since a provisional one is none."""
    result: Any = models.JSONField(default=dict, blank=True)
    """The whole result as approved: subject, day, answers, variables, scores, flags, duties."""
    valid_until = models.DateField(null=True, blank=True)
    """The last day an approved one counts."""
    stale_at = models.DateTimeField(null=True, blank=True)
    stale_because = models.CharField(max_length=300, blank=True)
    """What made an approved one stale before its time, in words."""

    history = EventHistory()

    class Meta:
        db_table = "risk_assessment"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["model", "kind", "version", "use_case"],
                condition=Q(state__in=["draft", "submitted"]),
                nulls_distinct=False,
                name="one_open_assessment_of_a_subject",
            ),
            models.UniqueConstraint(
                fields=["model", "kind", "version", "use_case"],
                condition=Q(state="approved"),
                nulls_distinct=False,
                name="one_approved_assessment_of_a_subject",
            ),
            models.CheckConstraint(
                condition=Q(version=None) | Q(use_case=None), name="assessment_about_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "approved", "superseded", "dropped"]),
                name="assessment_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None, submitted_by=None)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="assessment_submitted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["approved", "superseded"],
                    approved_at__isnull=False,
                    valid_until__isnull=False,
                )
                & ~Q(outcome="")
                | Q(state__in=["draft", "submitted", "dropped"], approved_at=None, outcome=""),
                name="assessment_has_an_outcome_once_approved",
            ),
            models.CheckConstraint(
                condition=Q(stale_at=None, stale_because="")
                | Q(stale_at__isnull=False) & ~Q(stale_because=""),
                name="assessment_stale_for_a_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=[
                    "model",
                    "state",
                    "kind",
                    "version",
                    "use_case",
                    "stale_at",
                    "valid_until",
                    "approved_at",
                ],
                name="assessment_in_force",  # holds all that is counted: results are long
            )
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire.title}: {self.subject_name}"

    def get_absolute_url(self) -> str:
        return reverse("risk:assessment", args=[self.pk])

    @property
    def root(self) -> RegisteredModel:
        return self.model

    @property
    def subject_name(self) -> str:
        """What it is about, as people call it."""
        return str(self.use_case or self.version or self.model)

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    def require_state(self, *states: str) -> None:
        """Refuse what only an assessment in one of some states takes."""
        if self.state not in states:
            raise RuleBroken(f"This assessment is {self.get_state_display().lower()} by now.")


class Answer(GovernedRow):
    """What was last answered to one question, with the note beside it."""

    RECORD = RecordKind(
        "answer",
        "ans",
        1,
        ("assessment_id", "key", "value", "note", "is_prefilled", "answered_by_id", "answered_at"),
    )

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="answers")
    key = models.CharField(max_length=80)
    value: Any = models.JSONField(null=True)
    """As the questionnaire's engine takes it; decimal numbers as text. Nothing is ``None``."""
    note = models.TextField(blank=True, max_length=5000)
    is_prefilled = models.BooleanField(default=False)
    """Whether it was taken over from the inventory and nobody has confirmed it yet."""
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField()

    history = EventHistory()

    class Meta:
        db_table = "risk_answer"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["assessment", "key"], name="question_answered_once")
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def root(self) -> RegisteredModel:
        return self.assessment.model


class AnswerEvidence(GovernedRow):
    """An evidence item attached to an answer; taken off again, it stays on record."""

    RECORD = RecordKind(
        "answer_evidence",
        "aev",
        1,
        ("assessment_id", "key", "item_id", "attached_by_id", "attached_at", "removed_at"),
    )

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="attached")
    key = models.CharField(max_length=80)
    item = models.ForeignKey(EvidenceItem, on_delete=models.PROTECT, related_name="+")
    attached_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    attached_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "risk_answer_evidence"
        verbose_name_plural = "evidence of answers"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["assessment", "key", "item"],
                condition=Q(removed_at=None),
                name="evidence_attached_once_to_an_answer",
            )
        ]

    def __str__(self) -> str:
        return f"{self.item}"

    @property
    def root(self) -> RegisteredModel:
        return self.assessment.model


class AssessmentSignOff(Signature):
    """What one reviewer decided about a submitted assessment; the last one needed approves it."""

    class Decision(models.TextChoices):
        APPROVE = "approve", "approve"
        SEND_BACK = "send_back", "send back"

    RECORD = RecordKind(
        "assessment_sign_off",
        "aso",
        1,
        (
            "assessment_id",
            "round",
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

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="sign_offs")
    round = models.PositiveSmallIntegerField(default=1)
    """Which submission it is about: one sent back and submitted anew is reviewed anew."""
    decision = models.CharField(max_length=10, choices=Decision.choices)
    reason = models.TextField(max_length=10_000)

    history = EventHistory()

    class Meta:
        db_table = "risk_assessment_sign_off"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["assessment", "round", "role"], name="assessment_signed_once_in_a_role"
            ),
            models.UniqueConstraint(
                fields=["assessment", "round", "signer"], name="assessment_signed_once_by_one"
            ),
            models.CheckConstraint(
                condition=Q(decision__in=["approve", "send_back"]),
                name="assessment_decision_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.signer_name}"

    @property
    def root(self) -> RegisteredModel:
        return self.assessment.model

    @property
    def printed_meaning(self) -> str:
        is_yes = self.decision == self.Decision.APPROVE
        return self.meaning if is_yes else self.Decision.SEND_BACK.label
