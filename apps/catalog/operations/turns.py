"""Changes that look at rows of many roots before they write take turns."""

from django.db import connection

_LINEAGE = 0x11EA6E


def one_at_a_time() -> None:
    """Wait until no other change looks at lineage, and keep others waiting until this one ends.

    Whether a name is free, or a way leads back, is told by rows no root's lock covers. It is asked
    for after every lock of a root, so nobody waits in a circle. SQLite has one writer anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LINEAGE])
