"""What an outcome was found by, in words people chose their answers by."""

from collections.abc import Iterator, Mapping

from apps.core.expressions import Expression
from apps.risk.questionnaires.parts import Outcome, Questionnaire, Value
from apps.risk.questionnaires.results import VarValue, number_text
from apps.risk.questionnaires.scoring import Score

MOST_READ = 40


def because(
    questionnaire: Questionnaire,
    outcome: Outcome,
    values: Mapping[str, Value],
    found: Mapping[str, VarValue],
    sections: Mapping[str, Score],
) -> tuple[tuple[str, str], ...]:
    """Return what an outcome's condition read, and what that was worked out from, in order.

    An outcome that is so whenever no other is was found by what the others read.
    """
    read = list(_read(questionnaire, outcome))
    words: dict[str, tuple[str, str]] = {}
    while read and len(words) < MOST_READ:
        path = read.pop(0)
        told = _told(questionnaire, path, values, found, sections)
        if path in words or told is None:
            continue
        words[path] = told
        read += _behind(questionnaire, path)
    return tuple(words.values())


def _read(questionnaire: Questionnaire, outcome: Outcome) -> Iterator[str]:
    for one in questionnaire.outcomes:
        if one is outcome or not outcome.when.reads:
            yield from _paths(one.when)


def _behind(questionnaire: Questionnaire, path: str) -> list[str]:
    root, _, key = path.partition(".")
    if root != "vars":
        return []
    return list(_paths(next(var.expression for var in questionnaire.vars if var.key == key)))


def _paths(expression: Expression) -> Iterator[str]:
    return (path for path, _ in expression.reads)


def _told(
    questionnaire: Questionnaire,
    path: str,
    values: Mapping[str, Value],
    found: Mapping[str, VarValue],
    sections: Mapping[str, Score],
) -> tuple[str, str] | None:
    """Return a fact in words with its value; ``None`` of what says nothing to people."""
    root, _, key = path.partition(".")
    if root == "answers":
        question = questionnaire.question(key)
        answer = question.in_words(values[key])
        return (question.text, answer) if answer else None
    if root == "vars":
        return _name(key), _value(found[key])
    if root == "sections":
        name, _, part = key.partition(".")
        title = next(one.title for one in questionnaire.sections if one.id == name)
        is_share = part == "pct"
        return (title, f"{number_text(round(sections[name].pct, 1))}%") if is_share else None
    return None


def _name(key: str) -> str:
    return key.strip("_").replace("_", " ").capitalize()


def _value(value: VarValue) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float):
        return number_text(round(value, 2))
    return value if isinstance(value, str) else ", ".join(value) or "None"
