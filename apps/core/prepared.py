"""Queries that are asked with every call: built and compiled once, from then on only asked.

To build a small query in Python costs several times what the database takes to answer it. A
prepared query is an ordinary queryset, written with a ``Slot`` wherever a value comes in later.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from threading import local
from typing import Any, Generic, Protocol, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Expression, Model, QuerySet, TextField
from django.db.models.query import get_related_populators

from apps.core.kept import kept

Row = TypeVar("Row", bound=Model)


class Slot(Expression):
    """Stands for the value that is given in this place when the query is asked.

    The value goes to the database as it is: a text, a whole number or a truth; a day or a moment
    as ``day`` and ``moment`` give it.
    """

    def __init__(self, place: int = 0) -> None:
        super().__init__(output_field=TextField())
        self.place = place

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


class Blank(Expression):
    """The empty text, which the statement itself says: it is no value that is sent beside it.

    An index over what is not empty is found by the statement alone. Of a value, the database would
    have to think again each time whether it may use that index, or would never.
    """

    def __init__(self) -> None:
        super().__init__(output_field=TextField())

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "''", ()


class Somebody(Protocol):
    """Whom a query is about: an actor, or the slots where one comes in later."""

    @property
    def id(self) -> str | Slot: ...
    @property
    def user_id(self) -> int | Slot | None: ...


@dataclass(frozen=True)
class Later:
    """Somebody who comes into a prepared query when it is asked."""

    user_id: Slot
    id: Slot


def day(on: date) -> Any:
    """Return a day as the database takes it."""
    return connection.ops.adapt_datefield_value(on)


def moment(at: datetime) -> Any:
    """Return a moment as the database takes it."""
    return connection.ops.adapt_datetimefield_value(at)


class Prepared(Generic[Row]):
    """A queryset of rows, with joined ones where it selects them, or of plain values.

    ``make`` returns it; it is called when the query is first asked in a thread.
    """

    def __init__(self, make: Callable[[], QuerySet[Any, Any]]) -> None:
        self._make = make
        self._threads = local()

    def rows(self, *values: Any) -> list[Row]:
        """Return the rows for some values, in the order of their slots."""
        compiler, start, end, names, others = self._shape()
        make = compiler.klass_info["model"].from_db
        found: list[Row] = []
        for cells in self._asked(values):
            row = make(DEFAULT_DB_ALIAS, names, cells[start:end])
            for other in others:
                other.populate(cells, row)
            found.append(row)
        return found

    def row(self, *values: Any) -> Row | None:
        """Return the first row for some values, or None."""
        return next(iter(self.rows(*values)), None)

    def tuples(self, *values: Any) -> list[Sequence[Any]]:
        """Return the values of a query that asks for values and not for rows."""
        return list(self._asked(values))

    def _asked(self, values: Sequence[Any]) -> Iterator[Sequence[Any]]:
        compiler, sql, parameters, converters = self._compiled()
        given = [values[part.place] if isinstance(part, Slot) else part for part in parameters]
        found = kept(sql, given)
        return compiler.apply_converters(found, converters) if converters else iter(found)

    def _compiled(self) -> tuple[Any, str, Sequence[Any], Any]:
        known = self._threads.__dict__
        if "compiled" not in known:
            compiler = self._make().query.get_compiler(connection=connection)
            sql, parameters = compiler.as_sql()
            selected = [expression for expression, *_ in compiler.select]
            known["compiled"] = compiler, sql, parameters, compiler.get_converters(selected)
        return known["compiled"]  # type: ignore[no-any-return]

    def _shape(self) -> tuple[Any, int, int, list[str], Any]:
        """Return where a row's own columns stand, their names, and what fills joined rows."""
        known = self._threads.__dict__
        if "shape" not in known:
            compiler = self._compiled()[0]
            own = compiler.klass_info["select_fields"]
            start, end = own[0], own[-1] + 1
            names = [column.target.attname for column, *_ in compiler.select[start:end]]
            others = get_related_populators(  # type: ignore[call-arg]  # stubs of a later Django
                compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS
            )
            known["shape"] = compiler, start, end, names, others
        return known["shape"]  # type: ignore[no-any-return]
