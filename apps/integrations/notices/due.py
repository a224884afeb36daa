"""What a source says: whom to tell what, and under which key it is told once."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.integrations.notices.kinds import Kind

_TURNS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of what follows them."""
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True)
class Due:
    """Something people are to be told.

    Each person is told once under a key, so it names the thing and, where something may be told
    again, what is new about it. With a model, only those who may see it are told.
    """

    people: Collection[int]
    key: str
    kind: Kind
    line: str
    text: str
    path: str
    model_id: int | None = None


def in_one_line(text: str, most: int) -> str:
    """Return a text, whatever names it holds, as one line that reads from left to right."""
    letters = (
        " " if letter in _TURNS or unicodedata.category(letter) in _UNSEEN else letter
        for letter in text
    )
    line = " ".join("".join(letters).split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def days_before(ends: datetime, at: datetime, days: Collection[int]) -> int | None:
    """Return the shortest of some spans of days that reaches an end to come, if any does.

    Whoever is told under it is told once for each span.
    """
    left = ends - at
    reaching = (span for span in days if timedelta(0) < left <= timedelta(days=span))
    return min(reaching, default=None)
