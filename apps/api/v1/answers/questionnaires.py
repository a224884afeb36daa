"""Questionnaires: what is asked now, the versions there are or were, and all that one says."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.api.v1.answers.questions import (
    Condition,
    FlagRule,
    ObligationRule,
    OutcomeRule,
    SectionAnswer,
    condition,
)
from apps.api.v1.answers.signatures import SignatureAnswer
from apps.risk.models import QuestionnaireSignOff, QuestionnaireVersion
from apps.risk.questionnaires import Questionnaire
from apps.risk.questionnaires.differences import Difference


class QuestionnaireLine(Answer):
    """A questionnaire that is asked now."""

    id: str
    version: str
    title: str
    summary: str
    about: str
    """``model``, ``version`` or ``use_case``."""
    digest: str
    law_as_of: date
    max_age_days: int
    answered_by: list[str]
    reviewed_by: list[str]
    url: str

    @classmethod
    def of(cls, asked: Questionnaire) -> "QuestionnaireLine":
        return cls(**_line(asked))


class Questionnaires(Answer):
    """Everything that is asked now: first what comes with Signet."""

    questionnaires: list[QuestionnaireLine]


class QuestionnaireAnswer(QuestionnaireLine):
    """A questionnaire whole: what is asked, when, by which sources, and what follows."""

    disclaimer: str
    language: str
    sources: list[dict[str, str]]
    applies_when: Condition | None
    triggers: list[str]
    sections: list[SectionAnswer]
    outcomes: list[OutcomeRule]
    flags: list[FlagRule]
    obligations: list[ObligationRule]

    @classmethod
    def whole(cls, asked: Questionnaire) -> "QuestionnaireAnswer":
        return cls(**_line(asked), **_said(asked))


class QuestionnaireVersionLine(Answer):
    """A version of a questionnaire that is or was asked, or a draft."""

    number: int
    id: str
    version: str
    title: str
    state: str
    digest: str
    shipped: bool
    author: str | None
    drafted_at: datetime
    published_at: datetime | None
    replaced_at: datetime | None
    url: str
    page: str

    @classmethod
    def of(cls, row: QuestionnaireVersion) -> "QuestionnaireVersionLine":
        return cls(**_row(row))


class QuestionnaireVersionPage(Answer):
    """Some versions of a questionnaire, the newest first; ``next`` leads on, or is nothing."""

    versions: list[QuestionnaireVersionLine]
    next: str | None


class QuestionnaireVersionAnswer(QuestionnaireVersionLine):
    """A version with all it says and its signatures."""

    says: QuestionnaireAnswer
    signatures: list[SignatureAnswer]

    @classmethod
    def whole(
        cls,
        row: QuestionnaireVersion,
        asked: Questionnaire,
        signed: Iterable[QuestionnaireSignOff],
    ) -> "QuestionnaireVersionAnswer":
        return cls(
            **_row(row),
            says=QuestionnaireAnswer.whole(asked),
            signatures=[SignatureAnswer.of(one) for one in signed],
        )


class DifferenceAnswer(Answer):
    """One thing that is said otherwise; ``step`` names the number of a version it makes grow."""

    area: str
    words: str
    step: str

    @classmethod
    def of(cls, found: Difference) -> "DifferenceAnswer":
        return cls(area=found.area, words=found.words, step=found.step.name.lower())


class QuestionnaireComparison(Answer):
    """What a version says otherwise than the last one that was asked, the larger steps first."""

    number: int
    before: QuestionnaireVersionLine | None
    differences: list[DifferenceAnswer]


def _line(asked: Questionnaire) -> dict[str, Any]:
    return {
        "id": asked.id,
        "version": asked.version,
        "title": asked.title,
        "summary": asked.summary,
        "about": asked.subject,
        "digest": asked.digest,
        "law_as_of": asked.law_as_of,
        "max_age_days": asked.max_age_days,
        "answered_by": list(asked.respondents),
        "reviewed_by": list(asked.reviewers),
        "url": reverse("v1:questionnaire", args=[asked.id]),
    }


def _said(asked: Questionnaire) -> Mapping[str, Any]:
    return {
        "disclaimer": asked.disclaimer,
        "language": asked.language,
        "sources": [
            {"id": one.id, "title": one.title, "url": one.url, "status": one.status}
            for one in asked.sources
        ],
        "applies_when": condition(asked, asked.applies_when),
        "triggers": list(asked.triggers),
        "sections": [SectionAnswer.of(asked, one) for one in asked.sections],
        "outcomes": [OutcomeRule.of(asked, one) for one in asked.outcomes],
        "flags": [FlagRule.of(asked, one) for one in asked.flags],
        "obligations": [ObligationRule.of(asked, one) for one in asked.obligations],
    }


def _row(row: QuestionnaireVersion) -> dict[str, Any]:
    return {
        "number": row.pk,
        "id": row.questionnaire_id,
        "version": row.number,
        "title": row.title,
        "state": row.state,
        "digest": row.digest,
        "shipped": row.is_shipped,
        "author": row.author.username if row.author else None,
        "drafted_at": row.drafted_at,
        "published_at": row.published_at,
        "replaced_at": row.replaced_at,
        "url": reverse("v1:questionnaire_version", args=[row.questionnaire_id, row.pk]),
        "page": row.get_absolute_url(),
    }
