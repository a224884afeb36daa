"""What a condition read: each fact with its value and where that comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.approvals import vocabulary
from apps.approvals.readiness import Verdict
from apps.core import formats

MOST_ITEMS = 12
MOST_TEXT = 240


@dataclass(frozen=True)
class Read:
    """One fact as a condition read it."""

    name: str
    value: str
    source: str
    meaning: str


def of(verdict: Verdict) -> list[Read]:
    """Return what a condition read, in the order its expression names it."""
    known = vocabulary.built_in()
    return [
        Read(
            given.name,
            in_words(given.value),
            known.source_of(given.name),
            field.description if (field := known.field_at(given.name)) else "",
        )
        for given in verdict.inputs
    ]


def in_words(value: object) -> str:
    """Write the value of a fact for people; a long one is cut, and says so."""
    match value:
        case None:
            told = "not known"
        case bool():
            told = "yes" if value else "no"
        case datetime():
            told = formats.moment(value, "full")
        case Mapping():
            told = f"{len(value)} entries"
        case list() | tuple():
            told = _listed(value)
        case _:
            told = _cut(str(value)) or "nothing"
    return told


def _cut(text: str) -> str:
    if len(text) <= MOST_TEXT:
        return text
    return f"{text[:MOST_TEXT]}… ({formats.grouped(len(text))} characters)"


def _listed(items: Sequence[object]) -> str:
    if not items:
        return "none"
    shown = ", ".join(in_words(item) for item in items[:MOST_ITEMS])
    more = len(items) - MOST_ITEMS
    return f"{shown} and {more} more" if more > 0 else shown
