"""The parts of a questionnaire: what is asked, when, and what follows from the answers."""

from datetime import date
from decimal import Decimal
from typing import Any

from apps.api.v1.answers.base import Answer
from apps.core.expressions import Expression
from apps.risk.pages.conditions import in_words
from apps.risk.questionnaires import (
    Flag,
    Obligation,
    Option,
    Outcome,
    Question,
    Questionnaire,
    Section,
    number_text,
)


class Condition(Answer):
    """When something is so, as it is written and, where people would say it, in words."""

    code: str
    words: str


class OptionAnswer(Answer):
    """One of the answers a choice offers; ``score`` counts where the question is scored."""

    value: str
    label: str
    help: str
    score: str
    exclusive: bool
    not_applicable: bool

    @classmethod
    def of(cls, option: Option) -> "OptionAnswer":
        return cls(
            value=option.value,
            label=option.label,
            help=option.help,
            score=number_text(option.score),
            exclusive=option.is_exclusive,
            not_applicable=option.is_not_applicable,
        )


class QuestionAnswer(Answer):
    """One thing that is asked, when it is, and what may be answered to it."""

    key: str
    text: str
    help: str
    type: str
    required: bool
    scored: bool
    visible_when: Condition | None
    options: list[OptionAnswer]
    min: str | None
    max: str | None
    step: str | None
    unit: str
    labels: dict[str, str]
    max_length: int
    evidence_types: list[str]
    inventory_field: str
    cites: list[str]

    @classmethod
    def of(cls, asked: Questionnaire, question: Question) -> "QuestionAnswer":
        return cls(
            key=question.key,
            text=question.text,
            help=question.help,
            type=question.type.value,
            required=question.is_required,
            scored=question.scoring is not None,
            visible_when=condition(asked, question.visible_when),
            options=[OptionAnswer.of(one) for one in question.options],
            min=_number(question.min),
            max=_number(question.max),
            step=_number(question.step),
            unit=question.unit,
            labels=dict(question.labels),
            max_length=question.max_length,
            evidence_types=list(question.evidence_types),
            inventory_field=question.maps_to,
            cites=list(question.cites),
        )


class SectionAnswer(Answer):
    """Questions that are asked together."""

    id: str
    title: str
    description: str
    visible_when: Condition | None
    questions: list[QuestionAnswer]

    @classmethod
    def of(cls, asked: Questionnaire, section: Section) -> "SectionAnswer":
        return cls(
            id=section.id,
            title=section.title,
            description=section.description,
            visible_when=condition(asked, section.visible_when),
            questions=[QuestionAnswer.of(asked, one) for one in section.questions],
        )


class OutcomeRule(Answer):
    """What an assessment may come to; the first whose condition is so counts."""

    id: str
    label: str
    description: str
    rank: int
    when: Condition | None
    sets: dict[str, Any]
    max_age_days: int | None

    @classmethod
    def of(cls, asked: Questionnaire, outcome: Outcome) -> "OutcomeRule":
        return cls(
            id=outcome.id,
            label=outcome.label,
            description=outcome.description,
            rank=outcome.rank,
            when=condition(asked, outcome.when),
            sets=dict(outcome.sets),
            max_age_days=outcome.max_age_days,
        )


class FlagRule(Answer):
    """Something that may be true of a subject besides its outcome."""

    id: str
    label: str
    when: Condition | None
    cites: list[str]

    @classmethod
    def of(cls, asked: Questionnaire, flag: Flag) -> "FlagRule":
        return cls(
            id=flag.id,
            label=flag.label,
            when=condition(asked, flag.when),
            cites=list(flag.cites),
        )


class ObligationRule(Answer):
    """What becomes mandatory while its condition is so, and what fulfills it."""

    id: str
    title: str
    detail: str
    kind: str
    by: str
    count: int
    when: Condition | None
    gates: list[str]
    applies_from: date | None
    applies_from_value: str
    cites: list[str]

    @classmethod
    def of(cls, asked: Questionnaire, rule: Obligation) -> "ObligationRule":
        return cls(
            id=rule.id,
            title=rule.title,
            detail=rule.detail,
            kind=rule.kind.value,
            by=rule.ref,
            count=rule.count,
            when=condition(asked, rule.when),
            gates=list(rule.gates),
            applies_from=rule.applies_from,
            applies_from_value=rule.applies_from_var,
            cites=list(rule.cites),
        )


def condition(asked: Questionnaire, found: Expression | None) -> Condition | None:
    """Return a condition; nothing where it is always so."""
    if found is None or found.source == "true":
        return None
    return Condition(code=found.source, words=in_words(asked, found.source))


def _number(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
