"""Characters by which a text could be read otherwise than it is shown to those who sign it."""

import re
from collections.abc import Iterator

from apps.core.inputs import InputRefused

_TURNS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
"""What shows the words after it in another order."""
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What no screen shows, or what shows the words around it in another order."""


def hidden_problems(document: object, text: str) -> Iterator[str]:
    """Say what nobody would see, in the text as written and as its escapes read."""
    for written in (*text.splitlines(), *_texts(document)):
        if hidden := _HIDDEN.search(written):
            yield f"Leave out {hidden[0]!a}, which cannot be seen: {written.strip()[:80]!a}."


def require_in_order(text: str, label: str) -> None:
    """Refuse a text that would show its words in another order than it holds them.

    Raises:
        InputRefused: when it does.
    """
    if turns := _TURNS.search(text):
        raise InputRefused(
            f"{label} holds {turns[0]!a}, which shows what follows in another order. Leave it out."
        )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
