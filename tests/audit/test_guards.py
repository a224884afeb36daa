"""The tables of the record only grow, and every event is queued for sealing."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from apps.audit import guards
from apps.audit.models import AuditEvent, PendingEvent
from apps.core.clock import database_now
from tests.scenarios import registered_model
from tests.unguarded import unguarded

pytestmark = pytest.mark.django_db

ROWS = {
    "audit_event": "",
    "audit_aside": "event_id, found_at, why) VALUES (1, %(now)s, 'x'",
    "audit_leaf": "seq, event_id, hash) VALUES (0, %(event)s, %(bytes)s",
    "audit_tile": "level, n, data) VALUES (0, 0, %(bytes)s",
    "audit_checkpoint": "size, root, note, signed_at) VALUES (1, %(bytes)s, 'x', %(now)s",
    "audit_anchor": "size, name, accepted_at, receipt) VALUES (1, 'a', %(now)s, ''",
}
CHANGES = {
    "audit_event": "action = 'x'",
    "audit_aside": "why = 'y'",
    "audit_leaf": "seq = 1",
    "audit_tile": "n = 1",
    "audit_checkpoint": "size = 2",
    "audit_anchor": "name = 'b'",
}


def run(statement: str) -> None:
    event = AuditEvent.objects.earliest("pk")
    given: dict[str, Any] = {"now": database_now(), "event": event.pk, "bytes": b"x" * 32}
    with connection.cursor() as cursor:
        cursor.execute(statement, given)


@pytest.fixture(autouse=True)
def held() -> None:
    """Let every table hold a row."""
    registered_model()
    for table, row in ROWS.items():
        if row:
            run(f"INSERT INTO {table} ({row})")


def test_no_guard_is_missing() -> None:
    assert guards.missing(connection) == []


def test_a_guard_that_is_gone_is_told() -> None:
    with unguarded():
        gone = guards.missing(connection)
    assert guards.QUEUE in gone
    assert len(gone) > len(guards.KEPT)
    assert guards.missing(connection) == []


@pytest.mark.parametrize("table", guards.KEPT)
@pytest.mark.parametrize("what", ["UPDATE {table} SET {change}", "DELETE FROM {table}"])
def test_a_row_is_neither_changed_nor_deleted(table: str, what: str) -> None:
    statement = what.format(table=table, change=CHANGES[table])
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        run(statement)


@pytest.mark.parametrize("table", guards.KEPT)
def test_a_row_is_not_put_in_the_place_of_another(table: str) -> None:
    columns = ROWS[table]
    if connection.vendor == "sqlite":
        event = "SELECT * FROM audit_event"
        row = f"({columns})" if columns else event
        statement = f"INSERT OR REPLACE INTO {table} {row}"
    else:
        connection.check_constraints()  # a table that waits for checks is not emptied anyway
        statement = f"TRUNCATE {table} CASCADE"
    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        run(statement)


def test_an_event_is_queued_whoever_wrote_it() -> None:
    events = set(AuditEvent.objects.values_list("pk", flat=True))
    assert set(PendingEvent.objects.values_list("event_id", flat=True)) == events
