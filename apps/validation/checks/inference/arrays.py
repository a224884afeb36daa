"""JSON values as arrays of the types a model takes, without changing what they mean."""

from typing import Any

import numpy as np

from apps.validation.checks.schema_declared import Malformed

Array = np.ndarray[Any, np.dtype[Any]]

DTYPES: dict[str, type[np.generic]] = {
    "tensor(float16)": np.float16,
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int8)": np.int8,
    "tensor(int16)": np.int16,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
    "tensor(uint8)": np.uint8,
    "tensor(uint16)": np.uint16,
    "tensor(uint32)": np.uint32,
    "tensor(uint64)": np.uint64,
    "tensor(bool)": np.bool_,
    "tensor(string)": np.object_,
}
"""ONNX Runtime's names of the types a tensor may have here."""

_KINDS = {"f": "iuf", "i": "iuf", "u": "iuf", "b": "b"}
"""Which kinds of JSON values an array of a kind takes; floats only while they are whole."""


def array_of(values: object, dtype: type[np.generic]) -> Array:
    """Return JSON values as an array of a type.

    Raises:
        Malformed: when they are ragged, or the type cannot hold every one of them.
    """
    if dtype is np.object_:
        return _texts(values)
    kind = np.dtype(dtype).kind
    given = _read(_filled(values) if kind == "f" else values)
    if given.size and given.dtype.kind not in _KINDS[kind]:
        raise Malformed(f"it holds values that are no {_words(dtype)}")
    with np.errstate(all="ignore"):
        taken = given.astype(dtype)
        is_same = np.isfinite(taken) == np.isfinite(given) if kind == "f" else taken == given
    if given.size and not np.all(is_same):
        raise Malformed(f"it holds values that do not fit into {_words(dtype)}")
    return taken


def plain(values: object) -> Array:
    """Return JSON values as an array of the type that suits them.

    Raises:
        Malformed: when they are ragged or of several kinds.
    """
    given = _read(_filled(values))
    if given.dtype.kind not in "biufU":
        raise Malformed("it holds values of several kinds")
    return given


def _texts(values: object) -> Array:
    given = _read(values)
    if given.size and given.dtype.kind != "U":
        raise Malformed("it holds values that are no texts")
    return given.astype(np.object_)


def _read(values: object) -> Array:
    try:
        given = np.asarray(values)
    except (ValueError, OverflowError) as ragged:
        raise Malformed("its lists differ in length, so they are no tensor") from ragged
    if given.dtype.kind == "U" and not _all_texts(values):
        raise Malformed("it mixes texts with other values")
    return given


def _all_texts(values: object) -> bool:
    waiting = [values]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list | tuple):
            waiting.extend(value)
        elif not isinstance(value, str):
            return False
    return True


def _filled(values: object) -> object:
    """Return values with NaN where JSON has none, as a table of floats does."""
    if isinstance(values, list):
        return [_filled(value) for value in values]
    return np.nan if values is None else values


def _words(dtype: type[np.generic]) -> str:
    return np.dtype(dtype).name
