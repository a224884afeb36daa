"""Options an expression names that a question does not offer, and so could never be answered.

The engine would take a misspelt option for one that nobody chose.
"""

import re
from collections.abc import Collection, Iterator, Mapping

from apps.core.shapes import Path, Problem, nearest

_TEXT = r"'([^'\\]*)'|\"([^\"\\]*)\""
_EQUAL = re.compile(rf"\banswers\.(\w+)\s*[=!]=\s*(?:{_TEXT})")
_IN_LIST = re.compile(r"\banswers\.(\w+)\s+in\s+\[([^\]]*)\]")
_HAS = re.compile(rf"(?:{_TEXT})\s+in\s+answers\.(\w+)")
_LITERAL = re.compile(_TEXT)


def meant_problems(
    place: str, text: str, options: Mapping[str, Collection[str]], path: Path
) -> Iterator[Problem]:
    """Say which options are named that the question asked about does not have."""
    for key, value in dict.fromkeys(_named(text)):
        if key in options and value not in options[key]:
            words = f"{place}: the question {key} has no option {value!r}."
            yield Problem(f"{words}{nearest(value, options[key])}", path)


def _named(text: str) -> Iterator[tuple[str, str]]:
    for key, single, double in _EQUAL.findall(text):
        yield key, single or double
    for single, double, key in _HAS.findall(text):
        yield key, single or double
    for key, inside in _IN_LIST.findall(text):
        for single, double in _LITERAL.findall(inside):
            yield key, single or double
