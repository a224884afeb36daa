"""The texts of two policies beside each other, line by line."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["same", "gone", "new"]
Step = tuple[str, int, int, int, int]
"""How lines became others: what was done, to which of the first, giving which others."""
AROUND = 3
"""How many lines that are the same are shown around those that are not."""


@dataclass(frozen=True)
class Line:
    """One line, with its number in the text it stands in."""

    kind: Kind
    text: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Stretch:
    """Lines that changed, with some around them."""

    lines: tuple[Line, ...]


def of_texts(before: str, after: str) -> tuple[Stretch, ...]:
    """Return the stretches of two texts where their lines differ."""
    old, new = before.splitlines(), after.splitlines()
    groups = difflib.SequenceMatcher(a=old, b=new).get_grouped_opcodes(AROUND)
    return tuple(
        Stretch(tuple(line for step in group for line in _lines(old, new, step)))
        for group in groups
    )


def _lines(old: list[str], new: list[str], step: Step) -> Iterator[Line]:
    kind, first, last, start, end = step
    if kind == "equal":
        for offset in range(last - first):
            number = first + offset
            yield Line("same", old[number], number + 1, start + offset + 1)
        return
    for number in range(first, last):
        yield Line("gone", old[number], number + 1, None)
    for number in range(start, end):
        yield Line("new", new[number], None, number + 1)
