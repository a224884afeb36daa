"""Answers in the one form they are kept and compared in, or a refusal in words.

Numbers are kept as decimal text: a digest covers every answer, and no float may enter one.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from apps.core.errors import RuleBroken
from apps.core.hidden import require_in_order
from apps.core.inputs import InputRefused, require_text
from apps.core.shapes import listed, nearest
from apps.risk.questionnaires.limits import MOST_NUMBER
from apps.risk.questionnaires.parts import Question, Questionnaire, QuestionType, Value

MOST_EVIDENCE = 50
_MOST_ID = 100
_MOST_DECIMALS = 6
_MOST_SAID = 80
"""How much of what was sent a refusal repeats."""


class AnswerRefused(RuleBroken):
    """An answer a question does not take; the message says what it does."""

    code = "answer_refused"


def checked(question: Question, value: object) -> Value:
    """Return an answer in the form it is kept in; nothing is the empty value of its type.

    Raises:
        AnswerRefused: when the question does not take it.
    """
    if value is None or value in ("", []):
        return question.empty
    return _CHECKS[question.type](question, value)


def all_checked(questionnaire: Questionnaire, answers: Mapping[str, object]) -> dict[str, Value]:
    """Return answers to every question of a questionnaire, the empty ones included."""
    known = questionnaire.question_keys
    for key in answers:
        if key not in known:
            asked = f"{questionnaire.title} asks no question {key!r:.{_MOST_SAID}}."
            raise AnswerRefused(f"{asked}{nearest(key, known)}")
    return {
        question.key: checked(question, answers.get(question.key))
        for question in questionnaire.questions
    }


def as_number(value: Value) -> float | None:
    """Return a number that is kept as text the way expressions read it."""
    return float(value) if isinstance(value, str) and value else None


def _choice(question: Question, value: object) -> str:
    if not isinstance(value, str):
        raise _refusal(question, "takes one of its options")
    if value not in question.options_by_value:
        offered = [option.value for option in question.options]
        hint = nearest(value, offered) or f" Choose {listed(offered)}."
        raise _refusal(question, f"has no option {value!r:.{_MOST_SAID}}", hint)
    return value


def _choices(question: Question, value: object) -> list[str]:
    if not isinstance(value, list | tuple):
        raise _refusal(question, "takes a list of its options")
    chosen = {_choice(question, one) for one in value}
    in_order = [option for option in question.options if option.value in chosen]
    alone = next((one for one in in_order if one.is_exclusive), None)
    if alone is not None and len(in_order) > 1:
        raise _refusal(question, f"takes “{alone.label}” alone or not at all")
    return [option.value for option in in_order]


def _boolean(question: Question, value: object) -> bool:
    if not isinstance(value, bool):
        raise _refusal(question, "takes yes or no")
    return value


def _number(question: Question, value: object) -> str:
    number = _decimal(question, value)
    low, high = question.min, question.max
    if (low is not None and number < low) or (high is not None and number > high):
        raise _refusal(question, f"takes a number{_bounds(low, high)}")
    start = low if low is not None else Decimal(0)
    if question.step is not None and (number - start) % question.step:
        raise _refusal(question, f"takes steps of {plain(question.step)} from {plain(start)}")
    return plain(number)


def _decimal(question: Question, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise _refusal(question, "takes a number")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise _refusal(question, f"takes a number, not {value!r:.40}") from None
    if not number.is_finite() or number.copy_abs() > MOST_NUMBER:
        raise _refusal(question, f"takes a number up to {MOST_NUMBER:,}")
    if number != round(number, _MOST_DECIMALS):
        raise _refusal(question, f"takes at most {_MOST_DECIMALS} decimals")
    return number


def plain(number: Decimal) -> str:
    """Return a number as text, without an exponent or zeros that say nothing."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _text(question: Question, value: object) -> str:
    if not isinstance(value, str):
        raise _refusal(question, "takes text")
    text = value.replace("\r\n", "\n").strip()
    try:
        label = f"The answer to “{question.text}”"
        require_text(text, label, question.max_length, lines=True)
        require_in_order(text, label)
    except InputRefused as refusal:
        raise AnswerRefused(str(refusal)) from refusal
    return text


def _evidence(question: Question, value: object) -> list[str]:
    if not isinstance(value, list | tuple):
        raise _refusal(question, "takes a list of evidence items")
    if not all(isinstance(one, str) and 0 < len(one) <= _MOST_ID for one in value):
        raise _refusal(question, "takes evidence items by their ids")
    items = list(dict.fromkeys(value))
    if len(items) > MOST_EVIDENCE:
        raise _refusal(question, f"takes at most {MOST_EVIDENCE} evidence items")
    return items


def _bounds(low: Decimal | None, high: Decimal | None) -> str:
    from_low = f" from {plain(low)}" if low is not None else ""
    to_high = f" {'to' if from_low else 'up to'} {plain(high)}" if high is not None else ""
    return f"{from_low}{to_high}"


def _refusal(question: Question, takes: str, hint: str = "") -> AnswerRefused:
    return AnswerRefused(f"“{question.text}” {takes}.{hint}")


_CHECKS: Mapping[QuestionType, Callable[[Question, object], Value]] = {
    QuestionType.CHOICE: _choice,
    QuestionType.MULTICHOICE: _choices,
    QuestionType.BOOLEAN: _boolean,
    QuestionType.SCALE: _number,
    QuestionType.NUMBER: _number,
    QuestionType.TEXT: _text,
    QuestionType.EVIDENCE: _evidence,
}
