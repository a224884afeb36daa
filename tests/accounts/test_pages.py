"""What a person sees and does on the pages of accounts."""

from datetime import timedelta

import pytest
from django.test import Client

from apps.accounts import operations
from apps.accounts.models import ApiToken, User
from apps.accounts.scopes import Scope
from tests.accounts.record import events
from tests.factories import HOST, PASSWORD, actor, person, signed_in, team

pytestmark = pytest.mark.django_db

ASKED = {"name": "Nightly training", "scopes": ["read", "register"], "expires_in": "30"}


def content(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/account/?tab=1", "/account/?tab=1"),
        ("", "/"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("/\\elsewhere.example/", "/"),
        ("http:///elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("account/", "/"),
    ],
)
def test_signing_in_leads_only_to_pages_of_ours(
    client: Client, ada: User, wanted: str, led_to: str
) -> None:
    typed = {"username": "ada", "password": PASSWORD, "next": wanted}

    assert client.post("/sign-in/", typed).headers["Location"] == led_to
    assert client.get("/sign-in/", {"next": wanted}).headers["Location"] == led_to


def test_the_sign_in_page_asks_for_both(client: Client) -> None:
    page = content(client, "/sign-in/?ended=nonsense")
    assert 'autocomplete="current-password"' in page
    assert "nonsense" not in page

    refused = client.post("/sign-in/", {"username": "ada", "password": ""})

    assert refused.status_code == 422
    assert "This field is required." in refused.content.decode()


def test_signing_in_needs_the_forms_own_secret(ada: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    typed = {"username": "ada", "password": PASSWORD}

    assert browser.post("/sign-in/", typed).status_code == 403
    foreign = browser.post("/sign-in/", typed, headers={"Origin": "https://elsewhere.example"})
    assert foreign.status_code == 403


@pytest.mark.parametrize("address", ["/sign-out/", "/account/tokens/", "/account/tokens/1/revoke/"])
def test_what_changes_something_is_not_a_link(client: Client, ada: User, address: str) -> None:
    assert signed_in(client, ada).get(address).status_code == 405


def test_a_password_is_typed_twice_alike(client: Client, ada: User) -> None:
    signed_in(client, ada)
    assert 'autocomplete="new-password"' in content(client, "/password/")
    typed = {"current": PASSWORD, "new": "another good phrase", "again": "another good prase"}

    answer = client.post("/password/", typed)

    assert answer.status_code == 422
    assert "This differs from the new password above." in answer.content.decode()


def test_a_changed_password_is_said_on_the_next_page(client: Client, ada: User) -> None:
    signed_in(client, ada)
    typed = {"current": PASSWORD, "new": "another good phrase"}
    typed["again"] = typed["new"]

    answer = client.post("/password/", typed, follow=True)

    assert "Password changed. Your other sessions have ended." in answer.content.decode()


def test_the_account_page_says_who_somebody_is(client: Client) -> None:
    ada = person("ada", name="Ada Lovelace", everywhere=("validator",), org_unit="Credit risk")
    team("Model validation", ada, everywhere=("auditor",))
    page = content(signed_in(client, ada), "/account/")

    for text in ("Ada Lovelace", "Independent validator", "through Model validation", "Auditor"):
        assert text in page
    assert "Credit risk" in page
    assert "No API tokens" in page


def test_an_account_without_duties_says_who_grants_them(client: Client, ada: User) -> None:
    assert "No duties in the whole organization" in content(signed_in(client, ada), "/account/")


def test_a_token_is_made_on_the_page_and_listed_without_its_text(client: Client, ada: User) -> None:
    signed_in(client, ada)

    made = client.post("/account/tokens/", ASKED).content.decode()

    token = ApiToken.objects.get()
    assert token.scopes == ["read", "register"]
    assert token.expires_at - token.created_at == timedelta(days=30)
    assert f"{token.hint}" in made
    page = content(client, "/account/")
    assert "Nightly training" in page
    assert f"{token.hint}…" in page


@pytest.mark.parametrize(
    "changed", [{"name": ""}, {"scopes": []}, {"scopes": ["sign_off"]}, {"expires_in": "400"}]
)
def test_a_token_asked_for_wrongly_is_not_made(
    client: Client, ada: User, changed: dict[str, object]
) -> None:
    answer = signed_in(client, ada).post("/account/tokens/", ASKED | changed)

    assert answer.status_code == 422
    assert not ApiToken.objects.exists()


def test_a_refusal_to_make_a_token_is_shown(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.accounts.operations.tokens.MOST_TOKENS", 0)

    answer = signed_in(client, ada).post("/account/tokens/", ASKED)

    assert answer.status_code == 422
    assert "Revoke one you no longer use." in answer.content.decode()


def a_token_of(user: User) -> ApiToken:
    token, _ = operations.create_token(
        user, by=actor(user), name="t", scopes={Scope.READ}, expires_in=timedelta(days=1)
    )
    return token


def test_a_token_is_revoked_on_the_page(client: Client, ada: User) -> None:
    token = a_token_of(ada)

    answer = signed_in(client, ada).post(f"/account/tokens/{token.pk}/revoke/", follow=True)

    assert "no longer works" in answer.content.decode()
    assert len(events("token.revoke")) == 1


def test_the_token_of_somebody_else_is_not_found(client: Client, ada: User) -> None:
    token = a_token_of(person("bob"))

    assert signed_in(client, ada).post(f"/account/tokens/{token.pk}/revoke/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_a_token_revoked_meanwhile_is_said_to_be(
    client: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = a_token_of(ada)
    operations.withdraw_token(token, by=HOST, reason="Leaked")
    every = ApiToken.objects.all()
    monkeypatch.setattr("apps.accounts.queries.tokens_of", lambda user: every)

    answer = signed_in(client, ada).post(f"/account/tokens/{token.pk}/revoke/", follow=True)

    assert "The token is revoked already." in answer.content.decode()


def test_the_account_page_costs_the_same_for_many_tokens(
    client: Client, ada: User, django_assert_max_num_queries: object
) -> None:
    signed_in(client, ada)
    a_token_of(ada)
    client.get("/account/")
    with django_assert_max_num_queries(14):  # type: ignore[operator]
        client.get("/account/")
    for _ in range(20):
        a_token_of(ada)

    with django_assert_max_num_queries(14):  # type: ignore[operator]
        client.get("/account/")
