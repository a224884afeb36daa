"""A declared signature, as MLflow writes it, read into columns and tensors."""

import json
from dataclasses import dataclass
from typing import NamedTuple

from apps.validation.checks.schema_values import COLUMN_TYPES, kind_of_tensor

MOST_FIELDS = 10_000
MOST_PROBLEMS = 100
DECLARE = "Log the model with a signature, for instance one inferred from training data."
MOST_TEXT = 4 * 1024 * 1024


class Malformed(Exception):
    """The signature or the example cannot be understood; the message says why."""


class Field(NamedTuple):
    """A column or a tensor as it is told: its name, its type, and what else is declared of it."""

    name: str
    type: str
    note: str

    @property
    def told(self) -> str:
        return ", ".join(filter(None, (self.type, self.note)))


@dataclass(frozen=True, slots=True)
class Column:
    """One declared column."""

    name: str
    type: str
    is_required: bool


@dataclass(frozen=True, slots=True)
class Tensor:
    """One declared tensor; a size of -1 stands for any."""

    name: str
    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """One side of a signature: columns, or tensors; without names they go by position."""

    columns: tuple[Column, ...] = ()
    tensors: tuple[Tensor, ...] = ()
    is_named: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        columns = (column.name for column in self.columns)
        return (*columns, *(tensor.name for tensor in self.tensors))

    @property
    def fields(self) -> tuple[Field, ...]:
        return (
            *(
                Field(one.name, one.type, "" if one.is_required else "optional")
                for one in self.columns
            ),
            *(Field(one.name, one.dtype, _shape(one)) for one in self.tensors),
        )


def _shape(tensor: Tensor) -> str:
    return " × ".join("any" if length < 0 else str(length) for length in tensor.shape)


def read_side(value: object) -> Declared:
    """Read the inputs or outputs of a signature, given as a list or as its JSON text.

    Raises:
        Malformed: when it is not a list of columns or of tensors this registry knows.
    """
    fields = [_as_mapping(field) for field in _as_list(value)]
    is_named = any(field.get("name") is not None for field in fields)
    names = [_name(field, position, is_named) for position, field in enumerate(fields)]
    if len(set(names)) != len(names):
        raise Malformed("it declares the same name twice")
    tensors = [field for field in fields if field.get("type") == "tensor"]
    if not tensors:
        columns = tuple(_column(name, field) for name, field in zip(names, fields, strict=True))
        return Declared(columns=columns, is_named=is_named)
    if len(tensors) != len(fields):
        raise Malformed("it mixes columns and tensors")
    if not is_named and len(fields) > 1:
        raise Malformed("several tensors need names")
    read = tuple(_tensor(name, field) for name, field in zip(names, fields, strict=True))
    return Declared(tensors=read, is_named=is_named)


def _as_list(value: object) -> list[object]:
    if isinstance(value, str):
        value = _parsed(value)
    if not isinstance(value, list):
        raise Malformed("it is not a list of columns")
    if len(value) > MOST_FIELDS:
        raise Malformed(f"it declares more than {MOST_FIELDS} columns")
    return value


def _parsed(text: str) -> object:
    if len(text) > MOST_TEXT:
        raise Malformed("it is too long to read")
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed("it is not valid JSON") from error
    return value


def _as_mapping(field: object) -> dict[str, object]:
    if not isinstance(field, dict):
        raise Malformed("one of its columns is not an object with a name and a type")
    return field


def _name(field: dict[str, object], position: int, is_named: bool) -> str:
    name = field.get("name")
    if not is_named:
        return str(position)
    if not isinstance(name, str | int) or isinstance(name, bool):
        raise Malformed("some of its columns have a name and some have none")
    return str(name)


def _column(name: str, field: dict[str, object]) -> Column:
    kind = field.get("type")
    if not isinstance(kind, str) or kind not in COLUMN_TYPES:
        raise Malformed(f"the column {name!r:.80} has the unknown type {kind!r:.80}")
    is_required = field.get("required", not field.get("optional", False))
    if not isinstance(is_required, bool):
        raise Malformed(f"the column {name!r:.80} does not say clearly whether it is required")
    return Column(name, kind, is_required)


def _tensor(name: str, field: dict[str, object]) -> Tensor:
    spec = field.get("tensor-spec")
    if not isinstance(spec, dict):
        raise Malformed("a tensor has no tensor-spec")
    dtype, shape = spec.get("dtype"), spec.get("shape")
    if not isinstance(dtype, str) or kind_of_tensor(dtype) is None:
        raise Malformed(f"a tensor has the unknown type {dtype!r:.80}")
    if not isinstance(shape, list) or not all(_is_size(size) for size in shape):
        raise Malformed("the shape of a tensor is not a list of sizes")
    return Tensor(name, dtype, tuple(shape))


def _is_size(size: object) -> bool:
    return isinstance(size, int) and not isinstance(size, bool) and size >= -1
