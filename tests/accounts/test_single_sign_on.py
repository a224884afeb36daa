"""Sign-in by an identity provider, against one that really answers."""

import hashlib
import hmac
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from apps.accounts import operations, stepping_up
from apps.accounts.models import Duty, SignOnIdentity, User
from apps.audit.models import AuditEvent
from apps.core.errors import NotAllowed, RuleBroken
from tests.accounts.holders import request_of
from tests.accounts.identity_provider import (
    BACK,
    BEGIN,
    CLIENT,
    SECRET,
    STEP_UP,
    Claims,
    IdentityProvider,
    coded,
    linked,
    private_key,
    public_jwk,
    running,
    saying,
    signed,
    trip,
)
from tests.accounts.record import entry_of, events
from tests.factories import HOST, actor, person, signed_in

pytestmark = pytest.mark.django_db

# -- signing in


def test_whoever_is_known_by_issuer_and_subject_signs_in_and_out(
    client: Client, ada: User, provider: IdentityProvider
) -> None:
    linked(ada, provider)
    page = client.get("/sign-in/?next=/account/").content.decode()
    assert "Sign in with Contoso" in page
    before = client.session.session_key

    answer = trip(client, provider, f"{BEGIN}?next=/account/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/")
    assert client.session.session_key != before
    [event] = events("session.sign_in")
    assert entry_of(event)["actor"]["auth"] == "oidc"
    assert entry_of(event)["detail"] == {"issuer": provider.issuer, "factors": 1}
    assert client.get("/account/").status_code == 200
    [exchange] = provider.exchanges
    assert exchange["authorization"].startswith("Basic ")
    assert "client_secret" not in exchange

    left = client.post("/sign-out/", follow=True)

    assert "Sign out there too" in left.content.decode()
    leaving = client.get("/sign-in/organization/leave/").headers["Location"]
    assert leaving.startswith(f"{provider.issuer}/leave?client_id={CLIENT}&")


def test_the_button_is_there_only_where_a_provider_is_configured(client: Client, db: None) -> None:
    assert "Sign in with" not in client.get("/sign-in/").content.decode()
    for page in (BEGIN, BACK, "/sign-in/organization/leave/"):
        assert client.get(page).status_code == 404


def test_nobody_unknown_gets_an_account_unless_the_operator_says_so(
    client: Client, ada: User, provider: IdentityProvider, settings: Settings
) -> None:
    provider.claims |= {"sub": "u-2", "email": "grace@example.com", "preferred_username": "Ada"}

    refused = trip(client, provider)

    assert refused.status_code == 422
    assert "you have no open account here" in refused.content.decode()
    assert not SignOnIdentity.objects.exists()
    settings.OIDC_ADMITS = True
    assert trip(client, provider).status_code == 302
    new = SignOnIdentity.objects.get().user
    assert (new.username, new.email) == ("ada-2", "grace@example.com")
    assert not new.has_usable_password()
    [event] = events("sign_on.admit")
    assert (event.actor_id, event.subject_id) == ("system", new.record_id)


def test_a8_the_same_mail_from_a_second_issuer_is_somebody_else(
    client: Client, provider: IdentityProvider, settings: Settings
) -> None:
    ada = person("ada", name="Ada Lovelace")
    linked(ada, provider)
    settings.OIDC_ADMITS = True
    mail = {"email": "ada@example.com"}
    provider.claims |= {"sub": "u-9"} | mail
    trip(client, provider)
    first = SignOnIdentity.objects.get(subject="u-9")

    with running() as second:
        settings.OIDC_ISSUER = second.issuer
        settings.OUTBOUND_ALLOW = [
            *settings.OUTBOUND_ALLOW,
            second.issuer.removeprefix("http://").replace(":", "/32:"),
        ]
        second.claims = {"sub": "u-9", "name": "Ada"} | mail
        assert trip(Client(), second).status_code == 302

    other = SignOnIdentity.objects.exclude(issuer=provider.issuer).get()
    assert other.user_id not in {first.user_id, ada.pk}
    assert [entry_of(event)["detail"]["mail_known"] for event in events("sign_on.admit")] == [
        False,
        True,
    ]


def test_a_closed_account_is_not_signed_in(
    client: Client, ada: User, provider: IdentityProvider
) -> None:
    linked(ada, provider)
    operations.close_account(ada, by=HOST, reason="Left")

    assert trip(client, provider).status_code == 422
    assert "_auth_user_id" not in client.session


def test_an_identity_is_of_one_person_until_it_is_ended(
    ada: User, by_administrator: Any, provider: IdentityProvider
) -> None:
    identity, bob = linked(ada, provider), person("bob")

    with pytest.raises(RuleBroken, match="signs in as this subject already"):
        linked(bob, provider)
    with pytest.raises(RuleBroken, match="as another subject"):
        linked(ada, provider, "u-2")
    with pytest.raises(NotAllowed):
        operations.unlink_sign_on(identity, by=actor(ada), reason="Mine")
    operations.unlink_sign_on(identity, by=by_administrator, reason="Changed")
    assert len(events("sign_on.link")) == len(events("sign_on.unlink")) == 1
    assert linked(bob, provider).user == bob


def test_the_command_links_an_account_and_says_why_not(
    client: Client, ada: User, provider: IdentityProvider, settings: Settings
) -> None:
    asked = ("link_sign_on", "ada", "--subject", "u-1", "--reason", "Uses it now")

    call_command(*asked, stdout=io.StringIO())

    assert trip(client, provider).status_code == 302
    with pytest.raises(CommandError, match="already"):
        call_command(*asked)
    settings.OIDC_ISSUER = ""
    with pytest.raises(CommandError, match="No identity provider"):
        call_command(*asked)


def test_the_directory_and_the_provider_are_joined_by_the_id_the_operator_named(
    client: Client, db: None, provider: IdentityProvider, settings: Settings
) -> None:
    said = operations.PersonSaid("jane@example.com", "Jane", external_id="oid-7")
    jane = operations.admit_person(said, by=HOST).user
    provider.claims |= {"oid": "oid-7", "email": "jane@example.com"}
    assert trip(client, provider).status_code == 422
    settings.OIDC_DIRECTORY_CLAIM = "oid"

    assert trip(client, provider).status_code == 302

    assert SignOnIdentity.objects.get().user == jane


# -- groups


def test_roles_follow_groups_at_each_sign_in_and_others_stay(
    client: Client, ada: User, provider: IdentityProvider, settings: Settings
) -> None:
    linked(ada, provider)
    operations.grant_duty(ada, "auditor", by=HOST, reason="By hand")
    settings.OIDC_GROUP_ROLES = [("validators", "validator"), ("risk", "risk_officer")]
    provider.claims["groups"] = ["risk", "validators", "unknown"]

    trip(client, provider)
    assert roles_of(ada) == {"auditor", "risk_officer", "validator"}
    provider.claims["groups"] = "risk"
    trip(Client(), provider)
    assert roles_of(ada) == {"auditor", "risk_officer"}
    del provider.claims["groups"]
    trip(Client(), provider)
    trip(Client(), provider)

    assert roles_of(ada) == {"auditor"}
    assert len(events("sign_on.follow_groups")) == 3
    assert len(events("duty.end")) == 2


def roles_of(user: User) -> set[str]:
    return set(Duty.objects.filter(user=user, until=None).values_list("role", flat=True))


# -- A7


def by_hand(header: Claims, key: bytes) -> Callable[[Claims], str]:
    """Return a forger that signs by HMAC."""

    def forge(claims: Claims) -> str:
        told = f"{coded(json.dumps(header).encode())}.{coded(json.dumps(claims).encode())}"
        return f"{told}.{coded(hmac.new(key, told.encode(), hashlib.sha256).digest())}"

    return forge


def shifted(**moved: int) -> Callable[[Claims], str]:
    return lambda claims: saying(**{n: claims["iat"] + by for n, by in moved.items()})(claims)


def headed(**header: Any) -> Callable[[Claims], str]:
    return lambda claims: signed({"alg": "RS256", "kid": "one"} | header, claims)


def as_pem() -> bytes:
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return private_key().public_key().public_bytes(serialization.Encoding.PEM, spki)


FORGED: dict[str, Callable[[Claims], str]] = {
    "none": lambda claims: f"{signed({'alg': 'none'}, claims).rpartition('.')[0]}.",
    "none, with a signature": headed(alg="none"),
    "HS256 with the public key": by_hand({"alg": "HS256", "kid": "one"}, as_pem()),
    "HS256 with the secret": by_hand({"alg": "HS256", "kid": "one"}, SECRET.encode()),
    "another algorithm of the key": headed(alg="RS512"),
    "an unknown algorithm": headed(alg=["RS256"]),
    "another key": lambda claims: signed({"alg": "RS256", "kid": "one"}, claims, private_key("b")),
    "an unknown key": headed(kid="two"),
    "jku": headed(jku="http://127.0.0.1/keys"),
    "x5u": headed(x5u="http://127.0.0.1/cert"),
    "jwk": lambda claims: signed(
        {"alg": "RS256", "kid": "b", "jwk": public_jwk("b")}, claims, private_key("b")
    ),
    "crit": headed(crit=["b64"], b64=False),
    "another type": headed(typ="at+jwt"),
    "wrong iss": saying(iss="https://other.example.com"),
    "no iss": saying(iss=None),
    "wrong aud": saying(aud="other"),
    "two audiences": saying(aud=[CLIENT, "other"]),
    "wrong azp": saying(azp="other"),
    "expired": shifted(exp=-61),
    "no exp": saying(exp=None),
    "exp that is no number": saying(exp=True),
    "nbf in the future": shifted(nbf=120),
    "issued long ago": shifted(iat=-3600),
    "missing nonce": saying(nonce=None),
    "another nonce": saying(nonce="other"),
    "nobody": saying(sub=""),
    "somebody who is a number": saying(sub=7),
    "changed after it was signed": lambda claims: (
        saying(sub="u-2")(claims).rpartition(".")[0] + "." + saying()(claims).rpartition(".")[2]
    ),
    "no JSON": lambda claims: "a.b.c",
    "no claims": lambda claims: signed({"alg": "RS256", "kid": "one"}, ["list"]),
    "nested without end": lambda claims: f"{coded(b'[' * 9000)}.{coded(b'[' * 9000)}.AA",
    "too long": lambda claims: "a" * 40_000,
}


def test_a7_every_forged_token_is_refused_and_none_fails(
    ada: User, provider: IdentityProvider, settings: Settings
) -> None:
    linked(ada, provider)
    settings.OIDC_ADMITS = True
    answers = {}
    for name, forge in FORGED.items():
        provider.forge = forge
        client = Client()
        answers[name] = trip(client, provider).status_code
        assert "_auth_user_id" not in client.session, name

    assert set(answers.values()) == {422}, answers
    assert SignOnIdentity.objects.count() == 1
    provider.forge = saying()
    assert trip(Client(), provider).status_code == 302  # so the table fails for what it says


def test_a7_an_answer_counts_once_in_the_session_that_asked(
    client: Client, ada: User, provider: IdentityProvider
) -> None:
    linked(ada, provider)
    back = provider.authorize(client.get(BEGIN).headers["Location"])

    assert Client().get(back).status_code == 422
    assert client.get(f"{back}&iss=https://other.example.com").status_code == 422
    assert client.get(back).status_code == 422
    assert client.get(BACK).status_code == 422
    declined = client.get(BEGIN).headers["Location"].partition("state=")[2].partition("&")[0]
    assert client.get(f"{BACK}?state={declined}&error=access_denied").status_code == 422
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://other.example.com"},
        {"token_endpoint": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": 7},
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_used(
    client: Client, db: None, provider: IdentityProvider, document: Claims
) -> None:
    provider.document = document

    assert client.get(BEGIN).status_code == 422


def test_a_provider_that_is_away_or_weak_signs_nobody_in(
    client: Client, ada: User, provider: IdentityProvider, settings: Settings
) -> None:
    linked(ada, provider)
    provider.keys = [
        public_jwk() | {"kty": "oct", "k": coded(b"x" * 32)},
        public_jwk() | {"use": "enc"},
        public_jwk("weak", 1024) | {"kid": "one"},
        {"kty": "RSA", "kid": "one"},
        "no key",  # type: ignore[list-item]
    ]
    assert trip(client, provider).status_code == 422
    settings.OUTBOUND_ALLOW = []

    away = client.get(BEGIN)

    assert (away.status_code, "cannot be reached now" in away.content.decode()) == (422, True)


# -- signing


def test_a_signature_takes_a_fresh_answer_of_the_provider_once(
    client: Client, ada: User, provider: IdentityProvider, settings: Settings
) -> None:
    linked(ada, provider)
    settings.OIDC_TWO_FACTORS = ["mfa"]
    provider.claims["amr"] = ["pwd", "mfa"]
    trip(client, provider)
    typed = {"assertion": "sign-on"}
    with pytest.raises(NotAllowed, match="Confirm with Contoso first"):
        stepping_up.confirm(request_of(client, ada), typed)

    asked = client.get(STEP_UP).headers["Location"]
    assert "prompt=login" in asked
    assert "max_age=0" in asked
    done = client.get(provider.authorize(asked))

    assert (done.status_code, "go back to the one" in done.content.decode()) == (200, True)
    request = request_of(client, ada)
    sure = stepping_up.confirm(request, typed)
    assert (sure.method, sure.factors, sure.proof) == ("sso", 2, None)
    sure.require_fresh(request.actor, now=sure.at, factors=2, over="a statement")
    with pytest.raises(NotAllowed, match="Confirm with Contoso first"):
        stepping_up.confirm(request, typed)


@pytest.mark.parametrize(
    "too_little",
    [
        ({"auth_time": 1}, "just now"),
        ({"auth_time": None}, "just now"),
        ({"acr": "weak"}, "strictly"),
        ({"sub": "u-2"}, "Somebody else"),
    ],
)
def test_an_answer_that_proves_too_little_signs_nothing_and_is_recorded(
    client: Client,
    ada: User,
    provider: IdentityProvider,
    settings: Settings,
    too_little: tuple[Claims, str],
) -> None:
    claims, says = too_little
    linked(ada, provider)
    signed_in(client, ada)
    settings.OIDC_STEP_UP_ACR = ["strong"]
    provider.claims |= {"acr": "strong"} | claims

    refused = trip(client, provider, STEP_UP)

    assert (refused.status_code, says in refused.content.decode()) == (422, True)
    assert len(events("confirmation.refuse")) == 1
    with pytest.raises(NotAllowed):
        stepping_up.confirm(request_of(client, ada), {"assertion": "sign-on"})


def test_whoever_has_no_password_is_asked_to_confirm_elsewhere(
    client: Client, provider: IdentityProvider
) -> None:
    ada = person("ada", password=None)
    linked(ada, provider)
    assert "Confirm with Contoso" not in _confirm_page(signed_in(Client(), person("bob")))

    page = _confirm_page(signed_in(client, ada))

    assert "Confirm with Contoso" in page
    assert 'name="password"' not in page
    assert trip(client, provider, STEP_UP).status_code == 200
    assert client.post("/account/confirm/", {"assertion": "sign-on"}).status_code == 302
    again = client.post("/account/confirm/", {"assertion": "sign-on"})
    assert "Confirm with Contoso first" in again.content.decode()
    assert not AuditEvent.objects.filter(outcome="failed").exists()


def _confirm_page(client: Client) -> str:
    return client.get("/account/confirm/").content.decode()
