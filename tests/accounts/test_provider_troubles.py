"""An identity provider that is away, changes its keys, leads elsewhere, or proves too little."""

import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import Settings

from apps.accounts import operations, stepping_up
from apps.accounts.models import SignOnIdentity, User
from apps.accounts.operations import WrongCode
from apps.audit.models import AuditEvent
from apps.core.errors import NotAllowed
from tests.accounts.holders import code_now, request_of, with_app
from tests.accounts.identity_provider import (
    BACK,
    BEGIN,
    SECRET,
    STEP_UP,
    IdentityProvider,
    linked,
    private_key,
    public_jwk,
    saying,
    signed,
    trip,
)
from tests.accounts.record import entry_of, events
from tests.accounts.test_unsent import OURS, hidden
from tests.factories import HOST, person, signed_in
from tests.integrations.test_outbound import K1

pytestmark = pytest.mark.django_db

DISCOVERY, TOKEN, KEYS = "/.well-known/openid-configuration", "/token", "/keys"
FACTORS = "/account/factors/app/"
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")


@pytest.fixture
def remembering(settings: Settings) -> Iterator[None]:
    """A cache that remembers, as in production."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    yield
    cache.clear()


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# -- keys


@pytest.mark.usefixtures("remembering")
def test_keys_the_provider_changed_are_asked_for_once_more(
    ada: User, provider: IdentityProvider
) -> None:
    linked(ada, provider)
    assert trip(Client(), provider).status_code == 302
    assert provider.paths.count(KEYS) == 1

    provider.keys = [public_jwk("two")]
    provider.forge = lambda claims: signed(
        {"alg": "RS256", "kid": "two"}, claims, private_key("two")
    )
    assert trip(Client(), provider).status_code == 302
    assert provider.paths.count(KEYS) == 2

    provider.forge = saying()
    client = Client()
    assert trip(client, provider).status_code == 422
    assert not is_signed_in(client)
    assert provider.paths.count(KEYS) == 2  # who invents keys makes nobody ask again and again
    assert provider.paths.count(DISCOVERY) == 1


# -- away, and elsewhere


@pytest.mark.parametrize("path", [DISCOVERY, TOKEN, KEYS])
def test_a_provider_in_trouble_signs_nobody_in_and_passwords_go_on_working(
    ada: User, provider: IdentityProvider, path: str
) -> None:
    linked(ada, provider)
    client = Client()
    back = provider.authorize(client.get(BEGIN).headers["Location"])
    for trouble in (
        (503, {}, b"planted: maintenance"),
        (200, {}, b"planted"),
        (200, {}, b'["planted"]'),
        (200, {}, b'{"keys": "planted", "id_token": ["planted"]}'),
        (200, {}, b'{"id_token": "planted", "keys": []}'),
        (200, {"Content-Length": "99"}, b"{"),
        (200, {}, b" " * 300_000),
    ):
        provider.troubles = {path: trouble}
        begun = client.get(BEGIN)
        if path != DISCOVERY:
            back = provider.authorize(begun.headers["Location"])
            begun = client.get(back)
        page = begun.content.decode()
        assert (begun.status_code, "planted" in page) == (422, False), trouble
        assert 'name="password"' in page
    assert not is_signed_in(client)
    assert client.get("/sign-in/").status_code == 200


@pytest.mark.usefixtures("remembering")
def test_a_provider_that_is_away_is_left_alone_for_some_seconds(
    client: Client, provider: IdentityProvider
) -> None:
    provider.troubles = {DISCOVERY: (503, {}, b"")}

    assert [client.get(BEGIN).status_code for _ in range(3)] == [422] * 3

    assert provider.paths == [DISCOVERY]


@pytest.mark.parametrize("endpoint", ["token_endpoint", "jwks_uri"])
def test_k1_no_document_of_the_provider_leads_inside(
    ada: User, provider: IdentityProvider, endpoint: str
) -> None:
    linked(ada, provider)
    for name, url in K1.items():
        if name == "plain":
            continue  # plain http is open here, for the provider on this machine
        provider.document = {endpoint: url}
        client = Client()
        begun = client.get(BEGIN)
        if begun.status_code == 302:
            begun = client.get(provider.authorize(begun.headers["Location"]))
        assert begun.status_code == 422, name
        assert not is_signed_in(client), name


@pytest.mark.parametrize("path", [DISCOVERY, TOKEN, KEYS])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_k3_the_provider_redirects_signet_nowhere(
    client: Client, ada: User, provider: IdentityProvider, path: str, status: int
) -> None:
    linked(ada, provider)
    elsewhere = {"Location": f"{provider.issuer}/elsewhere", "Refresh": "0; url=/elsewhere"}
    begun = client.get(BEGIN).headers["Location"]
    provider.troubles = {path: (status, elsewhere, b"")}

    assert client.get(provider.authorize(begun)).status_code == 422
    assert "/elsewhere" not in provider.paths


# -- what leaves no trace


def test_m1_no_secret_of_a_trip_is_in_logs_pages_or_the_record(
    client: Client, ada: User, provider: IdentityProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    linked(ada, provider)
    tokens, pages = [], []

    def noted(claims: dict[str, Any]) -> str:
        tokens.append(saying()(claims))
        return tokens[-1]

    provider.forge = noted
    asked = client.get(BEGIN).headers["Location"]
    back = provider.authorize(asked)
    pages.append(client.get(back))
    pages.append(client.get(back))
    provider.troubles = {TOKEN: (400, {}, SECRET.encode())}
    pages.append(trip(Client(), provider))
    pages.append(client.get("/account/"))

    [exchange] = provider.exchanges[:1]
    secrets = [SECRET, exchange["code"], exchange["code_verifier"], exchange["authorization"]]
    secrets += [tokens[0], tokens[0].rpartition(".")[2], client.session.session_key or ""]
    told = caplog.text + "".join(page.content.decode() for page in pages)
    told += "".join(str(entry_of(event)) for event in AuditEvent.objects.all())
    assert all(tokens)
    for secret in secrets:
        assert secret
        assert secret not in told


# -- who confirmed, and when


@pytest.mark.parametrize(
    "said",
    [(0, "strong", True), (3600, "strong", False), (None, "strong", False), (0, "weak", False)],
)
def test_signing_in_confirms_no_more_than_the_provider_says(
    client: Client,
    ada: User,
    provider: IdentityProvider,
    settings: Settings,
    said: tuple[int | None, str, bool],
) -> None:
    ago, acr, leads_on = said
    linked(ada, provider)
    settings.OIDC_STEP_UP_ACR = ["strong"]
    proved = None if ago is None else int(time.time()) - ago
    provider.forge = saying(auth_time=proved, acr=acr)

    assert trip(client, provider).status_code == 302

    page = client.get(FACTORS)
    assert (page.status_code == 200) is leads_on
    if not leads_on:
        assert page.headers["Location"].startswith("/account/confirm/")


def test_a_proof_from_just_before_the_trip_signs_nothing(
    client: Client, ada: User, provider: IdentityProvider
) -> None:
    linked(ada, provider)
    signed_in(client, ada)
    provider.claims["auth_time"] = int(time.time()) - 50

    assert trip(client, provider, STEP_UP).status_code == 422

    assert len(events("confirmation.refuse")) == 1


def test_a_code_adds_the_second_factor_to_a_provider_that_proves_one(
    client: Client, provider: IdentityProvider
) -> None:
    ada = person("ada", password=None)
    linked(ada, provider)
    _, secret = with_app(ada)
    signed_in(client, ada)
    assert 'name="code"' in client.get("/account/confirm/").content.decode()
    assert trip(client, provider, STEP_UP).status_code == 200
    request, typed = request_of(client, ada), {"assertion": "sign-on"}
    with pytest.raises(NotAllowed, match="one-time code"):
        stepping_up.confirm(request, typed)
    with pytest.raises(WrongCode):
        stepping_up.confirm(request, typed | {"code": "000000"})

    sure = stepping_up.confirm(request, typed | {"code": code_now(secret, 1)})

    assert (sure.method, sure.factors) == ("sso+code", 2)
    assert len(events("confirmation.refuse")) == 1


# -- what was typed


def test_what_was_typed_waits_for_who_signs_in_with_the_provider_in_another_tab(
    provider: IdentityProvider,
) -> None:
    ada, grace = person("ada", password=None), person("grace")
    linked(ada, provider)
    client = Client(enforce_csrf_checks=True)
    page = client.post("/account/tokens/", {"name": "Typed by Ada"}, headers=OURS).content.decode()
    carried = {name: hidden(page, name)[0] for name in ("unsent", "csrfmiddlewaretoken")}
    typed = {**carried, "username": "", "next": "/account/"}
    assert "I signed in there: go on" in page
    assert client.post("/sign-in/", typed, headers=OURS).status_code == 422
    assert trip(client, provider).status_code == 302

    after = client.post("/sign-in/", typed, headers=OURS)

    assert "Typed by Ada" in after.content.decode()
    elsewhere = {"Origin": "https://other.example.com"}
    assert client.post("/sign-in/", typed, headers=elsewhere).status_code == 403
    browser = signed_in(Client(), grace)
    assert browser.post("/sign-in/", typed | {"unsent": "x"}).headers["Location"] == "/account/"


# -- whose account it is


def test_somebody_else_with_the_directorys_id_does_not_take_an_account_over(
    client: Client, provider: IdentityProvider, settings: Settings
) -> None:
    settings.OIDC_DIRECTORY_CLAIM = "oid"
    said = operations.PersonSaid("jane@example.com", "Jane", external_id="oid-7")
    jane = operations.admit_person(said, by=HOST).user
    linked(jane, provider, "u-jane")
    provider.claims |= {"oid": "oid-7"}

    refused = trip(client, provider)

    assert (refused.status_code, is_signed_in(client)) == (422, False)
    assert "Jane" not in refused.content.decode()
    assert SignOnIdentity.objects.get().subject == "u-jane"


def test_a_group_that_names_no_role_keeps_signet_from_starting(settings: Settings) -> None:
    settings.OIDC_GROUP_ROLES = [("risk", "risk_oficer")]

    with pytest.raises(ImproperlyConfigured, match="risk_oficer"):
        apps.get_app_config("accounts").ready()


@pytest.mark.parametrize("method", METHODS)
def test_c2_the_pages_of_the_provider_take_only_what_they_say(
    ada: User, provider: IdentityProvider, method: str
) -> None:
    to_provider = (302, provider.issuer)
    for path, strange, known in (
        (BEGIN, to_provider, (302, "/")),
        (BACK, (422, None), (422, None)),
        ("/sign-in/organization/leave/", to_provider, to_provider),
        (STEP_UP, (302, "/sign-in/"), to_provider),
    ):
        for client, said in ((Client(), strange), (signed_in(Client(), ada), known)):
            answer = getattr(client, method)(path)
            leads = answer.headers.get("Location")
            is_read = method in {"get", "head"}
            if is_read or (path == STEP_UP and client.session.get("_auth_user_id") is None):
                assert answer.status_code == said[0], (method, path)
                assert said[1] is None or leads.startswith(said[1]), (method, path)
            else:
                assert answer.status_code == 405, (method, path)
    assert not AuditEvent.objects.filter(action="session.sign_in").exists()
