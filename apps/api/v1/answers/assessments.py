"""Risk assessments: how far each is, what was answered by whom, and who signs it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.catalog.models import ModelVersion, UseCase
from apps.risk import standing
from apps.risk.models import AnswerEvidence, Assessment, AssessmentSignOff
from apps.risk.pages.asking import Asked, QuestionShown, SectionShown
from apps.risk.pages.assessment_lists import Offered, Row
from apps.risk.questionnaires import Questionnaire

Value = bool | str | list[str] | None


class AssessmentLine(Answer):
    """An assessment in a list; ``outcome`` is empty until it is approved.

    ``status`` is its state, or ``expired`` when it was approved and counts no longer.
    """

    number: int
    id: str
    model: str
    version: int | None
    use: str | None
    questionnaire: str
    questionnaire_version: str
    state: str
    status: str
    outcome: str
    started_at: datetime
    started_by: str
    submitted_at: datetime | None
    submitted_by: str | None
    approved_at: datetime | None
    valid_until: date | None
    stale_because: str
    url: str
    page: str

    @classmethod
    def of(cls, assessment: Assessment, *, on: date) -> "AssessmentLine":
        return cls(**_line(assessment, on))


class AssessmentPage(Answer):
    """Some assessments, the newest first; ``next`` leads on, or is nothing."""

    assessments: list[AssessmentLine]
    next: str | None


class AskedOf(Answer):
    """A questionnaire that applies to a model, or to a version or use of it, and how it stands.

    ``status`` is that of what was approved last, else of what is open; ``none`` without either.
    """

    questionnaire: str
    questionnaire_version: str
    version: int | None
    use: str | None
    status: str
    outcome: str
    age_days: int | None
    approved: int | None
    open: int | None

    @classmethod
    def of(cls, asked: Questionnaire, row: Row) -> "AskedOf":
        stands, subject = row.standing, row.subject
        return cls(
            questionnaire=asked.id,
            questionnaire_version=asked.version,
            version=subject.number if isinstance(subject, ModelVersion) else None,
            use=subject.key if isinstance(subject, UseCase) else None,
            status=stands.status.value,
            outcome=stands.outcome,
            age_days=stands.age_days if stands.approved else None,
            approved=stands.approved.pk if stands.approved else None,
            open=stands.open.pk if stands.open else None,
        )


class Standings(Answer):
    """Everything that is asked of a model, its newest versions and its uses."""

    model: str
    asked: list[AskedOf]

    @classmethod
    def of(cls, model: str, found: Iterable[Offered]) -> "Standings":
        asked = [AskedOf.of(one.questionnaire, row) for one in found for row in one.rows]
        return cls(model=model, asked=asked)


class AttachedEvidence(Answer):
    """An item of evidence an answer rests on; ``number`` names that it is attached."""

    number: int
    question: str
    evidence: int
    title: str
    attached_at: datetime
    attached_by: str

    @classmethod
    def of(cls, attached: AnswerEvidence) -> "AttachedEvidence":
        return cls(
            number=attached.pk,
            question=attached.key,
            evidence=attached.item_id,
            title=attached.item.title,
            attached_at=attached.attached_at,
            attached_by=attached.attached_by.username,
        )


class AnsweredQuestion(Answer):
    """One question that is asked now, with what was answered to it, by whom and when.

    ``prefilled`` says that the inventory gave the answer and nobody confirmed it, ``confirmed``
    that a person stands by it. ``stamp`` is what a change names as seen.
    """

    question: str
    text: str
    value: Value
    words: str
    note: str
    required: bool
    missing: bool
    prefilled: bool
    confirmed: bool
    answered_by: str | None
    answered_at: datetime | None
    stamp: str
    evidence: list[AttachedEvidence]

    @classmethod
    def of(cls, shown: QuestionShown, asked: Asked) -> "AnsweredQuestion":
        row = asked.sheet.rows.get(shown.key)
        return cls(
            question=shown.key,
            text=shown.question.text,
            value=row.value if row else None,
            words=shown.words,
            note=shown.note,
            required=shown.question.is_required,
            missing=shown.is_missing,
            prefilled=shown.is_prefilled,
            confirmed=bool(shown.words) and not shown.is_prefilled,
            answered_by=row.answered_by.username if row else None,
            answered_at=shown.at,
            stamp=asked.sheet.stamp(shown.key),
            evidence=[AttachedEvidence.of(one) for one in shown.attached],
        )


class AnsweredSection(Answer):
    """The questions of a section that are asked now."""

    id: str
    title: str
    answered: int
    required: int
    questions: list[AnsweredQuestion]

    @classmethod
    def of(cls, shown: SectionShown, asked: Asked) -> "AnsweredSection":
        return cls(
            id=shown.id,
            title=shown.title,
            answered=shown.answered,
            required=shown.required,
            questions=[AnsweredQuestion.of(one, asked) for one in shown.questions],
        )


class ReviewSignature(Answer):
    """One role that signs: its decision, or nothing while nobody in it has signed."""

    role: str
    decision: str | None
    meaning: str
    reason: str
    signer: str
    signed_at: datetime | None
    digest: str

    @classmethod
    def of(cls, role: str, given: AssessmentSignOff | None) -> "ReviewSignature":
        return cls(
            role=role,
            decision=given.decision if given else None,
            meaning=given.printed_meaning if given else "",
            reason=given.reason if given else "",
            signer=given.signer_name if given else "",
            signed_at=given.signed_at if given else None,
            digest=given.statement_digest if given else "",
        )


class AssessmentAnswer(AssessmentLine):
    """An assessment whole: what is asked now and was answered, what is left, who signs.

    ``not_ready`` says what keeps a draft from being submitted; ``newer`` is the digest of a newer
    version of its questionnaire that a draft can go on with. What it comes to is at
    ``outcome_url``.
    """

    questionnaire_digest: str
    submission: int
    answered: int
    required: int
    missing: list[str]
    unconfirmed: list[str]
    without_note: list[str]
    not_ready: str
    newer: str | None
    sections: list[AnsweredSection]
    reviews: list[ReviewSignature]
    outcome_url: str

    @classmethod
    def whole(
        cls,
        asked: Asked,
        *,
        on: date,
        signed: Iterable[AssessmentSignOff],
        not_ready: str,
        newer: Questionnaire | None,
    ) -> "AssessmentAnswer":
        sheet, result = asked.sheet, asked.result
        assessment = sheet.assessment
        return cls(
            **_line(assessment, on),
            questionnaire_digest=assessment.questionnaire.digest,
            submission=assessment.round,
            answered=result.answered,
            required=result.required,
            missing=list(result.missing),
            unconfirmed=[one.key for one in sheet.unconfirmed(result)],
            without_note=[one.key for one in sheet.without_note(result)],
            not_ready=not_ready,
            newer=newer.digest if newer else None,
            sections=[AnsweredSection.of(one, asked) for one in asked.sections],
            reviews=_reviews(sheet.questionnaire.reviewers, signed),
            outcome_url=reverse("v1:assessment_outcome", args=[assessment.pk]),
        )


def _reviews(roles: Sequence[str], signed: Iterable[AssessmentSignOff]) -> list[ReviewSignature]:
    given = {one.role: one for one in signed}
    return [ReviewSignature.of(role, given.get(role)) for role in roles]


def _line(assessment: Assessment, on: date) -> dict[str, Any]:
    row = assessment.questionnaire
    is_dropped = assessment.state == Assessment.State.DROPPED
    return {
        "number": assessment.pk,
        "id": assessment.record_id,
        "model": assessment.model.name,
        "version": assessment.version.number if assessment.version else None,
        "use": assessment.use_case.key if assessment.use_case else None,
        "questionnaire": row.questionnaire_id,
        "questionnaire_version": row.number,
        "state": assessment.state,
        "status": assessment.state if is_dropped else standing.status_of(assessment, on).value,
        "outcome": assessment.outcome,
        "started_at": assessment.started_at,
        "started_by": assessment.started_by.username,
        "submitted_at": assessment.submitted_at,
        "submitted_by": assessment.submitted_by.username if assessment.submitted_by else None,
        "approved_at": assessment.approved_at,
        "valid_until": assessment.valid_until,
        "stale_because": assessment.stale_because,
        "url": reverse("v1:assessment", args=[assessment.pk]),
        "page": assessment.get_absolute_url(),
    }
