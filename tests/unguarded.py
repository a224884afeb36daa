"""Takes the guards of the record away for a moment: to empty tables after a test, or to tamper.

What Signet runs has no such door: whoever owns the tables can do the same by hand.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from apps.audit import guards


@contextmanager
def unguarded() -> Iterator[None]:
    """Let a block do to the record what its triggers refuse; events are not queued meanwhile."""
    _settle()
    guards.uninstall_texts(connection)
    guards.uninstall(connection)
    try:
        yield
    finally:
        if not connection.needs_rollback:
            _settle()
            guards.install(connection)
            guards.install_texts(connection)


def let_tests_flush() -> None:
    """Let Django empty every table after a test whose transactions were real."""
    operations: Any = connection.ops
    flush = operations.execute_sql_flush

    def flush_unguarded(statements: list[str]) -> None:
        with unguarded():
            flush(statements)

    operations.execute_sql_flush = flush_unguarded


def _settle() -> None:
    """Check what is to be checked later: PostgreSQL changes no table that waits for it."""
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        connection.check_constraints()
