"""Who may do what to the tables of the record on PostgreSQL, with the roles split as deployed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from apps.audit import guards, tasks
from apps.audit.checking import whole
from apps.audit.models import Leaf, Log, PendingEvent
from apps.audit.sealing import states, watching
from apps.audit.verifier.notes import read_key
from apps.core.clock import database_now
from tests.audit.sealing.sealed import happened, seal_all, vkey

SQL = Path(__file__).resolve().parent.parent.parent / "deploy" / "postgresql" / "roles.sql"
ROLES = {"application": "test_signet_app", "sealer": "test_signet_sealer"}
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
    for variable, role in ROLES.items():
        text = text.replace(f':"{variable}"', role)
    return text


@pytest.fixture(autouse=True)
def split() -> None:
    """Seal something, split the roles, and give the tables to an owner who is no superuser."""
    happened(2)
    seal_all()
    connection.check_constraints()  # a table that waits for checks is not altered
    for role in (*ROLES.values(), OWNER):
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
