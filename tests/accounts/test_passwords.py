"""Password rules at every door (THREATS A5), and no password anywhere but in its hash (B4)."""

import io
import json
import logging
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client

from apps.accounts import operations
from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.core.actors import Actor
from apps.core.errors import RuleBroken
from tests.accounts.record import events
from tests.factories import HOST, PASSWORD, actor, person, signed_in

BAD = {
    "empty": "",
    "one character": "x",
    "eleven characters": "abcdefghij1",
    "common": "qwerty123456",
    "common, padded": "Password1234!",
    "one digit after the other": "123456789012",
    "the same again": "abababababab",
    "the name": "Ada Lovelace",
    "the sign-in name": "ada.lovelace",
    "endless": "correct horse " * 100,
}
NEW = "another good phrase"


@pytest.fixture
def ada(db: None) -> User:
    return person("ada.lovelace", name="Ada Lovelace")


def through_own_page(ada: User, password: str) -> None:
    client = signed_in(Client(), ada)
    typed = {"current": PASSWORD, "new": password, "again": password}
    assert client.post("/password/", typed).status_code == 422


def through_operation(ada: User, password: str) -> None:
    with pytest.raises(RuleBroken):
        operations.change_password(ada, by=actor(ada), current=PASSWORD, new=password)


def through_administrator(ada: User, password: str) -> None:
    with pytest.raises(RuleBroken):
        operations.set_password(ada, by=HOST, new=password, reason="Lost")


def through_admin(ada: User, password: str) -> None:
    client = signed_in(Client(), person("grace", administrator=True))
    typed = {"new": password, "reason": "Lost"}
    answer = client.post(f"/admin/accounts/user/{ada.pk}/password/", typed)
    assert answer.status_code == 422


def through_command(ada: User, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    with pytest.raises(CommandError):
        call_command("changepassword", ada.username, reason="Lost", password_stdin=True)


@pytest.mark.parametrize("password", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize(
    "door", [through_own_page, through_operation, through_administrator, through_admin]
)
def test_a5_a_bad_password_is_refused_at_every_door(
    ada: User, door: Callable[[User, str], None], password: str
) -> None:
    door(ada, password)

    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


@pytest.mark.parametrize("password", BAD.values(), ids=BAD.keys())
def test_a5_a_bad_password_is_refused_by_the_commands(
    ada: User, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    through_command(ada, password, monkeypatch)
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    with pytest.raises(CommandError):
        call_command("create_administrator", "ada.lov", name="Ada Lovelace", password_stdin=True)

    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)
    assert User.objects.count() == 1


@pytest.mark.parametrize("password", BAD.values(), ids=BAD.keys())
def test_a5_nobody_is_created_with_a_bad_password(db: None, password: str) -> None:
    with pytest.raises(RuleBroken):
        operations.create_user(
            by=HOST, username="ada.lovelace", display_name="Ada Lovelace", password=password
        )

    assert not User.objects.exists()


def test_a_person_changes_their_password_knowing_the_current_one(ada: User) -> None:
    before = ada.password_changed_at

    operations.change_password(ada, by=actor(ada), current=PASSWORD, new=NEW)

    ada.refresh_from_db()
    assert ada.check_password(NEW)
    assert ada.password_changed_at != before
    assert len(events("user.change_password")) == 1


@pytest.mark.parametrize(
    ("current", "new", "says"),
    [("not the password", NEW, "not your current"), (PASSWORD, PASSWORD, "is the current one")],
)
def test_a_password_is_not_changed_blindly(ada: User, current: str, new: str, says: str) -> None:
    with pytest.raises((RuleBroken, operations.WrongPassword), match=says):
        operations.change_password(ada, by=actor(ada), current=current, new=new)


def test_an_administrator_sets_a_password_with_a_reason(ada: User, by_administrator: Actor) -> None:
    with pytest.raises(RuleBroken, match="Give a reason"):
        operations.set_password(ada, by=by_administrator, new=NEW, reason="")

    operations.set_password(ada, by=by_administrator, new=NEW, reason="Lost theirs")

    ada.refresh_from_db()
    assert ada.check_password(NEW)
    assert len(events("user.set_password")) == 1


def test_no_password_is_set_for_a_service_or_a_closed_account(
    ada: User, by_administrator: Actor
) -> None:
    robot = person("robot", service=True)
    operations.close_account(ada, by=by_administrator, reason="Left")

    for account, says in ((robot, "service account"), (ada, "is closed")):
        with pytest.raises(RuleBroken, match=says):
            operations.set_password(account, by=by_administrator, new=NEW, reason="Asked for")


def test_b4_no_password_or_hash_is_in_history_events_or_logs(
    ada: User, by_administrator: Actor, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "planted wrong password"
    client.post("/sign-in/", {"username": ada.username, "password": wrong})
    client.post("/sign-in/", {"username": ada.username, "password": PASSWORD})
    client.post("/password/", {"current": wrong, "new": NEW, "again": NEW})
    client.post("/password/", {"current": PASSWORD, "new": NEW, "again": NEW})
    operations.set_password(ada, by=by_administrator, new=PASSWORD, reason="Lost theirs")
    ada.refresh_from_db()

    secrets = {PASSWORD, NEW, wrong, ada.password}
    kept = everything_kept() | {"logs": caplog.text}

    assert len(kept) > 15
    for secret in secrets:
        places = [place for place, text in kept.items() if secret in text]
        assert places == (["accounts_user"] if secret == ada.password else [])


def everything_kept() -> dict[str, str]:
    """Return the text of every table, by its name; bytes are read as Latin-1."""
    kept = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            kept[table] = json.dumps(cursor.fetchall(), default=_plain, ensure_ascii=False)
    assert AuditEvent._meta.db_table in kept
    return kept


def _plain(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("latin-1")
    return str(value)
