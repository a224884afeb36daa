"""Which JSON values a declared type admits, and how large an example may be."""

import base64
import binascii
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

LARGEST_FLOAT = 3.4028234663852886e38
_TEXT_DTYPE = re.compile(r"str|[<>|=]?[US][0-9]*")
_NUMBER_DTYPE = re.compile(r"(u?)int(8|16|32|64)|float(16|32|64)|bool")


@dataclass(frozen=True, slots=True)
class ExampleLimits:
    """How much example is read; more is not compared, and so not passed."""

    values: int = 1_000_000
    depth: int = 32
    letters: int = 16 * 1024 * 1024


def is_null(value: object) -> bool:
    """Say whether a value is none at all; NaN is how a table of floats says so."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def kind_of_tensor(dtype: str) -> Callable[[object], bool] | None:
    """Return what a tensor of this type admits, or nothing for a type not known here."""
    if _TEXT_DTYPE.fullmatch(dtype):
        return _is_text
    known = _NUMBER_DTYPE.fullmatch(dtype)
    if known is None:
        return None
    if dtype == "bool":
        return _is_boolean
    if known[3]:
        return _is_float if known[3] == "64" else _is_short_float
    bits = int(known[2])
    low, high = (0, 2**bits) if known[1] else (-(2 ** (bits - 1)), 2 ** (bits - 1))
    return lambda value: _is_whole(value, low, high)


def too_large(value: object, limits: ExampleLimits) -> str | None:
    """Say what makes an example too large or no JSON at all, or nothing."""
    values = letters = 0
    waiting: list[tuple[object, int]] = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        values += 1
        letters += len(item) if isinstance(item, str | bytes) else 0
        if values > limits.values or letters > limits.letters:
            return f"holds more than {limits.values} values or {limits.letters} letters"
        if depth > limits.depth:
            return f"is nested more than {limits.depth} deep"
        if isinstance(item, list | dict):
            if len(item) > limits.values:
                return f"holds more than {limits.values} values"
            waiting.extend((inner, depth + 1) for inner in _inside(item))
        elif not isinstance(item, str | bytes | int | float | None):
            return f"holds a {type(item).__name__}, which JSON does not know"
    return None


def _inside(item: list[object] | dict[object, object]) -> Iterator[object]:
    if isinstance(item, dict):
        yield from item.keys()
        yield from item.values()
    else:
        yield from item


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool)


def _is_whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value < high


def _is_integer(value: object) -> bool:
    return _is_whole(value, -(2**31), 2**31)


def _is_long(value: object) -> bool:
    return _is_whole(value, -(2**63), 2**63)


def _is_float(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**1023


def _is_short_float(value: object) -> bool:
    return _is_float(value) and isinstance(value, int | float) and abs(value) <= LARGEST_FLOAT


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_binary(value: object) -> bool:
    if isinstance(value, bytes):
        return True
    if not isinstance(value, str):
        return False
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _is_datetime(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


COLUMN_TYPES: dict[str, Callable[[object], bool]] = {
    "boolean": _is_boolean,
    "integer": _is_integer,
    "long": _is_long,
    "float": _is_short_float,
    "double": _is_float,
    "string": _is_text,
    "binary": _is_binary,
    "datetime": _is_datetime,
}
