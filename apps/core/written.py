"""Rows that are written with every call: their statements are composed once, then carried out.

To compile a statement for each row costs several times what the database takes to carry it out.
"""

from collections.abc import Sequence
from functools import cache
from string import Template
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model
from django.db.models.expressions import DatabaseDefault

from apps.core.kept import keeping_cursor

_INSERT = Template("INSERT INTO $table ($columns) VALUES ($places) $returning")
_UPDATE = Template("UPDATE $table SET $columns WHERE $key = %s")


class OftenWritten(Model):
    """The base of rows that are saved like any other, only cheaper.

    Their values are plain ones, never expressions; a default of the database is left to it.
    """

    class Meta:
        abstract = True

    def _write(self, *names: str) -> None:
        """Write some columns of a stored row as they are here, and nothing else."""
        fields: list[Any] = [self._meta.get_field(name) for name in names]
        self._do_update(
            None, None, self.pk, [(field, None, getattr(self, field.attname)) for field in fields]
        )

    def _do_insert(
        self, manager: Any, using: Any, fields: Sequence[Any], returning_fields: Any, raw: bool
    ) -> list[Any]:
        told = [field for field in fields if not _is_left_out(self, field)]
        values = [getattr(self, f.attname) if raw else f.pre_save(self, True) for f in told]
        database: Any = connections[DEFAULT_DB_ALIAS]
        returning, _ = database.ops.return_insert_columns(returning_fields)
        statement = _insert(self._meta.db_table, tuple(field.column for field in told), returning)
        with keeping_cursor() as cursor:
            cursor.execute(statement, as_stored(told, values))
            return [_read(returning_fields, cursor.fetchone())] if returning else []

    def _do_update(  # type: ignore[override]  # stubs of a later Django
        self, base_qs: Any, using: Any, pk_val: Any, values: Sequence[Any], *others: Any
    ) -> bool:
        key: Any = self._meta.pk
        told = [field for field, _, _ in values]
        given = as_stored([*told, key], [*(value for _, _, value in values), pk_val])
        columns = tuple(field.column for field in told)
        with keeping_cursor() as cursor:
            cursor.execute(_update(self._meta.db_table, columns, key.column), given)
            return bool(cursor.rowcount)


def quoted(*names: str) -> str:
    """Return the name of a table, or names of columns, as SQL has them."""
    return ", ".join(map(connections[DEFAULT_DB_ALIAS].ops.quote_name, names))


def as_stored(fields: Sequence[Any], values: Sequence[Any]) -> list[Any]:
    """Return values of some fields as the database takes them."""
    database = connections[DEFAULT_DB_ALIAS]
    return [
        field.get_db_prep_save(value, database) for field, value in zip(fields, values, strict=True)
    ]


def _read(fields: Sequence[Any], cells: Sequence[Any]) -> list[Any]:
    """Return what the database told of some fields as their values."""
    database = connections[DEFAULT_DB_ALIAS]
    values = []
    for field, cell in zip(fields, cells, strict=True):
        column = field.cached_col
        value = cell
        for convert in (
            *database.ops.get_db_converters(column),
            *column.get_db_converters(database),
        ):
            value = convert(value, column, database)
        values.append(value)
    return values


def _is_left_out(row: Model, field: Any) -> bool:
    return isinstance(getattr(row, field.attname), DatabaseDefault)


@cache
def _insert(table: str, columns: Sequence[str], returning: str) -> str:
    return _INSERT.substitute(
        table=quoted(table),
        columns=quoted(*columns),
        places=", ".join(["%s"] * len(columns)),
        returning=returning,
    )


@cache
def _update(table: str, columns: Sequence[str], key: str) -> str:
    return _UPDATE.substitute(
        table=quoted(table),
        columns=", ".join(f"{quoted(column)} = %s" for column in columns),
        key=quoted(key),
    )
