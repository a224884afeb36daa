"""Canonical bytes of a value, and digests over them.

The form is RFC 8785 (JCS), restricted so that a short encoder is exact: keys match
``[a-z][a-z0-9_]{0,63}``, numbers are integers within ±(2^53−1), nesting is at most 8 deep.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

MOST_DEPTH = 8
MOST_INTEGER = 2**53 - 1
_KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")


class NotCanonical(ValueError):
    """The value has no canonical form; the message says where and why."""


def canonical(value: object) -> bytes:
    """Return the one byte string that stands for a value.

    Raises:
        NotCanonical: for floats, odd keys, integers past 53 bits, lone surrogates, depth over 8.
    """
    _require_plain(value, depth=0, place="$")
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8")


def digest_of(value: object) -> str:
    """Return ``sha256:`` and the hexadecimal SHA-256 of a value's canonical bytes."""
    return digest_of_bytes(canonical(value))


def digest_of_bytes(data: bytes) -> str:
    """Return ``sha256:`` and the hexadecimal SHA-256 of some bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def utc_text(moment: datetime) -> str:
    """Return a moment in UTC as ``YYYY-MM-DDTHH:MM:SS.ffffffZ``, always with six digits."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _require_plain(value: object, *, depth: int, place: str) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _require_text(value, place)
    elif isinstance(value, int):
        if abs(value) > MOST_INTEGER:
            raise NotCanonical(f"{place}: the integer is beyond 53 bits")
    elif isinstance(value, Mapping):
        _require_depth(depth, place)
        for key, inner in value.items():
            if not isinstance(key, str) or not _KEY.fullmatch(key):
                raise NotCanonical(f"{place}: {key!r} is not an allowed key")
            _require_plain(inner, depth=depth + 1, place=f"{place}.{key}")
    elif isinstance(value, list | tuple):
        _require_depth(depth, place)
        for index, inner in enumerate(value):
            _require_plain(inner, depth=depth + 1, place=f"{place}[{index}]")
    else:
        raise NotCanonical(f"{place}: {type(value).__name__} has no canonical form")


def _require_depth(depth: int, place: str) -> None:
    if depth >= MOST_DEPTH:
        raise NotCanonical(f"{place}: nested deeper than {MOST_DEPTH}")


def _require_text(text: str, place: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise NotCanonical(f"{place}: the text holds a lone surrogate") from None
