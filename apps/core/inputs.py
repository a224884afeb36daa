"""Reads JSON and text that programs and people send: strictly, within limits, or says why not."""

import json
import math
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from apps.core.errors import RuleBroken

MOST_BYTES = 2**20
MOST_DEPTH = 32
MOST_ITEMS = 1000
MOST_DIGITS = 19
MOST_INTEGER = 2**63 - 1
_LINES = frozenset("\n\r\t")


class InputRefused(RuleBroken):
    """What was sent cannot be read or does not hold what it may; the message says why."""

    code = "input_refused"


def read_json(sent: bytes | str) -> Any:
    """Return the value of a JSON text, provided it is plain, unambiguous and within limits."""
    text = _decoded(sent)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_once_each,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_short,
        )
    except json.JSONDecodeError as error:
        raise InputRefused(
            f"This is not JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        ) from None
    except RecursionError:
        raise InputRefused(f"This is nested deeper than {MOST_DEPTH} levels.") from None
    require_json(value)
    return value


def require_json(value: object) -> None:
    """Refuse a value that JSON, a database and a digest would not all keep as it is."""
    waiting: list[tuple[object, int]] = [(value, 1)]
    while waiting:
        inner, depth = waiting.pop()
        if depth > MOST_DEPTH and isinstance(inner, Mapping | list | tuple):
            raise InputRefused(f"This is nested deeper than {MOST_DEPTH} levels.")
        _require_plain(inner)
        waiting.extend((part, depth + 1) for part in _parts(inner))


def require_text(text: str, label: str, most: int, *, lines: bool = False) -> None:
    """Refuse a text that is too long or holds characters no screen and no database takes."""
    if len(text) > most:
        raise InputRefused(f"{label} holds at most {most:,} characters; this has {len(text):,}.")
    allowed = _LINES if lines else frozenset()
    for letter in text:
        if unicodedata.category(letter) in {"Cc", "Cs"} and letter not in allowed:
            raise InputRefused(f"{label} holds a character that cannot be shown: {letter!a}.")


def _decoded(sent: bytes | str) -> str:
    if len(sent) > MOST_BYTES:
        raise InputRefused(f"This is longer than {MOST_BYTES:,} bytes.")
    if isinstance(sent, str):
        return sent
    try:
        return sent.decode("utf-8")
    except UnicodeDecodeError:
        raise InputRefused("This is not text in UTF-8.") from None


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise InputRefused(f"The key {twice!a:.100} stands there twice.")
    return found


def _no_constant(word: str) -> NoReturn:
    raise InputRefused(f"{word} is not a number JSON knows.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise InputRefused(f"The number {text[:30]} is too large.")
    return number


def _short(text: str) -> int:
    if len(text.lstrip("-")) > MOST_DIGITS:
        raise InputRefused(f"A whole number has at most {MOST_DIGITS} digits.")
    return int(text)


def _parts(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        yield from value.keys()
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value


def _require_plain(value: object) -> None:
    if isinstance(value, str):
        if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value):
            raise InputRefused("A text holds a NUL or half of a character.")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise InputRefused("A number is not finite.")
    elif isinstance(value, int):
        if abs(value) > MOST_INTEGER:
            raise InputRefused(f"A whole number has at most {MOST_DIGITS} digits.")
    elif isinstance(value, Mapping | list | tuple):
        if len(value) > MOST_ITEMS:
            raise InputRefused(
                f"A list holds at most {MOST_ITEMS:,} things; this has {len(value):,}."
            )
    elif value is not None:
        raise InputRefused(f"JSON has no {type(value).__name__}.")
