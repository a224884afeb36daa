"""Pages by key, the columns rising or falling each in its own way.

The next page starts beyond the last row of this one, whatever was added meanwhile. Its address is
signed and bound to who asked for what in which order; anything else it does not open.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import F, Q, QuerySet

from apps.api.mlflow import errors
from apps.core.patience import patience

_SALT = "apps.api.mlflow.keysets"


@dataclass(frozen=True)
class Column:
    """A column, or an annotation, without nulls that rows are ordered by."""

    name: str
    is_ascending: bool = True


@dataclass(frozen=True)
class Slice:
    """The ids on one page, in order, and the address of the next page if there is one."""

    ids: list[int]
    token: str = ""


def page(
    rows: QuerySet[Any, Any],
    columns: Sequence[Column],
    *,
    size: int,
    token: str,
    bound_to: Sequence[object],
) -> Slice:
    """Return one page of ids; the columns together are unique.

    Raises:
        Refusal: when the token is not one of this list, order and caller.
        TookTooLong: when the database is at it for seconds.
    """
    if token:
        rows = rows.filter(_beyond(columns, opened(token, columns, bound_to)))
    names = [column.name for column in columns]
    shown = {name: F(name) for name in names if name in rows.query.annotations}
    order = [column.name if column.is_ascending else f"-{column.name}" for column in columns]
    with patience():
        found = list(rows.annotate(**shown).order_by(*order).values_list("pk", *names)[: size + 1])
    ids = [pk for pk, *_ in found[:size]]
    if len(found) <= size:
        return Slice(ids)
    _, *key = found[size - 1]
    return Slice(ids, address(key, columns, bound_to))


def address(key: Sequence[Any], columns: Sequence[Column], bound_to: Sequence[object]) -> str:
    """Return the address of the page beyond a key."""
    return signing.dumps([_binding(columns, bound_to), [_plain(part) for part in key]], salt=_SALT)


def opened(token: str, columns: Sequence[Column], bound_to: Sequence[object]) -> list[Any]:
    """Return the key a page lies beyond, from its address.

    Raises:
        Refusal: when the token is not one of this list, order and caller.
    """
    try:
        bound, key = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError):
        raise errors.invalid("This page token does not hold. Start from the first page.") from None
    if bound != _binding(columns, bound_to):
        raise errors.invalid(
            "This page token belongs to another search. Start from the first page."
        )
    return [_value(part) for part in key]


def _beyond(columns: Sequence[Column], key: Sequence[Any]) -> Q:
    """Return the condition that a row lies beyond a key; its first part is one index range."""
    beyond, same = Q(), Q()
    for column, value in zip(columns, key, strict=True):
        compare = "gt" if column.is_ascending else "lt"
        beyond |= same & Q(**{f"{column.name}__{compare}": value})
        same &= Q(**{column.name: value})
    first = columns[0]
    return Q(**{f"{first.name}__{'gte' if first.is_ascending else 'lte'}": key[0]}) & beyond


def _binding(columns: Sequence[Column], bound_to: Sequence[object]) -> str:
    return hashlib.sha256(repr((*columns, *bound_to)).encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def _value(part: Any) -> Any:
    return datetime.fromisoformat(part["at"]) if isinstance(part, dict) else part
