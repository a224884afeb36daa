"""A limit to how long the database works on one question (THREATS row 7)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction

from apps.core.inputs import InputRefused

SECONDS = 2.0
_STEPS_BETWEEN_LOOKS = 500_000
"""Some milliseconds of SQLite's work: each look waits for the interpreter, which others use."""
_LIMIT = "SELECT set_config('statement_timeout', %s, true)"
_LIMIT_OUTSIDE, _NO_LIMIT = "SET statement_timeout = %s", "RESET statement_timeout"
_POSTGRESQL_CANCELED = "57014"


class TookTooLong(InputRefused):
    """The database was at it longer than anybody would wait."""

    code = "took_too_long"


@contextmanager
def patience(seconds: float = SECONDS) -> Iterator[None]:
    """Read for at most some seconds; what is asked inside may only read.

    Raises:
        TookTooLong: when the time is over.
    """
    reading = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    try:
        with reading(seconds):
            yield
    except OperationalError as error:
        if _is_ours(error):
            raise TookTooLong("This search takes too long. Narrow it, and try again.") from None
        raise


@contextmanager
def _on_postgresql(seconds: float) -> Iterator[None]:
    given = f"{seconds * 1000:.0f}"
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(_LIMIT_OUTSIDE, [given])
            try:
                yield
            finally:
                cursor.execute(_NO_LIMIT)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        [before] = cursor.fetchone()
        cursor.execute(_LIMIT, [given])
        yield
        cursor.execute(_LIMIT, [before])


@contextmanager
def _on_sqlite(seconds: float) -> Iterator[None]:
    connection.ensure_connection()
    until = time.monotonic() + seconds
    connection.connection.set_progress_handler(
        lambda: int(time.monotonic() > until), _STEPS_BETWEEN_LOOKS
    )
    try:
        yield
    finally:
        connection.connection.set_progress_handler(None, 0)


def _is_ours(error: OperationalError) -> bool:
    cause = error.__cause__
    return str(error) == "interrupted" or getattr(cause, "sqlstate", "") == _POSTGRESQL_CANCELED
