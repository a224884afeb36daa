"""What was answered in an assessment: read once, for the engine, for signatures and for pages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from apps.accounts.models import User
from apps.catalog.inventory import facts
from apps.catalog.models import ModelVersion, RegisteredModel, UseCase
from apps.core.digests import digest_of
from apps.risk import offered, subjects
from apps.risk.models import Answer, AnswerEvidence, Assessment
from apps.risk.questionnaires import (
    AnswerRefused,
    Question,
    Questionnaire,
    Result,
    checked,
    evaluate,
)

Subject = RegisteredModel | ModelVersion | UseCase
SUBJECTS: Mapping[str, type[Subject]] = {
    "model": RegisteredModel,
    "version": ModelVersion,
    "use_case": UseCase,
}
"""What an assessment is about, by the word questionnaires have for it."""


def is_empty(value: object) -> bool:
    """Say whether an answer says nothing; ``False`` and ``"0"`` are answers."""
    return value is None or value in ("", [])


def stamp(value: object, note: str = "") -> str:
    """Return the digest of an answer and its note, by which a form says what it showed."""
    return digest_of({"value": None if is_empty(value) else value, "note": note})


NOTHING = stamp(None)
"""The stamp of a question nobody answered."""


def model_of(subject: Subject) -> RegisteredModel:
    """Return the model a subject belongs to."""
    return subject if isinstance(subject, RegisteredModel) else subject.model


@dataclass(frozen=True)
class Sheet:
    """An assessment with its questionnaire and everything that was answered."""

    assessment: Assessment
    questionnaire: Questionnaire
    rows: Mapping[str, Answer]

    @classmethod
    def of(cls, assessment: Assessment) -> "Sheet":
        """Read an assessment, as it is now."""
        rows = {row.key: row for row in assessment.answers.select_related("answered_by")}
        return cls(assessment, offered.asked_of(assessment.questionnaire), rows)

    @cached_property
    def answers(self) -> dict[str, Any]:
        """The answers its questionnaire asks for, in the form the engine takes."""
        asked = self.questionnaire.question_keys
        return {
            key: row.value
            for key, row in sorted(self.rows.items())
            if key in asked and not is_empty(row.value)
        }

    @cached_property
    def subject(self) -> Mapping[str, bool | int]:
        """What the registry tells the questionnaire about the subject: once approved, told then."""
        about = self.assessment
        if "subject" in about.result:
            kept: dict[str, bool | int] = about.result["subject"]
            return kept
        return subjects.subject_facts(about.model, version=about.version, use_case=about.use_case)

    def result(self, on: date) -> Result:
        """Evaluate what is answered, as of a day; what is approved, as of the day it was."""
        kept = self.assessment.result.get("today")
        day = date.fromisoformat(kept) if kept else on
        return evaluate(self.questionnaire, subject=self.subject, answers=self.answers, today=day)

    def shown(self, keys: Collection[str]) -> dict[str, str]:
        """Return the stamp of each answer, as a form shows it."""
        return {key: self.stamp(key) for key in keys}

    def stamp(self, key: str) -> str:
        """Return the stamp of one answer."""
        row = self.rows.get(key)
        return stamp(row.value, row.note) if row else NOTHING

    def unconfirmed(self, result: Result) -> list[Question]:
        """Return the questions whose answer was taken over and which nobody confirmed."""
        return [
            question
            for section in self.questionnaire.sections
            for question in section.questions
            if question.key in result.visible and self.is_prefilled(question.key)
        ]

    def without_note(self, result: Result) -> list[Question]:
        """Return the questions said not to apply without a note that says why."""
        return [
            question
            for section in self.questionnaire.sections
            for question in section.questions
            if question.key in result.visible
            and says_not_applicable(question, self.answers.get(question.key))
            and not self.rows[question.key].note
        ]

    def is_prefilled(self, key: str) -> bool:
        """Say whether an answer was taken over from the inventory and waits to be confirmed."""
        row = self.rows.get(key)
        return row is not None and row.is_prefilled


def says_not_applicable(question: Question, value: object) -> bool:
    """Say whether an answer takes the question out of scoring."""
    chosen = value if isinstance(value, list) else [value]
    return any(option.is_not_applicable and option.value in chosen for option in question.options)


def prefilled(questionnaire: Questionnaire, subject: Subject) -> dict[str, Any]:
    """Return the answers the inventory gives already, of those a questionnaire would take."""
    known: dict[str, Mapping[str, object]] = {}
    for record in _records(subject):
        known[_WORDS[type(record)]] = facts.of_subject(record)
    found: dict[str, Any] = {}
    for section in questionnaire.sections:
        for question in section.questions:
            value = _recorded(question, known)
            if value is not None:
                found[question.key] = value
    return found


def _recorded(question: Question, known: Mapping[str, Mapping[str, object]]) -> Any:
    entity, _, key = (question.maps_to or "").partition(".")
    value = known.get(entity, {}).get(key)
    if value is None:
        return None
    try:
        kept = checked(question, value)
    except AnswerRefused:
        return None  # recorded in a form this question does not take, so a person answers it
    return None if is_empty(kept) else kept


def _records(subject: Subject) -> tuple[Subject, ...]:
    model = model_of(subject)
    return (model,) if subject is model else (model, subject)


_WORDS = {rows: word for word, rows in SUBJECTS.items()}


def respondents_of(assessment: Assessment) -> frozenset[str]:
    """Return who answered, attached or submitted anything, and who answers for accounts that did.

    It reads history, since an answer that was changed later was given all the same.
    """
    return respondents_of_each([assessment.pk])[assessment.pk]


def respondents_of_each(assessment_ids: Collection[int]) -> Mapping[int, frozenset[str]]:
    """Return the respondents of many assessments by their ids, in a few queries for all."""
    about = {"assessment_id__in": assessment_ids}
    answered = Answer.history.filter(**about, is_prefilled=False).order_by()
    attached = AnswerEvidence.objects.filter(**about).order_by()
    submitted = Assessment.history.filter(id__in=assessment_ids).exclude(submitted_by=None)
    pairs = {
        *answered.values_list("assessment_id", "answered_by_id"),
        *attached.values_list("assessment_id", "attached_by_id"),
        *submitted.order_by().values_list("id", "submitted_by_id"),
    }
    people = User.objects.in_bulk({user_id for _, user_id in pairs})
    found: dict[int, set[str]] = {pk: set() for pk in assessment_ids}
    for pk, user_id in pairs:
        user = people[user_id]
        found[pk] |= {user.record_id, user.answerable_id}
    return {pk: frozenset(who) for pk, who in found.items()}
