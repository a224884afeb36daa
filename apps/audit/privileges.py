"""What this process may do to the tables of the record, where their roles are split."""

from django.db import connection


def holds(right: str, table: str) -> bool:
    """Say whether the database lets this process do something to a table; SQLite has no roles."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, %s)", [table, right])
        return bool(cursor.fetchone()[0])
