"""What tells two sets of arguments apart: values, and rows with what they hold in memory."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from django.db.models import Model

from apps.core.actors import Actor

_PLAIN = (str, bytes, bool, int, float, Decimal, datetime, date, time, timedelta, UUID)


class Unknown(TypeError):
    """There is no telling whether two values of this kind are the same."""


def of(value: object) -> object:
    """Return what stands for a value: equal for equal ones, and hashable.

    Raises:
        Unknown: when the value holds something that cannot be compared.
    """
    return _of(value, [])


def rows_in(value: object) -> list[Model]:
    """Return the rows a value holds, and the rows these hold, each once and always in one order."""
    found: list[Model] = []
    _collect(value, found)
    return found


def _of(value: Any, seen: list[Model]) -> object:
    kind = type(value)
    if value is None or kind in _PLAIN or isinstance(value, Enum):
        return (kind, value)
    if isinstance(value, Model):
        return _of_row(value, seen)
    if isinstance(value, Mapping):
        return (dict, tuple((_of(key, seen), _of(each, seen)) for key, each in value.items()))
    if kind in {list, tuple}:
        return (kind, tuple(_of(each, seen) for each in value))
    if is_dataclass(value) and not isinstance(value, type):
        return (kind, tuple(_of(each, seen) for _, each in _held(value)))
    raise Unknown(kind)


def _of_row(row: Model, seen: list[Model]) -> object:
    for place, earlier in enumerate(seen):
        if earlier is row:
            return ("again", place)
    seen.append(row)
    values = ((name, _of(each, seen)) for name, each in _columns(row))
    others = ((name, _of(each, seen)) for name, each in _others(row))
    return (type(row), row._state.adding, tuple(values), tuple(others))


def _held(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a value consists of; each call of an actor has a number, which is by chance."""
    for each in fields(value):
        by_chance = each.name == "request_id" and isinstance(value, Actor)
        yield each.name, by_chance or getattr(value, each.name)


def _columns(row: Model) -> list[tuple[str, Any]]:
    return sorted((name, each) for name, each in vars(row).items() if name != "_state")


def _others(row: Model) -> list[tuple[str, Any]]:
    return sorted(row._state.fields_cache.items())


def _collect(value: Any, found: list[Model]) -> None:
    if isinstance(value, Model):
        if any(earlier is value for earlier in found):
            return
        found.append(value)
        for _, each in (*_columns(value), *_others(value)):
            _collect(each, found)
    elif isinstance(value, Mapping):
        for each in value.values():
            _collect(each, found)
    elif isinstance(value, list | tuple):
        for each in value:
            _collect(each, found)
    elif is_dataclass(value) and not isinstance(value, type):
        for _, each in _held(value):
            _collect(each, found)
