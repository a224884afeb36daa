"""How much a questionnaire may hold, so that it can be stored, shown and worked out in time."""

from collections.abc import Iterator
from typing import Any

from apps.core.shapes import Path, Problem

Document = dict[str, Any]

MOST_QUESTIONS = 300
MOST_OPTIONS = 60
MOST_NAME = 64
MOST_VERSION = 20
MOST_TITLE = 200
MOST_DUTY = 300
"""Characters of what an obligation is called."""
MOST_WORDS = 5000
"""Characters of any other text in it."""
MOST_ANSWER = 10_000
"""Characters of an answer."""
MOST_VALUE = 10_000
"""Characters of what a variable is worked out to, each thing of a list counted as one more."""
MOST_NAMES = 60
"""How many roles, types, gates or clauses one list names."""
MOST_NUMBER = 10**12
MOST_STEPS = 100
MOST_DAYS = 3660
MOST_RANK = 10_000
_MOST_OF = {"sections": 60, "sources": 100, "vars": 200, "outcomes": 40, "flags": 200,
            "obligations": 300, "option_sets": 60}  # fmt: skip
_LISTS = frozenset({"respondents", "reviewers", "triggers", "evidence_types", "gates", "cites"})
_NAMES = frozenset({"id", "key", "value", "option_set", "ref", "applies_from_var"})


def limit_problems(document: Document) -> Iterator[Problem]:
    """Say what there is too much of."""
    for name, most in _MOST_OF.items():
        if len(document.get(name, ())) > most:
            yield Problem(f"{name} holds at most {most}.", (name,))
    asked = sum(len(section["questions"]) for section in document["sections"])
    if asked > MOST_QUESTIONS:
        yield Problem(f"A questionnaire asks at most {MOST_QUESTIONS} questions.", ("sections",))
    yield from _texts(document, ())
    yield from _numbers(document)


def _texts(value: object, path: Path) -> Iterator[Problem]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        if path[-1] == "options" or "option_sets" in path:
            yield from _options(value, path)
        if path[-1] in _LISTS and len(value) > MOST_NAMES:
            yield Problem(f"{path[-1]} holds at most {MOST_NAMES}.", path)
        for at, inner in enumerate(value):
            yield from _texts(inner, (*path, at))
    elif isinstance(value, str) and len(value) > (most := _most(path)):
        yield Problem(f"{path[-1]} holds at most {most:,} characters.", path)


def _options(options: list[object], path: Path) -> Iterator[Problem]:
    if len(options) > MOST_OPTIONS:
        yield Problem(f"A question offers at most {MOST_OPTIONS} options.", path)


def _most(path: Path) -> int:
    if path == ("version",):
        return MOST_VERSION
    if path in (("title",), ("short_title",)):
        return MOST_TITLE
    if path[0] == "obligations" and path[-1] == "title":
        return MOST_DUTY
    return MOST_NAME if path[-1] in _NAMES else MOST_WORDS


def _numbers(document: Document) -> Iterator[Problem]:
    ages: list[tuple[Path, Document]] = [(("reassessment",), document.get("reassessment", {}))]
    ages += [(("outcomes", at), part) for at, part in enumerate(document["outcomes"])]
    for path, part in ages:
        if part.get("max_age_days", 1) > MOST_DAYS:
            yield Problem(f"max_age_days is at most {MOST_DAYS:,}.", (*path, "max_age_days"))
    for at, outcome in enumerate(document["outcomes"]):
        if abs(outcome["rank"]) > MOST_RANK:
            yield Problem(f"rank is at most {MOST_RANK:,}.", ("outcomes", at, "rank"))
    for at, duty in enumerate(document.get("obligations", ())):
        if duty.get("count", 1) > MOST_OPTIONS:
            yield Problem(f"count is at most {MOST_OPTIONS}.", ("obligations", at, "count"))
