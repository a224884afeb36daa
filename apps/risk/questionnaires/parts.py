"""The parts of a questionnaire that was read: what is asked, and what follows from the answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from apps.core.expressions import Expression, Kind

Value: TypeAlias = "bool | str | list[str] | None"
"""An answer as it is kept: numbers are decimal text, nothing is ``None``, ``[]`` or ``""``."""
Setting: TypeAlias = "Value | int"
"""What an inventory field receives from an answer or an outcome."""


class QuestionType(StrEnum):
    CHOICE = "choice"
    MULTICHOICE = "multichoice"
    BOOLEAN = "boolean"
    SCALE = "scale"
    NUMBER = "number"
    TEXT = "text"
    EVIDENCE = "evidence"


class ObligationKind(StrEnum):
    """What fulfills an obligation."""

    EVIDENCE = "evidence"
    DOCUMENT = "document"
    CONDITION = "condition"
    SIGN_OFF = "sign_off"
    RESTRICTION = "restriction"


LISTS = (QuestionType.MULTICHOICE, QuestionType.EVIDENCE)
NUMBERS = (QuestionType.SCALE, QuestionType.NUMBER)
CHOICES = (QuestionType.CHOICE, QuestionType.MULTICHOICE)


@dataclass(frozen=True)
class Source:
    """A work the questionnaire cites."""

    id: str
    title: str
    url: str
    status: str


@dataclass(frozen=True)
class Option:
    """One of the answers a choice offers."""

    value: str
    label: str
    help: str = ""
    score: float = 0.0
    is_exclusive: bool = False
    is_not_applicable: bool = False


@dataclass(frozen=True)
class Scoring:
    """How the answer to a question counts."""

    weight: float = 1.0
    combine: str = "max"
    cap: float | None = None
    score_true: float = 0.0
    score_false: float = 0.0


@dataclass(frozen=True)
class Question:
    """One thing that is asked, with what may be answered to it."""

    key: str
    text: str
    help: str
    type: QuestionType
    cites: tuple[str, ...]
    is_required: bool = True
    visible_when: Expression | None = None
    options: tuple[Option, ...] = ()
    min: Decimal | None = None
    max: Decimal | None = None
    step: Decimal | None = None
    unit: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    max_length: int = 0
    evidence_types: tuple[str, ...] = ()
    maps_to: str = ""
    scoring: Scoring | None = None

    @cached_property
    def options_by_value(self) -> Mapping[str, Option]:
        """Its options, by the value each stands for."""
        return {option.value: option for option in self.options}

    @property
    def empty(self) -> Value:
        """What stands for no answer."""
        if self.type in LISTS:
            return []
        return "" if self.type is QuestionType.TEXT else None

    def in_words(self, value: Value) -> str:
        """Return an answer in the words people chose it by; nothing is ""."""
        if value is None or value in ("", []):
            return ""
        if isinstance(value, bool):
            return "Yes" if value else "No"
        if isinstance(value, list):
            return ", ".join(self._label(one) for one in value)
        return self._label(value)

    def _label(self, value: str) -> str:
        if option := self.options_by_value.get(value):
            return option.label
        if label := self.labels.get(value):
            return f"{value} ({label})"
        return f"{value} {self.unit}" if self.unit and self.type in NUMBERS else value


@dataclass(frozen=True)
class Section:
    """Questions that are asked together."""

    id: str
    title: str
    description: str
    visible_when: Expression | None
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Var:
    """A value worked out on the way to the outcome."""

    key: str
    kind: Kind
    expression: Expression


@dataclass(frozen=True)
class Outcome:
    """What an assessment may come to."""

    id: str
    label: str
    description: str
    rank: int
    when: Expression
    sets: Mapping[str, Setting]
    max_age_days: int | None


@dataclass(frozen=True)
class Flag:
    """Something true of a subject besides its outcome."""

    id: str
    label: str
    when: Expression
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Obligation:
    """What becomes mandatory while its condition is true."""

    id: str
    title: str
    detail: str
    kind: ObligationKind
    ref: str
    count: int
    when: Expression
    gates: tuple[str, ...]
    applies_from: date | None
    applies_from_var: str
    cites: tuple[str, ...]


ObligationRule = Obligation


@dataclass(frozen=True)
class Questionnaire:
    """What is asked to judge a model, a version or a use, and what follows from the answers."""

    id: str
    version: str
    title: str
    short_title: str
    summary: str
    disclaimer: str
    language: str
    law_as_of: date
    sources: tuple[Source, ...]
    subject: str
    """What one assessment is about: "model", "version" or "use_case"."""
    applies_when: Expression | None
    respondents: tuple[str, ...]
    reviewers: tuple[str, ...]
    max_age_days: int
    triggers: tuple[str, ...]
    sections: tuple[Section, ...]
    vars: tuple[Var, ...]
    outcomes: tuple[Outcome, ...]
    flags: tuple[Flag, ...]
    obligations: tuple[Obligation, ...]
    text: str
    digest: str
    document: Mapping[str, object] = field(repr=False, compare=False)
    """The text as read, to compare versions by."""

    def __str__(self) -> str:
        return f"{self.title} {self.version}"

    @property
    def questions(self) -> Iterator[Question]:
        """Every question, in the order they are asked."""
        return (question for section in self.sections for question in section.questions)

    @cached_property
    def question_keys(self) -> tuple[str, ...]:
        """The keys of all questions, in order."""
        return tuple(self._questions)

    def question(self, key: str) -> Question:
        """Return the question with a key; of one there is not, ``KeyError`` tells."""
        return self._questions[key]

    def outcome(self, outcome_id: str) -> Outcome:
        """Return an outcome by its id; of one there is not, ``KeyError`` tells."""
        return self._outcomes[outcome_id]

    def flag(self, flag_id: str) -> Flag:
        """Return a flag by its id; of one there is not, ``KeyError`` tells."""
        return self._flags[flag_id]

    def obligation(self, obligation_id: str) -> Obligation:
        """Return an obligation by its id; of one there is not, ``KeyError`` tells."""
        return self._obligations[obligation_id]

    @cached_property
    def _questions(self) -> Mapping[str, Question]:
        return {question.key: question for question in self.questions}

    @cached_property
    def _outcomes(self) -> Mapping[str, Outcome]:
        return {outcome.id: outcome for outcome in self.outcomes}

    @cached_property
    def _flags(self) -> Mapping[str, Flag]:
        return {flag.id: flag for flag in self.flags}

    @cached_property
    def _obligations(self) -> Mapping[str, Obligation]:
        return {obligation.id: obligation for obligation in self.obligations}
