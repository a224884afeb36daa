"""Canonical bytes of a value, and digests over them.

The form is RFC 8785 (JCS), restricted so that a short encoder is exact: keys match
``[a-z][a-z0-9_]{0,63}``, numbers are integers within ±(2^53−1), nesting is at most 8 deep.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

MOST_DEPTH = 8
MOST_INTEGER = 2**53 - 1
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


class NotCanonical(ValueError):
    """The value has no canonical form; the message says where and why."""


def canonical(value: object) -> bytes:
    """Return the one byte string that stands for a value.

    Raises:
        NotCanonical: for floats, odd keys, integers past 53 bits, lone surrogates, depth over 8.
    """
    _require_plain(value)
    return _ENCODER.encode(value).encode("utf-8")


def digest_of(value: object) -> str:
    """Return ``sha256:`` and the hexadecimal SHA-256 of a value's canonical bytes."""
    return digest_of_bytes(canonical(value))


def digest_of_bytes(data: bytes) -> str:
    """Return ``sha256:`` and the hexadecimal SHA-256 of some bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def utc_text(moment: datetime) -> str:
    """Return a moment in UTC as ``YYYY-MM-DDTHH:MM:SS.ffffffZ``, always with six digits."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


_Place = tuple[Any, str | int] | tuple[()]
"""The place a value is in, and its key or index there; the outermost value has ``()``.

It is written out as a path only for a refusal.
"""


def _require_plain(value: object, depth: int = 0, place: _Place = ()) -> None:
    if isinstance(value, str):
        _require_text(value, place)
    elif value is None or isinstance(value, bool):
        return
    elif isinstance(value, int):
        if abs(value) > MOST_INTEGER:
            raise _refusal(place, "the integer is beyond 53 bits")
    elif isinstance(value, dict | Mapping):
        _require_depth(depth, place)
        for key, inner in value.items():
            if not isinstance(key, str) or not _KEY.fullmatch(key):
                raise _refusal(place, f"{key!r} is not an allowed key")
            _require_plain(inner, depth + 1, (place, key))
    elif isinstance(value, list | tuple):
        _require_depth(depth, place)
        for index, inner in enumerate(value):
            _require_plain(inner, depth + 1, (place, index))
    else:
        raise _refusal(place, f"{type(value).__name__} has no canonical form")


def _require_depth(depth: int, place: _Place) -> None:
    if depth >= MOST_DEPTH:
        raise _refusal(place, f"nested deeper than {MOST_DEPTH}")


def _require_text(text: str, place: _Place) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise _refusal(place, "the text holds a lone surrogate") from None


def _refusal(place: _Place, problem: str) -> NotCanonical:
    return NotCanonical(f"{_path(place)}: {problem}")


def _path(place: _Place) -> str:
    """Write a place as a path: ``$.rows[0].after``."""
    if not place:
        return "$"
    outer, step = place
    return f"{_path(outer)}[{step}]" if isinstance(step, int) else f"{_path(outer)}.{step}"
