"""Signing in, how long it lasts and how guesses slow down (THREATS A1, A2, A4)."""

import logging
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import ScryptPasswordHasher
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from apps.accounts import operations, sessions
from apps.accounts.actors import fingerprint
from apps.accounts.models import SignInFailure, User
from apps.accounts.throttling import FOR_ACCOUNT, FOR_ADDRESS
from apps.core.actors import Actor
from tests.accounts.record import entry_of, events
from tests.factories import HOST, PASSWORD, person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.pages")]

WRONG = "The sign-in name and the password do not match."
Later = Callable[[timedelta], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Move the clock."""
    start = timezone.now()

    def move(by: timedelta) -> None:
        monkeypatch.setattr(timezone, "now", lambda: start + by)

    return move


def sign_in(client: Client, username: str, password: str = PASSWORD, **more: str):
    return client.post("/sign-in/", {"username": username, "password": password, **more})


def fail(client: Client, username: str, times: int) -> None:
    for _ in range(times):
        assert sign_in(client, username, "a wrong password").status_code == 422


def test_a_person_signs_in_and_out_and_both_are_recorded(client: Client, ada: User) -> None:
    answer = sign_in(client, "ada", next="/for-people/")
    assert answer.headers["Location"] == "/for-people/"
    (began,) = events("session.sign_in")
    key = client.session.session_key

    client.post("/sign-out/")

    (ended,) = events("session.sign_out")
    assert began.subject_id == ended.subject_id == began.actor_id == ada.record_id
    actor = entry_of(began)["actor"]
    assert actor["session"] == entry_of(ended)["actor"]["session"]
    assert key
    assert key not in str(actor)
    assert began.chain_root is None
    assert client.get("/for-people/").status_code == 302


@pytest.mark.parametrize("typed", ["ADA", " ada ", "\uff41\uff44\uff41"])
def test_a_name_is_taken_as_people_type_it(client: Client, ada: User, typed: str) -> None:
    assert sign_in(client, typed).status_code == 302


def test_a1_signing_in_gives_the_session_a_new_id(client: Client, ada: User) -> None:
    session = client.session
    session["planted"] = "before"
    session.save()
    before = session.session_key

    sign_in(client, "ada")

    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_a1_confirming_and_changing_the_password_give_new_ids(client: Client, ada: User) -> None:
    sign_in(client, "ada")
    before = client.session.session_key

    typed = {"current": PASSWORD, "new": "another good phrase", "again": "another good phrase"}
    client.post("/password/", typed)

    assert client.session.session_key != before
    assert client.get("/for-people/").status_code == 200


def closed(ada: User, by: Actor) -> None:
    operations.close_account(ada, by=by, reason="Left")


def password_set(ada: User, by: Actor) -> None:
    operations.set_password(ada, by=by, new="another good phrase", reason="Lost")


@pytest.mark.parametrize("end", [closed, password_set])
def test_a2_all_sessions_of_an_account_end_within_one_request(
    ada: User, by_administrator: Actor, end: Callable[[User, Actor], None]
) -> None:
    browsers = [signed_in(Client(), ada), signed_in(Client(), ada)]

    end(ada, by_administrator)

    for browser in browsers:
        part = browser.get("/for-people/", headers={"HX-Request": "true"})
        assert part.status_code == 401
        assert "ended=closed" in part.headers["HX-Redirect"]
        assert browser.get("/for-people/").status_code == 302


def test_a2_a_session_stays_dead_when_the_account_is_reopened(
    client: Client, ada: User, by_administrator: Actor
) -> None:
    signed_in(client, ada)
    closed(ada, by_administrator)

    operations.reopen_account(ada, by=by_administrator, reason="Came back")

    assert client.get("/for-people/").status_code == 302


def test_a_password_change_ends_the_other_sessions(ada: User) -> None:
    here, there = signed_in(Client(), ada), signed_in(Client(), ada)

    typed = {"current": PASSWORD, "new": "another good phrase", "again": "another good phrase"}
    here.post("/password/", typed)

    assert here.get("/for-people/").status_code == 200
    assert there.get("/for-people/").status_code == 302


def test_an_idle_session_ends_and_says_so(client: Client, ada: User, later: Later) -> None:
    signed_in(client, ada)
    later(settings.SESSION_IDLE + timedelta(minutes=1))

    answer = client.get("/for-people/")

    assert answer.headers["Location"] == "/sign-in/?next=%2Ffor-people%2F&ended=idle"
    page = client.get(answer.headers["Location"])
    assert "signed out after 30 minutes without activity" in page.content.decode()
    assert not Session.objects.exists()


def test_a_session_in_use_goes_on_but_not_for_ever(client: Client, ada: User, later: Later) -> None:
    signed_in(client, ada)
    for minutes in range(20, 12 * 60 + 1, 20):
        later(timedelta(minutes=minutes))
        assert client.get("/for-people/").status_code == 200, minutes

    later(settings.SESSION_LONGEST + timedelta(seconds=1))
    answer = client.get("/for-people/")

    assert "ended=long" in answer.headers["Location"]
    page = client.get(answer.headers["Location"])
    assert "at most 12 hours" in page.content.decode()


def test_a_session_without_our_clocks_does_not_count(client: Client, ada: User) -> None:
    client.force_login(ada)

    assert client.get("/for-people/").status_code == 302


def test_a_session_is_written_at_most_once_a_minute(
    client: Client, ada: User, later: Later
) -> None:
    signed_in(client, ada)
    seen = client.session["seen"]
    later(timedelta(seconds=58))
    client.get("/for-people/")
    assert client.session["seen"] == seen

    later(timedelta(seconds=62))
    client.get("/for-people/")

    assert client.session["seen"] > seen


def test_an_ended_session_is_only_a_stranger_on_an_open_page(
    client: Client, ada: User, later: Later
) -> None:
    signed_in(client, ada)
    later(timedelta(days=1))

    assert client.get("/for-all/").json()["actor"] == "anonymous"


def test_a4_unknown_wrong_closed_and_service_get_the_same_answer(
    client: Client, ada: User, by_administrator: Actor
) -> None:
    operations.close_account(person("bob"), by=by_administrator, reason="Left")
    person("robot", service=True)
    person("new", password=None)
    names = ("nobody", "ada", "bob", "robot", "new", "\N{SNOWMAN}", "a" * 150)

    answers = [sign_in(client, name, "a wrong password") for name in names]

    assert {answer.status_code for answer in answers} == {422}
    texts = {_without_typed(answer.content.decode()) for answer in answers}
    assert len(texts) == 1
    assert WRONG in texts.pop()


def _without_typed(page: str) -> str:
    """Leave out what was typed and the form's own secret."""
    return re.sub(r'value="[^"]*"', "", page)


def test_a4_a_right_password_of_a_closed_account_is_no_better(
    client: Client, ada: User, by_administrator: Actor
) -> None:
    operations.close_account(ada, by=by_administrator, reason="Left")

    answer = sign_in(client, "ada")

    assert answer.status_code == 422
    assert WRONG in answer.content.decode()


def test_a3_unknown_and_wrong_cost_the_same_work(
    client: Client, ada: User, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hash is what takes time; benchmarks/sign_in.py measures the times themselves."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
    operations.set_password(ada, by=HOST, new="another good phrase", reason="A slow hash")
    hashed: list[str] = []
    encode = ScryptPasswordHasher.encode

    def counted(hasher: ScryptPasswordHasher, password: str, *args: Any, **named: Any) -> str:
        hashed.append(password)
        return encode(hasher, password, *args, **named)

    monkeypatch.setattr(ScryptPasswordHasher, "encode", counted)
    for name in ("ada", "nobody"):
        sign_in(client, name, "a wrong password")

    assert hashed == ["a wrong password"] * 2


def test_guesses_wait_longer_each_time_but_never_beyond_a_minute() -> None:
    waits = [FOR_ACCOUNT.wait_after(failures) for failures in range(14)]

    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert FOR_ACCOUNT.wait_after(10**6) == 60
    assert FOR_ADDRESS.wait_after(49) == 0
    assert FOR_ADDRESS.wait_after(10**6) == 10


def test_after_five_wrong_guesses_even_the_right_password_waits(
    client: Client, ada: User, later: Later
) -> None:
    later(timedelta(0))
    fail(client, "ada", 5)

    waiting = sign_in(client, "ada")

    assert waiting.status_code == 429
    assert waiting.headers["Retry-After"] == "1"
    assert "Try again in 1 second." in waiting.content.decode()
    later(timedelta(seconds=1))
    assert sign_in(client, "ada").status_code == 302
    assert not SignInFailure.objects.exists()


def test_waiting_does_not_make_the_wait_longer(client: Client, ada: User, later: Later) -> None:
    later(timedelta(0))
    fail(client, "ada", 5)
    for _ in range(5):
        assert sign_in(client, "ada").headers["Retry-After"] == "1"

    assert SignInFailure.objects.count() == 5


def test_nobody_shuts_out_a_person_from_elsewhere(client: Client, ada: User, later: Later) -> None:
    later(timedelta(0))
    fail(Client(REMOTE_ADDR="203.0.113.9"), "ada", 5)

    assert sign_in(client, "ada").status_code == 302


def test_a_header_does_not_change_where_a_guess_comes_from(
    client: Client, ada: User, later: Later
) -> None:
    later(timedelta(0))
    fail(client, "ada", 5)

    typed = {"username": "ada", "password": PASSWORD}
    answer = client.post("/sign-in/", typed, headers={"X-Forwarded-For": "203.0.113.9"})

    assert answer.status_code == 429


def test_guessing_many_names_from_one_place_slows_down(
    client: Client, ada: User, later: Later
) -> None:
    later(timedelta(0))
    for number in range(50):
        fail(client, f"name{number}", 1)

    assert sign_in(client, "ada").headers["Retry-After"] == "1"


def test_failures_are_forgotten_after_an_hour(client: Client, ada: User, later: Later) -> None:
    later(timedelta(0))
    fail(client, "ada", 5)

    later(timedelta(hours=1))
    fail(client, "ada", 1)

    assert SignInFailure.objects.count() == 1


def test_a_failure_names_no_account(
    client: Client, ada: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    fail(client, "ada", 1)

    failure = SignInFailure.objects.get()
    assert "ada" not in f"{failure.account_digest} {failure}"
    assert "A sign-in from 127.0.0.1 failed" in caplog.text
    assert "ada" not in caplog.text


def test_the_own_password_is_not_guessed_through_the_password_page(
    client: Client, ada: User, later: Later
) -> None:
    later(timedelta(0))
    signed_in(client, ada)
    typed = {"current": "a wrong password", "new": "another good phrase"}
    typed["again"] = typed["new"]
    for _ in range(5):
        assert client.post("/password/", typed).status_code == 422

    answer = client.post("/password/", typed | {"current": PASSWORD})

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "1"


def confirmed_at(client: Client) -> datetime:
    last = sessions.last_confirmed(client.session)
    assert last is not None
    return last.at


def test_a1_signing_needs_the_password_again_and_gives_a_new_id(
    client: Client, ada: User, later: Later
) -> None:
    later(timedelta(0))
    signed_in(client, ada)
    before, began = client.session.session_key, confirmed_at(client)
    assert began is not None
    later(timedelta(minutes=10))

    wrong = client.post("/sign/", {"password": "a wrong password"})
    assert wrong.content.decode() == "That is not your password. Nothing was signed."
    assert client.session.session_key == before
    assert confirmed_at(client) == began
    right = client.post("/sign/", {"password": PASSWORD}).json()

    assert client.session.session_key != before
    assert right["session"] == fingerprint(str(client.session.session_key))
    assert confirmed_at(client) == began + timedelta(minutes=10)


def test_the_password_is_not_guessed_through_a_sign_off(
    client: Client, ada: User, later: Later
) -> None:
    later(timedelta(0))
    signed_in(client, ada)
    for _ in range(5):
        client.post("/sign/", {"password": "a wrong password"})

    answer = client.post("/sign/", {"password": PASSWORD})

    assert answer.content.decode().startswith("Too many wrong passwords")
