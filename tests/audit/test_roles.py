"""Who may do what to the tables of the record on PostgreSQL, with the roles split as deployed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from apps.approvals import operations
from apps.approvals.operations import redaction
from apps.audit import guards, tasks
from apps.audit.checking import whole
from apps.audit.models import (
    AuditEvent,
    AuditText,
    ErasedText,
    Leaf,
    Log,
    PendingEvent,
    Redaction,
)
from apps.audit.sealing import spare, states, watching
from apps.audit.verifier.notes import read_key
from apps.core.clock import database_now
from tests.approvals.exceptions import counsel, records_manager
from tests.audit.sealing.sealed import happened, seal_all, vkey
from tests.factories import actor
from tests.scenarios import account, registered_model

SQL = Path(__file__).resolve().parent.parent.parent / "deploy" / "postgresql" / "roles.sql"
ROLES = {"application": "test_signet_app", "sealer": "test_signet_sealer"}
REDACTION = "test_signet_redaction"
OWNER = "test_signet_owner"

pytestmark = [
    pytest.mark.services,
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no roles"),
]


REFUSALS = ("only ever added to", "permission denied", "must be owner of")


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def deployed() -> str:
    """Return the file as psql would send it, inside the transaction of the test."""
    lines = SQL.read_text().splitlines()
    text = "\n".join(
        line for line in lines if line not in {"BEGIN;", "COMMIT;"} and line[:1] != "\\"
    )
    for variable, role in {**ROLES, "redaction": REDACTION}.items():
        text = text.replace(f':"{variable}"', role)
    return text


@pytest.fixture(autouse=True)
def split() -> None:
    """Seal something, split the roles, and give the tables to an owner who is no superuser."""
    happened(2)
    seal_all()
    connection.check_constraints()  # a table that waits for checks is not altered
    for role in (*ROLES.values(), REDACTION, OWNER):
        run(f"CREATE ROLE {role}")
    run(f"GRANT USAGE, CREATE ON SCHEMA public TO {OWNER}")
    for table in guards.KEPT:
        run(f"ALTER TABLE {table} OWNER TO {OWNER}")
    run(deployed())


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    if role == "superuser":
        yield
        return
    run(f"SET LOCAL ROLE {role}")
    yield
    run("RESET ROLE")


def is_refused(role: str, *statements: str) -> bool:
    """Say whether one of some statements is refused to a role, and undo them all."""
    try:
        with transaction.atomic():
            with acting_as(role):
                for statement in statements:
                    run(statement)
            transaction.set_rollback(True)
    except DatabaseError as refusal:
        return any(words in str(refusal) for words in REFUSALS)
    return False


@pytest.mark.parametrize("role", [*ROLES.values(), OWNER, "superuser"])
@pytest.mark.parametrize("table", guards.KEPT)
def test_nobody_changes_removes_or_empties(role: str, table: str) -> None:
    [column, *_] = guards.KEPT[table][0].split()
    assert is_refused(role, f"UPDATE {table} SET {column} = {column}")
    assert is_refused(role, f"DELETE FROM {table}")
    assert is_refused(role, f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("table", guards.KEPT)
def test_a_session_that_plays_a_replica_is_refused_too(table: str) -> None:
    replica = "SET LOCAL session_replication_role = replica"
    for role in (*ROLES.values(), OWNER):
        assert is_refused(role, replica)
    assert is_refused("superuser", replica, f"DELETE FROM {table}")


@pytest.mark.parametrize("table", guards.KEPT)
def test_only_who_owns_a_table_switches_its_guard_off(table: str) -> None:
    off = f"ALTER TABLE {table} DISABLE TRIGGER {table}_kept"
    for role in ROLES.values():
        assert is_refused(role, off)
    for role in (OWNER, "superuser"):
        assert not is_refused(role, off)
    with transaction.atomic():
        run(off)
        assert guards.missing(connection) == [f"{table}_kept"]
        transaction.set_rollback(True)


@pytest.mark.parametrize("role", ["sealer", "owner", "superuser"])
def test_a_leaf_that_somebody_with_the_right_to_forges_is_found(role: str) -> None:
    """The application is refused it; whoever may add leaves cannot add one that fits."""
    acting = {"sealer": ROLES["sealer"], "owner": OWNER}.get(role, role)
    with acting_as(ROLES["application"]):
        [event] = happened()
    forged = f"INSERT INTO audit_leaf (seq, event_id, hash) VALUES (3, {event.pk}, '{role}')"
    with acting_as(acting):
        run(forged)
    findings = whole.verify([read_key(vkey())], {}).findings
    assert {"event.altered", "log.size"} <= {finding.name for finding in findings}


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_leaf (seq, event_id, hash) VALUES (99, 1, 'x')",
        "DELETE FROM audit_pending",
        "INSERT INTO audit_pending (event_id) VALUES (1)",
        "UPDATE audit_log SET size = 0",
        "INSERT INTO audit_checkpoint (size, root, note, signed_at) VALUES (9, 'x', 'x', now())",
        "DELETE FROM audit_text",
    ],
)
def test_the_application_makes_nothing_of_the_log(statement: str) -> None:
    assert is_refused(ROLES["application"], statement)


def test_the_sealer_reads_no_other_table_and_erases_no_text() -> None:
    assert is_refused(ROLES["sealer"], "SELECT * FROM accounts_user")
    assert is_refused(ROLES["sealer"], "DELETE FROM audit_text")


def test_redaction_alone_deletes_texts_and_only_those_on_record_as_erased() -> None:
    [event] = happened()
    AuditText.objects.create(event=event, kind="reason", salt=b"x" * 16, text="Why")
    delete = f"DELETE FROM audit_text WHERE event_id = {event.pk}"
    for role in (*ROLES.values(), REDACTION, "superuser"):
        assert is_refused(role, delete)
    asked = {"place": "reason", "basis": "request", "asked_by": "usr_7"}
    row = Redaction.objects.create(
        event=event, asked_in=event.uid, asked_at=database_now(), **asked
    )
    ErasedText.objects.create(event=event, redaction=row)
    assert is_refused(ROLES["application"], delete)
    assert is_refused(ROLES["sealer"], delete)
    assert not is_refused(REDACTION, delete)
    assert is_refused(REDACTION, "UPDATE audit_text SET text = 'x'")
    assert is_refused(REDACTION, "DELETE FROM audit_erased")


def test_what_two_people_decided_is_erased_by_the_role_of_redaction_and_by_no_worker(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with acting_as(ROLES["application"]):
        placed = operations.place_hold(registered_model(), by=actor(counsel()), reason="Ill")
        operations.lift_hold(placed, by=actor(counsel()), reason="Closed")
        [event] = AuditEvent.objects.filter(action="model.place_legal_hold")
        by, officer = actor(records_manager()), account("petra", "Petra", "privacy_officer")
        asked = redaction.ask_redaction(event, "reason", basis="request", by=by, reason="Asked")
        redaction.approve_redaction(asked, by=actor(officer), reason="Due")
    seal_all()
    with acting_as(ROLES["application"]):
        assert redaction.carry_out_redactions() == 0
        with pytest.raises(CommandError, match="may not erase"):
            call_command("redact")
    with acting_as(REDACTION):
        call_command("redact")
    assert "1 erased." in capsys.readouterr().out
    assert not AuditText.objects.filter(event=event).exists()


def test_a_worker_that_may_not_seal_leaves_it_to_the_sealer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(spare, "LATE", -timedelta(minutes=1))
    with acting_as(ROLES["application"]):
        [event] = happened()
        assert not spare.step()
    assert "Start: manage.py seal" in caplog.text
    assert PendingEvent.objects.filter(event_id=event.pk).exists()
    with acting_as(ROLES["sealer"]):
        assert spare.step()
    assert not PendingEvent.objects.exists()


def test_with_their_roles_the_application_writes_and_the_sealer_seals() -> None:
    with acting_as(ROLES["application"]):
        [event] = happened()
    assert PendingEvent.objects.filter(event_id=event.pk).exists()
    with acting_as(ROLES["sealer"]):
        seal_all()
        watching.beat(now=database_now() + watching.BEAT * 2)
        seal_all()
        assert watching.sweep(now=database_now() + watching.SETTLED * 2) == 0
    assert Leaf.objects.filter(event=event).exists()
    with acting_as(ROLES["application"]):
        assert tasks.compare() == 0
    with acting_as(ROLES["sealer"]):
        states.halt("Why")
    assert Log.objects.get().is_halted
