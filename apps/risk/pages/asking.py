"""The questions of an assessment as pages show them: answered, open, and why each is asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.forms import BoundField
from django.urls import reverse

from apps.core.expressions import Expression
from apps.risk.answering import Sheet
from apps.risk.assessment_forms import CONFIRMED, NOTE, VALUE, SectionForm, in_words
from apps.risk.models import AnswerEvidence, Assessment
from apps.risk.operations.answers import Conflict, Written
from apps.risk.questionnaires import Question, Result, Section
from apps.validation.models import EvidenceItem

_NOBODY = "Not answered"


@dataclass(frozen=True)
class QuestionShown:
    """One question that is asked, with what was answered to it."""

    question: Question
    words: str
    note: str
    why: Sequence[tuple[str, str]]
    """The earlier answers it is asked because of: what was asked, and what was answered."""
    attached: Sequence[AnswerEvidence]
    is_prefilled: bool
    is_missing: bool
    who: str
    at: datetime | None

    @property
    def key(self) -> str:
        return self.question.key

    @property
    def cites(self) -> str:
        return "; ".join(self.question.cites)

    @property
    def source(self) -> str:
        """Where a prefilled answer comes from."""
        return f"From the inventory: {self.question.maps_to}" if self.is_prefilled else ""

    @property
    def lines(self) -> Sequence[str]:
        """The answer, or that there is none."""
        return self.words.split("\n") if self.words else [_NOBODY]


@dataclass(frozen=True)
class SectionShown:
    """One section that is asked, with how far it is answered."""

    section: Section
    questions: Sequence[QuestionShown]
    answered: int
    required: int
    url: str
    why: Sequence[tuple[str, str]] = ()
    """The earlier answers the whole section is asked because of."""

    @property
    def id(self) -> str:
        return self.section.id

    @property
    def title(self) -> str:
        return self.section.title

    @property
    def is_done(self) -> bool:
        return self.answered == self.required and not self.unconfirmed

    @property
    def unconfirmed(self) -> int:
        """How many of its answers were taken over and wait to be confirmed."""
        return sum(one.is_prefilled for one in self.questions)

    @property
    def progress(self) -> str:
        """How far it is, in words."""
        if not self.questions:
            return "nothing asked"
        told = f"{self.answered} of {self.required}" if self.required else "optional"
        return f"{told}, {self.unconfirmed} to confirm" if self.unconfirmed else told

    @property
    def saved_at(self) -> datetime | None:
        """When somebody last answered something of it."""
        newest = self._newest
        return newest.at if newest else None

    @property
    def saved_by(self) -> str:
        """Who did."""
        newest = self._newest
        return newest.who if newest else ""

    @property
    def _newest(self) -> QuestionShown | None:
        given = [(one.at, one) for one in self.questions if one.at and not one.is_prefilled]
        return max(given, key=lambda pair: pair[0])[1] if given else None


@dataclass(frozen=True)
class Asked:
    """Everything a questionnaire asks about a subject now, with what was answered."""

    sheet: Sheet
    result: Result
    items: Sequence[EvidenceItem] = ()
    """The evidence of the model, to call what answers name by its title."""

    @classmethod
    def of(cls, assessment: Assessment, on: date, items: Sequence[EvidenceItem] = ()) -> "Asked":
        """Read what an assessment asks on a day."""
        sheet = Sheet.of(assessment)
        return cls(sheet, sheet.result(on), items)

    @cached_property
    def sections(self) -> list[SectionShown]:
        """The sections that are asked, in order."""
        return [
            self._section(section)
            for section in self.sheet.questionnaire.sections
            if section.id in self.result.visible_sections
            and any(one.key in self.result.visible for one in section.questions)
        ]

    def section(self, section_id: str) -> SectionShown | None:
        """Return a section that is asked, or nothing."""
        return next((one for one in self.sections if one.id == section_id), None)

    def after(self, section_id: str) -> SectionShown | None:
        """Return the next section where something is left to do; after the last, the first."""
        ids = [one.id for one in self.sections]
        start = ids.index(section_id) + 1 if section_id in ids else 0
        in_turn = [*self.sections[start:], *self.sections[:start]]
        return next((one for one in in_turn if not one.is_done), None)

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """The evidence of the model by its id."""
        return {item.record_id: str(item) for item in self.items}

    def words_of(self, question: Question, written: Written) -> str:
        """Return an answer in the words it was chosen by."""
        return in_words(question, written, self.titles)

    def _section(self, section: Section) -> SectionShown:
        asked = [one for one in section.questions if one.key in self.result.visible]
        required = [one for one in asked if one.is_required]
        missing = [one for one in required if one.key in self.result.missing]
        pk = self.sheet.assessment.pk
        return SectionShown(
            section,
            [self._question(question) for question in asked],
            len(required) - len(missing),
            len(required),
            reverse("risk:assessment_section", args=[pk, section.id]),
            list(self._why(section.visible_when)),
        )

    def _question(self, question: Question) -> QuestionShown:
        row = self.sheet.rows.get(question.key)
        written = Written(row.value, row.note) if row else Written(None)
        return QuestionShown(
            question=question,
            words=self.words_of(question, written),
            note=written.note,
            why=list(self._why(question.visible_when)),
            attached=self._attached.get(question.key, ()),
            is_prefilled=self.sheet.is_prefilled(question.key),
            is_missing=question.key in self.result.missing,
            who=str(row.answered_by) if row else "",
            at=row.answered_at if row else None,
        )

    def _why(self, condition: Expression | None) -> Iterator[tuple[str, str]]:
        """Return the earlier answers that a condition read."""
        for path, _ in condition.reads if condition else ():
            root, _, key = path.partition(".")
            if root == "answers" and self.sheet.answers.get(key) is not None:
                question = self.sheet.questionnaire.question(key)
                yield question.text, question.in_words(self.sheet.answers[key])

    @cached_property
    def _attached(self) -> Mapping[str, list[AnswerEvidence]]:
        found: dict[str, list[AnswerEvidence]] = {}
        held = self.sheet.assessment.attached.filter(removed_at=None)
        for one in held.select_related("item__model", "attached_by").order_by("pk"):
            found.setdefault(one.key, []).append(one)
        return found


@dataclass(frozen=True)
class QuestionForm:
    """One question of a section with its controls, and what somebody else wrote meanwhile."""

    shown: QuestionShown
    number: int
    value: BoundField
    note: BoundField
    confirm: BoundField | None
    conflict: Conflict | None
    theirs: str
    mine: str
    attach_url: str

    @property
    def has_note(self) -> bool:
        """Whether the note is worth seeing at once."""
        return bool(self.note.value()) or bool(self.note.errors)


def questions_of(
    asked: Asked, section: SectionShown, form: SectionForm, conflicts: Sequence[Conflict] = ()
) -> list[QuestionForm]:
    """Return the questions of a section as its form shows them."""
    by_key = {one.key: one for one in conflicts}
    return [
        _question_form(asked, shown, number, form, by_key.get(shown.key))
        for number, shown in enumerate(section.questions, start=1)
        if VALUE + shown.key in form.fields
    ]


def _question_form(
    asked: Asked, shown: QuestionShown, number: int, form: SectionForm, conflict: Conflict | None
) -> QuestionForm:
    confirm = CONFIRMED + shown.key
    question = shown.question
    return QuestionForm(
        shown,
        number,
        form[VALUE + shown.key],
        form[NOTE + shown.key],
        form[confirm] if confirm in form.fields else None,
        conflict,
        _both(asked, question, conflict.theirs) if conflict else "",
        _both(asked, question, conflict.mine) if conflict else "",
        reverse("risk:attach_evidence", args=[asked.sheet.assessment.pk, shown.key]),
    )


def _both(asked: Asked, question: Question, written: Written) -> str:
    words = asked.words_of(question, written) or _NOBODY
    return f"{words}\nNote: {written.note}" if written.note else words
