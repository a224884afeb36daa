"""A calendar program subscribes by a password made for it, which opens the calendar alone."""

import base64
import logging
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client

from apps.accounts import operations as accounts
from apps.accounts.models import ApiToken, User
from apps.accounts.scopes import Scope
from apps.approvals.views import calendar
from apps.core.pace import Pace
from tests import scenarios
from tests.accounts.record import entry_of, events
from tests.accounts.test_passwords import everything_kept
from tests.factories import HOST, actor, signed_in
from tests.risk.reviewed import schedule_by_default

pytestmark = pytest.mark.django_db

FEED = "/calendar/subscription.ics"
ACCOUNT, SUBSCRIBE = "/account/", "/account/calendar/"
DAY = timedelta(days=1)


def password_of(user: User, *scopes: Scope, **other: Any) -> str:
    given: dict[str, Any] = {"name": "Calendar", "expires_in": DAY} | other
    scopes = scopes or (Scope.CALENDAR,)
    return accounts.create_token(user, by=actor(user), scopes=scopes, **given)[1]


def read(text: str, path: str = FEED, name: str = "olivia") -> Any:
    pair = base64.b64encode(f"{name}:{text}".encode()).decode()
    return Client().get(path, headers={"Authorization": f"Basic {pair}"})


def due_on_a_model(monkeypatch: pytest.MonkeyPatch) -> str:
    name = scenarios.registered_model().name
    schedule_by_default(monkeypatch)
    return name


def test_a_program_reads_what_its_person_would_take_away(
    monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    name = due_on_a_model(monkeypatch)

    answer = read(password_of(scenarios.owner()))

    by_session = signed_in(client, scenarios.owner()).get("/calendar.ics").content.decode()
    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert f"SUMMARY:{name}: owner attestation is due" in answer.content.decode()
    assert uids(answer.content.decode()) == uids(by_session) != []


def uids(text: str) -> list[str]:
    return sorted(line for line in text.splitlines() if line.startswith("UID:"))


def test_it_holds_nothing_its_person_may_not_see(monkeypatch: pytest.MonkeyPatch) -> None:
    name = due_on_a_model(monkeypatch)
    mine, every = FEED, f"{FEED}?whose=all"
    auditor, stranger = password_of(scenarios.auditor()), password_of(scenarios.stranger())

    texts = [
        read(text, path).content.decode()
        for text, path in ((auditor, mine), (auditor, every), (stranger, every))
    ]

    assert [name in text for text in texts] == [False, True, False]


def test_limited_to_a_model_it_holds_that_model_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    model, other = scenarios.registered_model(), scenarios.registered_model()
    schedule_by_default(monkeypatch)

    text = read(password_of(scenarios.owner(), roots=[model.record_ref])).content.decode()

    assert model.name in text
    assert other.name not in text


@pytest.mark.parametrize("scope", sorted(set(Scope) - {Scope.CALENDAR}))
def test_a_token_for_anything_else_does_not_open_it(scope: Scope) -> None:
    answer = read(password_of(scenarios.owner(), scope))

    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


@pytest.mark.parametrize("text", ["", "sgn_made_up", "x" * 54])
def test_what_is_no_password_does_not_open_it(text: str) -> None:
    assert read(text).status_code == HTTPStatus.UNAUTHORIZED


def test_a_browser_session_does_not_open_it(client: Client) -> None:
    assert signed_in(client, scenarios.owner()).get(FEED).status_code == HTTPStatus.UNAUTHORIZED


def test_it_opens_nothing_but_the_calendar(client: Client) -> None:
    model = scenarios.registered_model()
    text = password_of(scenarios.owner())
    headers = {"Authorization": f"Bearer {text}"}

    seen = client.get(f"/api/v1/models/{model.name}", headers=headers)
    page = client.get("/calendar.ics", headers=headers)

    assert seen.status_code == HTTPStatus.NOT_FOUND
    assert page.status_code == HTTPStatus.FOUND


def test_a_password_that_ended_opens_nothing() -> None:
    owner = scenarios.owner()
    revoked, closed = password_of(owner), password_of(scenarios.stranger())

    accounts.revoke_token(ApiToken.objects.get(user=owner), by=actor(owner))
    accounts.close_account(scenarios.stranger(), by=HOST, reason="Left")

    assert read(revoked).status_code == HTTPStatus.UNAUTHORIZED
    assert read(closed).status_code == HTTPStatus.UNAUTHORIZED


@pytest.mark.usefixtures("numbers_are_kept")
def test_a_program_that_reads_too_often_is_asked_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendar, "READS", Pace(most=2, seconds=3600))
    text, other = password_of(scenarios.owner()), password_of(scenarios.auditor())

    answers = [read(text) for _ in range(3)]

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3600
    assert read(other).status_code == HTTPStatus.OK


def test_its_password_is_kept_nowhere_and_stands_in_no_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    text = password_of(scenarios.owner())

    read(text)
    read(f"{text}x")

    assert not any(text in kept for kept in everything_kept().values())
    assert text not in caplog.text


# -- the account page ------------------------------------------------------------------------------


def test_a_person_makes_a_password_that_is_shown_once_beside_the_address(client: Client) -> None:
    reader = signed_in(client, scenarios.owner())

    made = reader.post(SUBSCRIBE, {"expires_in": "365"})

    token, page = ApiToken.objects.get(), made.content.decode()
    account = reader.get(ACCOUNT).content.decode()
    assert token.is_for_calendar
    assert token.expires_at - token.created_at == timedelta(days=365)
    for text in (page, account):
        assert f"http://testserver{FEED}" in text
        assert token.hint in text
    assert read(made.context["text"]).status_code == HTTPStatus.OK
    assert made.context["text"] in page
    assert made.context["text"] not in account


def test_a_form_without_how_long_makes_nothing_and_says_so(client: Client) -> None:
    answer = signed_in(client, scenarios.owner()).post(SUBSCRIBE, {})

    assert answer.status_code == 422
    assert "calendar_expires_in" in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_a_password_is_renewed_and_the_one_before_opens_nothing(client: Client) -> None:
    owner = scenarios.owner()
    before = password_of(owner)
    old = ApiToken.objects.get()
    reader = signed_in(client, owner)

    renewed = reader.post(f"/account/tokens/{old.pk}/renew/")

    new = ApiToken.objects.get(revoked_at=None)
    [event] = events("token.renew")
    assert event.chain_root == owner.record_ref
    assert entry_of(event)["detail"]["renewed_as"] == new.record_id
    assert (new.name, new.scopes, new.expires_at - new.created_at) == (old.name, old.scopes, DAY)
    assert read(before).status_code == HTTPStatus.UNAUTHORIZED
    assert read(renewed.context["text"]).status_code == HTTPStatus.OK


def test_nobody_renews_the_password_of_another_or_one_that_was_revoked(client: Client) -> None:
    owner = scenarios.owner()
    password_of(owner)
    token = ApiToken.objects.get()
    path = f"/account/tokens/{token.pk}/renew/"

    assert signed_in(client, scenarios.auditor()).post(path).status_code == HTTPStatus.NOT_FOUND
    accounts.revoke_token(token, by=actor(owner))
    assert signed_in(client, owner).post(path).status_code == HTTPStatus.NOT_FOUND
    assert not events("token.renew")
