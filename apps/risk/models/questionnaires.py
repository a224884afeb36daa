"""Questionnaires as an organization keeps them: drafts, what was signed, what is asked when."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from apps.accounts.signing.signature import Signature
from apps.audit.governed import EventHistory, GovernedRow, RecordKind
from apps.core.errors import RuleBroken
from apps.risk.questionnaires import Questionnaire


class QuestionnaireVersion(GovernedRow):
    """One version of a questionnaire: a draft until proposed, then signed, published, replaced.

    One that comes with Signet is taken in, published as it is, when it is first assessed by; its
    text stays here whatever later releases ship. An organization changes a copy with its own id.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PROPOSED = "proposed", "Waits for signatures"
        PUBLISHED = "published", "In use"
        REPLACED = "replaced", "Replaced"
        RETIRED = "retired", "Retired"
        DROPPED = "dropped", "Dropped"

    ASKED = (State.PUBLISHED, State.REPLACED, State.RETIRED)
    """The states of a text that never changes again."""

    RECORD = RecordKind(
        "questionnaire",
        "qst",
        1,
        (
            "questionnaire_id",
            "number",
            "title",
            "digest",
            "state",
            "is_shipped",
            "based_on_id",
            "author_id",
            "proposed_at",
            "published_at",
            "replaced_at",
        ),
    )

    questionnaire_id = models.CharField(max_length=64)
    """The id its text bears, such as "bank-model-risk-tiering"."""
    number = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    subject = models.CharField(max_length=10)
    """What one assessment by it is about: a model, a version or a use case."""
    text = models.TextField()
    digest = models.CharField(max_length=71)
    """Of what the text says in canonical form, so that layout and comments do not count."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    is_shipped = models.BooleanField(default=False)
    based_on = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="questionnaire_versions",
    )
    drafted_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    history = EventHistory()

    class Meta:
        db_table = "risk_questionnaire_version"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["questionnaire_id", "number"],
                condition=Q(state__in=["proposed", "published", "replaced", "retired"]),
                name="questionnaire_number_is_used_once",
            ),
            models.UniqueConstraint(
                fields=["questionnaire_id"],
                condition=Q(state="published"),
                name="one_version_of_a_questionnaire_in_use",
            ),
            models.UniqueConstraint(
                fields=["questionnaire_id"],
                condition=Q(state="proposed"),
                name="one_version_of_a_questionnaire_proposed",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["draft", "proposed", "published", "replaced", "retired", "dropped"]
                ),
                name="questionnaire_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["published", "replaced", "retired"], published_at__isnull=False
                )
                | (~Q(state__in=["published", "replaced", "retired"]) & Q(published_at=None)),
                name="questionnaire_published_when_in_use",
            ),
            models.CheckConstraint(
                condition=Q(is_shipped=True, author=None)
                | Q(is_shipped=False, author__isnull=False),
                name="questionnaire_is_shipped_or_somebodys",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("risk:questionnaire", args=[self.pk])

    @property
    def root(self) -> "QuestionnaireVersion":
        return self

    def take(self, questionnaire: Questionnaire) -> None:
        """Hold what was read, and what is told of it without reading it."""
        self.questionnaire_id, self.number = questionnaire.id, questionnaire.version
        self.title, self.subject = questionnaire.title, questionnaire.subject
        self.text, self.digest = questionnaire.text, questionnaire.digest

    def require_state(self, *states: str) -> None:
        """Refuse what only a version in one of some states takes."""
        if self.state not in states:
            raise RuleBroken(f"{self} is {self.get_state_display().lower()} by now.")


class QuestionnaireSignOff(Signature):
    """One of the two signatures a questionnaire version needs before it is published."""

    RECORD = RecordKind(
        "questionnaire_sign_off",
        "qso",
        1,
        (
            "questionnaire_id",
            "role",
            "meaning",
            "reason",
            "signer_id",
            "statement",
            "method",
            "signed_at",
        ),
    )

    questionnaire = models.ForeignKey(
        QuestionnaireVersion, on_delete=models.PROTECT, related_name="sign_offs"
    )
    reason = models.TextField(max_length=10_000)

    history = EventHistory()

    class Meta:
        db_table = "risk_questionnaire_sign_off"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["questionnaire", "role"], name="questionnaire_signed_once_in_a_role"
            ),
            models.UniqueConstraint(
                fields=["questionnaire", "signer"], name="questionnaire_signed_once_by_one"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.signer_name}"

    @property
    def root(self) -> QuestionnaireVersion:
        return self.questionnaire
