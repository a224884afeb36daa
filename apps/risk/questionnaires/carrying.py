"""Which answers stay when a newer version of a questionnaire takes over a draft."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.risk.questionnaires.answers import AnswerRefused, checked
from apps.risk.questionnaires.parts import Question, Questionnaire, Value


@dataclass(frozen=True)
class Carried:
    """The answers that stay, and those that do not, each with the reason."""

    kept: Mapping[str, Value]
    dropped: tuple[tuple[str, str], ...]


def carried(old: Questionnaire, new: Questionnaire, answers: Mapping[str, Value]) -> Carried:
    """Return which answers stay: those to questions with the same key, type and options."""
    kept: dict[str, Value] = {}
    dropped: list[tuple[str, str]] = []
    for key, value in answers.items():
        why = _why_not(old, new, key, value)
        if why:
            dropped.append((key, why))
        else:
            kept[key] = value
    return Carried(kept, tuple(dropped))


def _why_not(old: Questionnaire, new: Questionnaire, key: str, value: Value) -> str:
    if key not in new.question_keys:
        return "It is no longer asked."
    if key not in old.question_keys:
        return "It was not asked before."
    before, after = old.question(key), new.question(key)
    if before.type is not after.type:
        return "It is answered in another way now."
    if _offered(before) != _offered(after):
        return "Its options are others now."
    try:
        checked(after, value)
    except AnswerRefused as refusal:
        return str(refusal)
    return ""


def _offered(question: Question) -> frozenset[str]:
    return frozenset(question.options_by_value)
