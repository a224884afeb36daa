"""A condition of a questionnaire in words, as far as it is one people would say."""

import re
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from apps.core.shapes import listed
from apps.risk.questionnaires import Questionnaire

Saying: TypeAlias = "Callable[[Questionnaire, re.Match[str]], str]"

_TEXT = r"'([^']*)'"
_IN = re.compile(r"\banswers\.(\w+) in \[([^\]]*)\]")
_HAS = re.compile(rf"{_TEXT} in answers\.(\w+)")
_IS = re.compile(rf"\banswers\.(\w+) (==|!=) (?:{_TEXT}|(true|false))")
_ABOUT = re.compile(r"\bsubject\.(\w+) (==|!=) (true|false)")
_FLAGGED = re.compile(rf"{_TEXT} in flags\b")
_OUTCOME = re.compile(rf"\boutcome (==|!=) {_TEXT}")
_ANY_BUT = re.compile(rf"\banswers\.(\w+)\.exists\((\w+), \2 != {_TEXT}\)")
_ANY_OF = re.compile(r"\banswers\.(\w+)\.exists\((\w+), \2 in \[([^\]]*)\]\)")
_LITERAL = re.compile(_TEXT)
_KEPT = re.compile(r"\x00(\d+)\x00")
_SUBJECT = {
    "eu_in_scope": "the EU AI Act may apply",
    "tiering_required": "the model must be tiered",
    "is_ai": "it is an AI system",
    "is_generative": "it is generative",
    "is_agentic": "it acts by itself with tools",
    "is_third_party": "it comes from a supplier",
}
_LEFT = re.compile(
    r"\b(?:answers|subject|vars|sections|total|scores|today|flags|outcome)\b|exists|all\(|[\[\]?]"
)
"""What is left where a condition is more than people would say."""


def in_words(questionnaire: Questionnaire, source: str) -> str:
    """Return a condition in words; nothing where only its own form says it."""
    told, words = " ".join(source.split()), list[str]()
    for pattern, say in _SAYINGS:
        told = pattern.sub(partial(_kept, words, questionnaire, say), told)
    if _LEFT.search(told):
        return ""
    told = told.replace("!(", "not (").replace(" && ", " and ").replace(" || ", " or ")
    return _KEPT.sub(lambda found: words[int(found[1])], told)


def _kept(words: list[str], asked: Questionnaire, say: Saying, found: re.Match[str]) -> str:
    """Put words aside, so that nothing in them is taken for a condition."""
    words.append(say(asked, found))
    return f"\0{len(words) - 1}\0"


def _any_but(questionnaire: Questionnaire, found: re.Match[str]) -> str:
    label = _label(questionnaire, found[1], found[3])
    return f"“{_asked(questionnaire, found[1])}” includes anything but “{label}”"


def _any_of(questionnaire: Questionnaire, found: re.Match[str]) -> str:
    options = [f"“{_label(questionnaire, found[1], one)}”" for one in _LITERAL.findall(found[3])]
    return f"“{_asked(questionnaire, found[1])}” includes {listed(options)}"


def _in(questionnaire: Questionnaire, found: re.Match[str]) -> str:
    options = _LITERAL.findall(found[2])
    labels = [f"“{_label(questionnaire, found[1], one)}”" for one in options]
    return f"“{_asked(questionnaire, found[1])}” is {listed(labels)}"


def _has(questionnaire: Questionnaire, found: re.Match[str]) -> str:
    label = _label(questionnaire, found[2], found[1])
    return f"“{_asked(questionnaire, found[2])}” includes “{label}”"


def _is(questionnaire: Questionnaire, found: re.Match[str]) -> str:
    verb = "is" if found[2] == "==" else "is not"
    if found[4]:
        return f"“{_asked(questionnaire, found[1])}” {verb} {_yes_no(found[4])}"
    return (
        f"“{_asked(questionnaire, found[1])}” {verb} “{_label(questionnaire, found[1], found[3])}”"
    )


def _about(_: Questionnaire, found: re.Match[str]) -> str:
    said = _SUBJECT.get(found[1], found[1].replace("_", " "))
    is_so = (found[2] == "==") == (found[3] == "true")
    return said if is_so else f"not: {said}"


def _flagged(questionnaire: Questionnaire, found: re.Match[str]) -> str:
    labels = {flag.id: flag.label for flag in questionnaire.flags}
    return f"“{labels.get(found[1], found[1])}” is flagged"


def _outcome(questionnaire: Questionnaire, found: re.Match[str]) -> str:
    labels = {outcome.id: outcome.label for outcome in questionnaire.outcomes}
    verb = "is" if found[1] == "==" else "is not"
    return f"the outcome {verb} “{labels.get(found[2], found[2])}”"


_SAYINGS: tuple[tuple[re.Pattern[str], Saying], ...] = (
    (_ANY_BUT, _any_but),
    (_ANY_OF, _any_of),
    (_IN, _in),
    (_HAS, _has),
    (_IS, _is),
    (_ABOUT, _about),
    (_FLAGGED, _flagged),
    (_OUTCOME, _outcome),
)


def _yes_no(value: str) -> str:
    return "yes" if value == "true" else "no"


def _asked(questionnaire: Questionnaire, key: str) -> str:
    return questionnaire.question(key).text.rstrip("?.")


def _label(questionnaire: Questionnaire, key: str, value: str) -> str:
    option = questionnaire.question(key).options_by_value.get(value)
    return option.label if option else value
