"""What one question says that makes no sense, in words."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from apps.core.shapes import Path, Problem, nearest
from apps.risk.questionnaires.limits import MOST_ANSWER, MOST_NUMBER, MOST_STEPS
from apps.risk.questionnaires.parts import CHOICES, NUMBERS, QuestionType

Document = dict[str, Any]

_SCORED = (*CHOICES, QuestionType.BOOLEAN, QuestionType.SCALE)
_SCORING = ("weight", "combine", "cap", "score_true", "score_false")
_ONLY_WITH = {
    "options": CHOICES,
    "option_set": CHOICES,
    "min": NUMBERS,
    "max": NUMBERS,
    "step": NUMBERS,
    "unit": NUMBERS,
    "labels": (QuestionType.SCALE,),
    "max_length": (QuestionType.TEXT,),
    "evidence_types": (QuestionType.EVIDENCE,),
    "combine": (QuestionType.MULTICHOICE,),
    "cap": (QuestionType.MULTICHOICE,),
    "score_true": (QuestionType.BOOLEAN,),
    "score_false": (QuestionType.BOOLEAN,),
}
"""Keys that mean something with some types of questions only."""


def question_problems(
    question: Document, sets: Mapping[str, object], path: Path
) -> Iterator[Problem]:
    """Say everything that keeps one question from being asked or scored."""
    place, kind = f"The question {question['key']}", question["type"]
    for key, kinds in _ONLY_WITH.items():
        if key in question and kind not in kinds:
            yield Problem(f"{place} is of the type {kind}, which takes no {key}.", (*path, key))
    if kind in CHOICES:
        yield from _choices(place, question, sets, path)
    if kind in NUMBERS:
        yield from _numbers(place, question, path)
    if kind == QuestionType.TEXT and not 1 <= question.get("max_length", 1) <= MOST_ANSWER:
        words = f"{place}: max_length is a whole number from 1 to {MOST_ANSWER:,}."
        yield Problem(words, (*path, "max_length"))
    if kind == QuestionType.EVIDENCE and not question["evidence_types"]:
        yield Problem(f"{place}: name an evidence type.", (*path, "evidence_types"))
    yield from _scoring(place, question, path)


def _choices(
    place: str, question: Document, sets: Mapping[str, object], path: Path
) -> Iterator[Problem]:
    named = question.get("option_set")
    if named is not None and "options" in question:
        yield Problem(f"{place} has options and an option_set. Keep one.", (*path, "option_set"))
    if named is not None and named not in sets:
        words = f"{place} takes its options from the undefined set {named!r}."
        yield Problem(f"{words}{nearest(named, sets)}", (*path, "option_set"))


def _numbers(place: str, question: Document, path: Path) -> Iterator[Problem]:
    low, high, step = (
        None if key not in question else Decimal(str(question[key]))
        for key in ("min", "max", "step")
    )
    for key, value in (("min", low), ("max", high)):
        if value is not None and abs(value) > MOST_NUMBER:
            yield Problem(f"{place}: {key} is at most {MOST_NUMBER:,}.", (*path, key))
    if low is not None and high is not None and low >= high:
        yield Problem(f"{place}: min must be less than max.", (*path, "min"))
        return
    if step is not None and step <= 0:
        yield Problem(f"{place}: step must be more than 0.", (*path, "step"))
        return
    if question["type"] == QuestionType.SCALE and low is not None and high is not None:
        if (high - low) / (step or 1) > MOST_STEPS:
            words = f"{place}: a scale has at most {MOST_STEPS} steps. Ask for a number instead."
            yield Problem(words, (*path, "max"))
        yield from _labels(place, question, path)


def _labels(place: str, question: Document, path: Path) -> Iterator[Problem]:
    for value, label in question.get("labels", {}).items():
        if not isinstance(label, str):
            yield Problem(f"{place}: the label of {value} must be text.", (*path, "labels", value))


def _scoring(place: str, question: Document, path: Path) -> Iterator[Problem]:
    if question.get("scored") and question["type"] not in _SCORED:
        words = f"{place} is scored, which its type {question['type']} cannot be."
        yield Problem(words, (*path, "scored"))
    if not question.get("scored"):
        for key in _SCORING:
            if key in question:
                words = f"{place} has {key}, which counts only with scored: true."
                yield Problem(words, (*path, key))
