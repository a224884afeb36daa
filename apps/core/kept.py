"""Statements that are sent with every call: PostgreSQL keeps them parsed and planned.

To plan a small statement costs PostgreSQL several times what it takes to carry it out. A statement
it keeps, once in each connection, is carried out at once; its values are sent beside it. So keep
only what is planned well for any values: never a pattern, nor a text that clients make up at will.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections


class _Keeping(psycopg.Cursor[Any]):
    """A cursor whose every statement is kept, where the connection keeps any."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        return super().execute(query, params, prepare=True, **options)


def keeping_cursor() -> Any:
    """Return a cursor of Django's whose statements the database keeps; SQLite keeps all it sees."""
    connection: Any = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql":
        return connection.cursor()
    connection.ensure_connection()
    with connection.wrap_database_errors:
        return connection._prepare_cursor(_Keeping(connection.connection))


def kept(statement: str, parameters: Sequence[Any] = ()) -> list[Sequence[Any]]:
    """Return all rows of a statement that the database keeps."""
    with keeping_cursor() as cursor:
        cursor.execute(statement, parameters)
        found: list[Sequence[Any]] = cursor.fetchall()
    return found
