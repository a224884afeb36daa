"""Rows as the database holds them, past Django: read, compared, and put back where they were."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection

Key = Any
"""What names a row in its table: its rowid, or its primary key as text."""
Table = Mapping[Key, Any]
Tables = Mapping[str, Table]

SEQUENCES = "sqlite_sequence"
# What the triggers of another table write, and whoever puts back its rows sets off again.
_BY_TRIGGERS = ("catalog_search_index", "audit_pending")


@dataclass(frozen=True)
class Difference:
    """What made a table into what it is: rows gone, rows that changed, rows added."""

    table: str
    gone: Sequence[Key]
    changed: Table
    added: Table


def names() -> list[str]:
    """Return every table whose rows are to be kept."""
    found = connection.introspection.table_names()
    kept = [name for name in found if not name.startswith(_BY_TRIGGERS)]
    return [*kept, SEQUENCES] if connection.vendor == "sqlite" else kept


def read(tables: Iterable[str]) -> Tables:
    """Return all rows of some tables."""
    connection.ensure_connection()
    reading = _from_sqlite if connection.vendor == "sqlite" else _from_postgresql
    return {table: reading(table) for table in tables}


def differences(before: Tables, after: Tables, tables: Iterable[str]) -> list[Difference]:
    """Return how some tables differ, those that do."""
    found = []
    for table in sorted(tables):
        old, new = before[table], after[table]
        gone = [key for key in old if key not in new]
        changed = {key: row for key, row in new.items() if key in old and old[key] != row}
        added = {key: row for key, row in new.items() if key not in old}
        if gone or changed or added:
            found.append(Difference(table, gone, changed, added))
    return found


def carry_out(found: Iterable[Difference]) -> None:
    """Make some tables into what they were once before."""
    connection.ensure_connection()
    carrying = _into_sqlite if connection.vendor == "sqlite" else _into_postgresql
    # Rows set SQLite's counters, so the counters come last.
    for difference in sorted(found, key=lambda each: each.table == SEQUENCES):
        carrying(difference)


# -- SQLite. A sign before a column keeps Python from reading its value as what it was declared


@cache
def _columns(table: str) -> tuple[str, ...]:
    asked = connection.connection.execute(f'PRAGMA table_info("{table}")')
    return tuple(f'"{name}"' for _, name, *_ in asked)


def _from_sqlite(table: str) -> Table:
    columns = ", ".join(f"+{name}" for name in _columns(table))
    key = "name" if table == SEQUENCES else "rowid"
    found = connection.connection.execute(f'SELECT {key}, {columns} FROM "{table}"')
    return {row[0]: row[1:] for row in found}


def _into_sqlite(difference: Difference) -> None:
    if difference.table == SEQUENCES:
        return _count_on(difference)
    run, columns = connection.connection.executemany, _columns(difference.table)
    table = f'"{difference.table}"'
    if difference.gone:
        run(f"DELETE FROM {table} WHERE rowid = ?", [(key,) for key in difference.gone])
    if difference.changed:
        places = ", ".join(f"{name} = ?" for name in columns)
        rows = [(*row, key) for key, row in difference.changed.items()]
        run(f"UPDATE {table} SET {places} WHERE rowid = ?", rows)
    if difference.added:
        places = ", ".join("?" for _ in range(len(columns) + 1))
        rows = [(key, *row) for key, row in difference.added.items()]
        run(f"INSERT INTO {table} (rowid, {', '.join(columns)}) VALUES ({places})", rows)
    return None


def _count_on(difference: Difference) -> None:
    """Set counters; a row that was added may have made one of them already."""
    counters = {**difference.changed, **difference.added}
    names = [(name,) for name in (*difference.gone, *counters)]
    run = connection.connection.executemany
    run("DELETE FROM sqlite_sequence WHERE name = ?", names)
    run("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", list(counters.values()))


# -- PostgreSQL: rows as the text of their type; sequences never go back, so they need nothing


@cache
def _key(table: str) -> str:
    """Return the primary key of a table, as one text."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_primary_key_columns(cursor, table)
    return f"ROW({', '.join(connection.ops.quote_name(name) for name in found or ())})::text"


@cache
def _given(table: str) -> str:
    """Return the columns of a table that are given values: others are made of these."""
    asked = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    ORDER BY attnum
    """
    found = connection.connection.execute(asked, [f'"{table}"'])
    return ", ".join(f'"{name}"' for (name,) in found)


def _from_postgresql(table: str) -> Table:
    asked = f'SELECT {_key(table)}, t::text FROM "{table}" t'
    return dict(connection.connection.execute(asked).fetchall())


def _into_postgresql(difference: Difference) -> None:
    run, table = connection.connection.execute, f'"{difference.table}"'
    old, new = [*difference.gone, *difference.changed], {**difference.changed, **difference.added}
    if old:
        run(f"DELETE FROM {table} WHERE {_key(difference.table)} = ANY(%s)", [old])
    if new:
        columns = _given(difference.table)
        rows = f"SELECT (unnest(%s::text[])::{table}).*"
        put = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM ({rows}) AS kept"
        run(put, [list(new.values())])
