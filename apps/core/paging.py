"""Pages by key: the next page starts where this one ended, whatever was added meanwhile.

A mark says where a page starts. It is signed and bound to the order it came from and, when the list
says so, to who asks for what; anything else it does not open.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core import signing
from django.db.models import Model, Q, QuerySet

from apps.core.inputs import InputRefused

Row = TypeVar("Row", bound=Model)

MOST_ROWS = 1000
_SALT = "apps.core.paging"


class BadMark(InputRefused):
    """The mark was changed, or belongs to another list, order or person."""

    code = "bad_mark"


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, with the marks of the pages beside them; an empty mark leads nowhere."""

    rows: list[Row]
    newer: str = ""
    older: str = ""


@dataclass(frozen=True)
class Order:
    """Rows by some columns, the greatest first unless told; the last column is unique."""

    columns: tuple[str, ...]
    least_first: bool = False

    def page(
        self, rows: QuerySet[Row, Row], *, size: int, mark: str = "", bound_to: str = ""
    ) -> Page[Row]:
        """Return one page of a query: the first without a mark, else the one the mark leads to.

        ``bound_to`` names who asks for what; a mark is good for exactly that.

        Raises:
            BadMark: when the mark is not one of this list.
        """
        size = max(1, min(size, MOST_ROWS))
        binding = self._binding(bound_to)
        to_newer, key = self._opened(mark, binding) if mark else (False, None)
        rises = to_newer != self.least_first
        if key is not None:
            rows = rows.filter(self._beyond(key, "gt" if rises else "lt"))
        sign = "" if rises else "-"
        found = list(rows.order_by(*(f"{sign}{name}" for name in self.columns))[: size + 1])
        more, found = len(found) > size, found[:size]
        if to_newer:
            found.reverse()
        if not found:
            return Page([])
        has_newer, has_older = (more, True) if to_newer else (key is not None, more)
        return Page(
            found,
            newer=self._sealed(found[0], binding, to_newer=True) if has_newer else "",
            older=self._sealed(found[-1], binding, to_newer=False) if has_older else "",
        )

    def _binding(self, bound_to: str) -> str:
        named = "|".join((*self.columns, str(self.least_first), bound_to))
        return hashlib.sha256(named.encode()).hexdigest()[:24]

    def _beyond(self, key: Sequence[Any], compare: str) -> Q:
        """Return the condition that a row lies beyond a key; its first part is one index range."""
        beyond = Q()
        for place, name in enumerate(self.columns):
            same = Q(**dict(zip(self.columns[:place], key[:place], strict=True)))
            beyond |= same & Q(**{f"{name}__{compare}": key[place]})
        return Q(**{f"{self.columns[0]}__{compare}e": key[0]}) & beyond

    def _sealed(self, row: Model, binding: str, *, to_newer: bool) -> str:
        key = [_plain(getattr(row, name)) for name in self.columns]
        return signing.dumps([binding, to_newer, key], salt=_SALT)

    def _opened(self, mark: str, binding: str) -> tuple[bool, list[Any]]:
        try:
            bound, to_newer, key = signing.loads(mark, salt=_SALT)
        except (signing.BadSignature, ValueError):
            raise BadMark(
                "This address of a page does not hold. Start from the first page."
            ) from None
        if bound != binding:
            raise BadMark("This address belongs to another list. Start from the first page.")
        return to_newer, [_value(part) for part in key]


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return {"at": value.isoformat()} if isinstance(value, datetime) else value


def _value(part: Any) -> Any:
    return datetime.fromisoformat(part["at"]) if isinstance(part, dict) else part
