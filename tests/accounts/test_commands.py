"""Commands on accounts."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.accounts import token_texts
from apps.accounts.models import ApiToken, User
from tests.accounts.record import entry_of, events
from tests.factories import PASSWORD, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Give a command its standard input."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def run(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def test_the_first_administrator_comes_from_a_command(typed: Callable[[str], None]) -> None:
    typed(f"{PASSWORD}\n")

    said = run("create_administrator", "grace", name="Grace Hopper", password_stdin=True)

    grace = User.objects.get()
    assert said == "Grace Hopper can sign in as grace and manages people.\n"
    assert grace.is_superuser
    assert grace.check_password(PASSWORD)
    (event,) = events("user.create_first_administrator")
    assert entry_of(event)["actor"] | {"session": None} == {
        "id": "system",
        "kind": "system",
        "door": "command",
        "auth": "none",
        "session": None,
    }
    assert entry_of(event)["request"]


def test_a_second_administrator_needs_the_first(typed: Callable[[str], None]) -> None:
    person("grace", administrator=True)
    typed(f"{PASSWORD}\n")
    with pytest.raises(CommandError, match="administrator already"):
        run("create_administrator", "eve", password_stdin=True)

    typed(f"{PASSWORD}\n")
    run("create_administrator", "ada", another=True, acting="grace", password_stdin=True)

    ada = User.objects.get(username="ada")
    assert ada.is_superuser
    event = events("user.create")[-1]
    assert event.actor_id == User.objects.get(username="grace").record_id
    assert entry_of(event)["actor"]["door"] == "command"


@pytest.mark.parametrize(
    "options", [{"another": True}, {"acting": "grace"}, {"another": True, "acting": "nobody"}]
)
def test_another_administrator_is_created_by_a_known_one(
    typed: Callable[[str], None], options: dict[str, Any]
) -> None:
    typed(f"{PASSWORD}\n")

    with pytest.raises(CommandError):
        run("create_administrator", "eve", password_stdin=True, **options)


def test_who_is_no_administrator_creates_none(typed: Callable[[str], None], ada: User) -> None:
    typed(f"{PASSWORD}\n")

    with pytest.raises(CommandError, match="do not have the right"):
        run("create_administrator", "eve", another=True, acting="ada", password_stdin=True)


def test_a_password_is_typed_twice_at_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([PASSWORD, "a different one", PASSWORD, PASSWORD])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    with pytest.raises(CommandError, match="differ"):
        run("create_administrator", "grace")

    run("create_administrator", "grace")

    assert User.objects.get().check_password(PASSWORD)


def test_a_token_and_nothing_else_is_printed(ada: User) -> None:
    scopes = ("--scope", "read", "--scope", "check")
    limits = ("--model=model:mdl_1", "--environment=environment:env_2")
    said = run("create_token", "--as=ada", "--name=CI", *scopes, *limits)

    token = ApiToken.objects.get()
    assert token_texts.is_well_formed(said.rstrip("\n"))
    assert token.digest == token_texts.digest_of(said.rstrip("\n"))
    assert (token.scopes, token.roots) == (["check", "read"], ["environment:env_2", "model:mdl_1"])
    assert token.expires_at - token.created_at == timedelta(days=90)


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("--as=nobody", "no account “nobody”"),
        ("--days=366", "1 to 365 days"),
        ("--days=0", "1 to 365 days"),
        ("--scope=sign_off", "invalid choice"),
    ],
)
def test_a_token_that_may_not_be_is_refused_in_words(ada: User, option: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        run("create_token", "--as=ada", "--name=CI", "--scope=read", option)


def test_a_lost_password_is_set_from_the_host(typed: Callable[[str], None], ada: User) -> None:
    typed("another good phrase\n")

    said = run("changepassword", "ada", reason="Lost theirs", password_stdin=True)

    ada.refresh_from_db()
    assert "has a new password" in said
    assert ada.check_password("another good phrase")
    assert events("user.set_password")[0].actor_id == "system"


def test_a_password_is_set_as_an_administrator(typed: Callable[[str], None], ada: User) -> None:
    grace = person("grace", administrator=True)
    typed("another good phrase\n")

    run("changepassword", "ada", reason="Lost", acting="grace", password_stdin=True)

    assert events("user.set_password")[0].actor_id == grace.record_id


def test_djangos_own_command_points_to_ours() -> None:
    with pytest.raises(CommandError, match="Use create_administrator"):
        run("createsuperuser", "--username", "eve")
