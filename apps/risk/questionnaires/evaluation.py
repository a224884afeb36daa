"""Working out what answers come to (section 3 of the questionnaires' README).

Pure: the same questionnaire, subject, answers and day give the same result years later.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import cast

from apps.core.errors import DomainError
from apps.core.expressions import Expression, ExpressionError
from apps.risk.questionnaires.answers import all_checked, as_number
from apps.risk.questionnaires.because import because
from apps.risk.questionnaires.limits import MOST_VALUE
from apps.risk.questionnaires.parts import (
    LISTS,
    NUMBERS,
    Flag,
    Obligation,
    Outcome,
    Question,
    Questionnaire,
    Section,
    Setting,
    Value,
    Var,
)
from apps.risk.questionnaires.results import Duty, Result, VarValue
from apps.risk.questionnaires.scoring import Score, scored, total

Subject = Mapping[str, "bool | int"]


class EvaluationFailed(DomainError):
    """An expression of a questionnaire failed; the questionnaire is at fault, not the answers."""

    code = "evaluation_failed"


def applies(questionnaire: Questionnaire, subject: Subject) -> bool:
    """Say whether a questionnaire is asked about a subject."""
    if questionnaire.applies_when is None:
        return True
    return _Run(questionnaire, {"subject": dict(subject)}).is_true(
        questionnaire.applies_when, "applies_when"
    )


def evaluate(
    questionnaire: Questionnaire, *, subject: Subject, answers: Mapping[str, object], today: date
) -> Result:
    """Return what answers come to on a day.

    Raises:
        AnswerRefused: when an answer is to no question, or not what its question takes.
        EvaluationFailed: when an expression of the questionnaire fails.
    """
    given = all_checked(questionnaire, answers)
    if not applies(questionnaire, subject):
        return Result(applies=False)
    run = _Run(
        questionnaire,
        {"subject": dict(subject), "today": datetime.combine(today, time(), tzinfo=UTC)},
    )
    run.ask(given)
    run.score()
    run.work_out()
    return run.result()


@dataclass
class _Run:
    """One evaluation: the facts known so far, and what was found by them."""

    questionnaire: Questionnaire
    facts: dict[str, object]
    values: dict[str, Value] = field(default_factory=dict)
    visible: set[str] = field(default_factory=set)
    visible_sections: list[str] = field(default_factory=list)
    scores: dict[str, Score] = field(default_factory=dict)
    sections: dict[str, Score] = field(default_factory=dict)
    vars: dict[str, VarValue] = field(default_factory=dict)

    def ask(self, given: Mapping[str, Value]) -> None:
        """Find what is asked, in order; the answer to what is not stays empty."""
        self.values = {one.key: one.empty for one in self.questionnaire.questions}
        read: dict[str, object] = {
            one.key: _as_fact(one, one.empty) for one in self.questionnaire.questions
        }
        self.facts["answers"] = read
        for section in self.questionnaire.sections:
            if not self.is_shown(section.visible_when, f"the section {section.id}"):
                continue
            self.visible_sections.append(section.id)
            for question in section.questions:
                if self.is_shown(question.visible_when, f"the question {question.key}"):
                    self.visible.add(question.key)
                    self.values[question.key] = given[question.key]
                    read[question.key] = _as_fact(question, given[question.key])

    def score(self) -> None:
        """Count the answers."""
        self.scores = {
            question.key: scored(question, self.values[question.key])
            if question.key in self.visible
            else Score(is_visible=False)
            for question in self.questionnaire.questions
        }
        self.sections = {one.id: self._section(one) for one in self.questionnaire.sections}
        self.facts["scores"] = {key: one.score for key, one in self.scores.items()}
        self.facts["sections"] = {key: one.as_facts() for key, one in self.sections.items()}
        self.facts["total"] = total(self.sections.values()).as_facts()

    def work_out(self) -> None:
        """Compute the variables, each from those before it."""
        known: dict[str, object] = {}
        self.facts["vars"] = known
        for var in self.questionnaire.vars:
            value = self._value(var)
            known[var.key] = list(value) if isinstance(value, tuple) else value
            self.vars[var.key] = value

    def result(self) -> Result:
        """Return what was found; of provisional answers, only how far they are."""
        outcome = next(one for one in self.questionnaire.outcomes if self._is_so(one))
        self.facts["outcome"] = outcome.id
        flags = tuple(one.id for one in self.questionnaire.flags if self._is_so(one))
        self.facts["flags"] = list(flags)
        duties = tuple(
            Duty(one, self._applies_from(one))
            for one in self.questionnaire.obligations
            if self._is_so(one)
        )
        asked = [
            one
            for one in self.questionnaire.questions
            if one.is_required and one.key in self.visible
        ]
        missing = tuple(one.key for one in asked if self.values[one.key] == one.empty)
        is_known = not missing
        return Result(
            applies=True,
            is_provisional=not is_known,
            visible=frozenset(self.visible),
            visible_sections=tuple(self.visible_sections),
            values=self.values,
            scores={
                one.key: self.scores[one.key].score
                for one in self.questionnaire.questions
                if one.scoring is not None and one.key in self.visible
            },
            sections=self.sections,
            total=total(self.sections.values()),
            vars=self.vars,
            outcome=outcome if is_known else None,
            flags=flags if is_known else (),
            obligations=duties if is_known else (),
            missing=missing,
            answered=len(asked) - len(missing),
            required=len(asked),
            sets=self._sets(outcome) if is_known else {},
            because=because(self.questionnaire, outcome, self.values, self.vars, self.sections)
            if is_known
            else (),
        )

    def is_shown(self, when: Expression | None, place: str) -> bool:
        """Say whether something is asked."""
        return when is None or self.is_true(when, place)

    def is_true(self, expression: Expression, place: str) -> bool:
        """Say whether an expression is true of the facts known so far."""
        try:
            return expression.evaluate(self.facts)
        except ExpressionError as error:
            raise self._failed(place, str(error)) from error

    def _is_so(self, part: Outcome | Flag | Obligation) -> bool:
        return self.is_true(part.when, f"{type(part).__name__.lower()} {part.id}")

    def _value(self, var: Var) -> VarValue:
        place = f"the variable {var.key}"
        try:
            value = var.expression.value(self.facts)
        except ExpressionError as error:
            raise self._failed(place, str(error)) from error
        if isinstance(value, float) and not math.isfinite(value):
            raise self._failed(place, "It divides by zero.")
        if isinstance(value, list | tuple):
            value = tuple(map(str, value))
        if _room(value) > MOST_VALUE:
            raise self._failed(place, f"It comes to more than {MOST_VALUE:,} characters.")
        return cast("VarValue", value)

    def _section(self, section: Section) -> Score:
        return total(
            (self.scores[question.key] for question in section.questions),
            is_visible=section.id in self.visible_sections,
        )

    def _applies_from(self, rule: Obligation) -> date | None:
        if not rule.applies_from_var:
            return rule.applies_from
        written = str(self.vars[rule.applies_from_var])
        try:
            return date.fromisoformat(written) if written else None
        except ValueError:
            raise self._failed(f"obligation {rule.id}", f"{written!r} is no day.") from None

    def _sets(self, outcome: Outcome) -> dict[str, Setting]:
        """Return what approval writes: answers that map to a field, then what the outcome sets."""
        found: dict[str, Setting] = {
            one.maps_to: self.values[one.key]
            for one in self.questionnaire.questions
            if one.maps_to and one.key in self.visible and self.values[one.key] != one.empty
        }
        for name, value in outcome.sets.items():
            found[name if "." in name else f"{self.questionnaire.subject}.{name}"] = value
        return found

    def _failed(self, place: str, why: str) -> EvaluationFailed:
        return EvaluationFailed(
            f"{self.questionnaire} cannot work out {place}. {why} Tell those who keep it."
        )


def _room(value: object) -> int:
    """Return how many characters a value takes, each thing of a list counted as one more."""
    if isinstance(value, tuple):
        return sum(len(one) + 1 for one in value)
    return len(value) if isinstance(value, str) else 0


def _as_fact(question: Question, value: Value) -> object:
    """Return an answer the way expressions read it."""
    if question.type in NUMBERS:
        return as_number(value)
    return list(value) if question.type in LISTS and isinstance(value, list) else value
