"""NumPy's array types, as pickles describe them, and whether such a description is consistent.

A type's description is believed when it is loaded. One that takes plain bytes for Python objects,
or reaches beyond its items, gives whoever wrote the file a hand in the program's memory.
"""

import itertools
import math
import re
from dataclasses import dataclass

from apps.validation.checks.unsafe_code.limits import CannotTell
from apps.validation.checks.unsafe_code.pickles.symbols import (
    Global,
    Listing,
    Made,
    Mapping,
    Value,
)

DEEPEST_TYPE = 8
HAS_OBJECT = 1
"""The flag by which NumPy, and so joblib, tells that items are Python objects."""
_RECORDS = frozenset({"numpy.record", "numpy.core.records.record", "numpy.rec.record"})
_TYPE = re.compile(r"([?biufcmMSUVO])([0-9]{0,9})")


@dataclass(frozen=True, slots=True)
class ArrayType:
    """The bytes one item of an array takes, and whether it is or holds a Python object."""

    size: int
    has_object: bool


@dataclass(frozen=True, slots=True)
class _State:
    """What BUILD gives a type, as far as it matters here."""

    part: Value
    fields: Value
    size: int
    flags: int


def unclear(text: str) -> CannotTell:
    """Say that it is not clear what an array is made of."""
    return CannotTell("unclear_array", text)


def is_array_type(value: Value) -> bool:
    """Say whether a value is one of NumPy's types, made while loading."""
    made_by = value.made_by if isinstance(value, Made) else None
    return isinstance(made_by, Global) and made_by.full_name == "numpy.dtype"


def count(shape: Value) -> int:
    """Return how many items an array of a shape has."""
    sizes = shape.items if isinstance(shape, Listing) else None
    if sizes is None:
        raise unclear("the shape of an array is not known")
    known = [size for size in sizes if isinstance(size, int) and size >= 0]
    if len(known) != len(sizes):
        raise unclear("the shape of an array is not made of sizes")
    return math.prod(known)


def array_type(dtype: Value, depth: int = 0) -> ArrayType:
    """Return what a type says of itself.

    Raises:
        CannotTell: when that is not known, or contradicts itself.
    """
    if depth > DEEPEST_TYPE:
        raise unclear("the type of an array is nested too deep")
    kind, size = _kind(dtype)
    state = _state(dtype)
    if state is None:
        return ArrayType(size * 4 if kind == "U" else size, kind == "O")
    if kind in "SUV":
        size = state.size
    has_object = kind == "O"
    if kind == "V":
        has_object = _require_inside(state, size, depth)
    elif state.part is not None or state.fields is not None:
        raise _contradiction()
    if bool(state.flags & HAS_OBJECT) != has_object:
        raise _contradiction()
    return ArrayType(size, has_object)


def _kind(dtype: Value) -> tuple[str, int]:
    arguments = dtype.arguments if isinstance(dtype, Made) and is_array_type(dtype) else None
    items = arguments.items if isinstance(arguments, Listing) else None
    if items and isinstance(items[0], Global) and items[0].full_name in _RECORDS:
        return "V", 0  # its state says the size
    known = _TYPE.fullmatch(items[0]) if items and isinstance(items[0], str) else None
    if known is None:
        raise unclear("the type of an array is not known")
    if not known[2] and known[1] not in "O?":
        raise unclear("the type of an array does not say its size")
    return known[1], int(known[2] or (1 if known[1] == "?" else 8))


def _state(dtype: Value) -> _State | None:
    if not isinstance(dtype, Made) or not dtype.is_built:
        return None
    items = dtype.state.items if isinstance(dtype.state, Listing) else None
    if items is None or len(items) < 8 or items[0] not in {3, 4}:
        raise unclear("the type of an array has a state that is not known")
    part, fields, size, flags = items[2], items[4], items[5], items[7]
    if not isinstance(size, int) or size < -1 or not isinstance(flags, int):
        raise unclear("the type of an array has a state that is not known")
    return _State(part, fields, size, flags)


def _require_inside(state: _State, size: int, depth: int) -> bool:
    """Require that parts lie inside an item, and objects apart; say whether there are any."""
    if size < 0:
        raise _contradiction()
    if state.part is not None:
        return _part_has_object(state.part, size, depth)
    spans = sorted(_spans(state.fields, depth))
    has_object = any(inner for _, _, inner in spans)
    if any(end > size for _, end, _ in spans):
        raise _contradiction()
    if has_object:
        for (_, end, _), (start, _, _) in itertools.pairwise(spans):
            if start < end:
                raise _contradiction()
    return has_object


def _part_has_object(part: Value, size: int, depth: int) -> bool:
    items = part.items if isinstance(part, Listing) else None
    if items is None or len(items) != 2:
        raise unclear("the type of an array has parts that are not known")
    inner = array_type(items[0], depth + 1)
    number = items[1] if isinstance(items[1], int) else count(items[1])
    if inner.size * number != size:
        raise _contradiction()
    return inner.has_object


def _spans(fields: Value, depth: int) -> list[tuple[int, int, bool]]:
    """Return where each field begins and ends, and whether it is an object."""
    if fields is None:
        return []
    known = fields.items if isinstance(fields, Mapping) else None
    if known is None:
        raise unclear("the type of an array has fields that are not known")
    spans = []
    for field in known.values():
        items = field.items if isinstance(field, Listing) else None
        if not items or len(items) < 2 or not isinstance(items[1], int) or items[1] < 0:
            raise unclear("the type of an array has fields that are not known")
        inner = array_type(items[0], depth + 1)
        spans.append((items[1], items[1] + inner.size, inner.has_object))
    return spans


def _contradiction() -> CannotTell:
    return unclear("the type of an array says one thing and is another")
