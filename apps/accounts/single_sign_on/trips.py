"""A trip of the browser to the identity provider and back: code flow with PKCE, state and nonce.

What was asked waits in the session under its state, for ten minutes and one answer.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.single_sign_on import discovery
from apps.accounts.single_sign_on.discovery import Addresses
from apps.accounts.single_sign_on.id_tokens import (
    LEEWAY,
    Expected,
    UnknownKey,
    claims_of,
    number_or_none,
    refused,
)
from apps.accounts.single_sign_on.provider import Provider, SignOnRefused, require_provider
from apps.core import outbound
from apps.core.errors import RuleBroken
from apps.core.inputs import read_json

WAITS_SECONDS = 600
MOST_AT_ONCE = 5
MOST_CODE = 4096
ROUNDED = 2
"""Seconds that two moments lose when each is written in whole ones."""
_TRIPS = "sign_on_trips"


class Purpose(StrEnum):
    """What a trip is for."""

    SIGN_IN = "sign_in"
    STEP_UP = "step_up"


@dataclass(frozen=True)
class Trip:
    """What was asked of the provider, and where to go on after it."""

    purpose: str
    nonce: str
    verifier: str
    wanted: str
    at: float
    person: int | None = None


@dataclass(frozen=True)
class Arrival:
    """Who came back from which trip, as the provider claims."""

    trip: Trip
    provider: Provider
    claims: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """Who it is at the provider."""
        return str(self.claims["sub"])

    @property
    def proved(self) -> float | None:
        """When they last proved who they are there, in seconds, if the provider says so."""
        return number_or_none(self.claims, "auth_time")

    def is_proved_since_asked(self, now: float) -> bool:
        """Say whether they proved who they are after they were sent there.

        By the provider's own clock, no more may lie between proof and token than the whole trip
        took here; ours alone would let a proof of the minute before pass for the new one.
        """
        issued = number_or_none(self.claims, "iat")
        if self.proved is None or issued is None or self.proved > now + LEEWAY:
            return False
        took = now - self.trip.at
        return issued - self.proved <= took + ROUNDED and self.proved >= self.trip.at - LEEWAY


def address_to(request: HttpRequest, purpose: Purpose, *, wanted: str) -> str:
    """Return where the browser is sent, and remember what was asked.

    Raises:
        SignOnRefused: when no provider is configured, or it cannot be reached.
    """
    provider = require_provider()
    addresses = discovery.addresses_of(provider)
    state = secrets.token_urlsafe(32)
    trip = Trip(
        purpose=purpose,
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        wanted=wanted,
        at=timezone.now().timestamp(),
        person=request.user.pk if purpose is Purpose.STEP_UP else None,
    )
    _remember(request, state, trip)
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": back_address(),
        "scope": " ".join(provider.scopes),
        "state": state,
        "nonce": trip.nonce,
        "code_challenge": _challenge(trip.verifier),
        "code_challenge_method": "S256",
    }
    if purpose is Purpose.STEP_UP:
        asked |= {"prompt": "login", "max_age": "0"}
        if provider.step_up_acr:
            asked["acr_values"] = " ".join(provider.step_up_acr)
    return _with(addresses.authorization, asked)


def come_back(request: HttpRequest) -> Arrival:
    """Return who came back, once the provider's answer to what was asked is proved.

    Raises:
        SignOnRefused: when nothing was asked, or it was answered, or the answer proves nothing.
    """
    trip = _asked(request, request.GET.get("state", ""))
    provider = require_provider()
    addresses = discovery.addresses_of(provider)
    issuer = request.GET.get("iss")
    if issuer not in {provider.issuer} | (set() if addresses.names_issuer else {None}):
        raise refused("Another issuer answered")
    if "error" in request.GET:
        raise SignOnRefused(f"Nobody was signed in at {provider.name}. Try again.")
    code = request.GET.get("code", "")
    if not 0 < len(code) <= MOST_CODE or not code.isprintable():
        raise refused("There is no code")
    token = _exchanged(provider, addresses, code, trip.verifier)
    expected = Expected(provider.issuer, provider.client_id, trip.nonce, timezone.now())
    try:
        claims = claims_of(token, discovery.keys_of(addresses), expected)
    except UnknownKey:
        claims = claims_of(token, discovery.keys_of(addresses, anew=True), expected)
    return Arrival(trip, provider, claims)


def back_address() -> str:
    """Return where the provider sends people back to; it is registered there."""
    return f"{settings.BASE_URL}{reverse('accounts:come_back')}"


def address_to_leave() -> str:
    """Return where somebody signs out at the provider as well, or nothing."""
    provider = require_provider()
    end = discovery.addresses_of(provider).end_session
    after = f"{settings.BASE_URL}{reverse('accounts:sign_in')}"
    asked = {"client_id": provider.client_id, "post_logout_redirect_uri": after}
    return _with(end, asked) if end else ""


def _exchanged(provider: Provider, addresses: Addresses, code: str, verifier: str) -> str:
    """Return the ID token that a code is exchanged for, between the servers."""
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back_address(),
        "code_verifier": verifier,
    }
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "accept": "application/json",
    }
    if provider.client_secret and not addresses.secret_by_post:
        headers["authorization"] = _basic(provider)
    else:
        asked["client_id"] = provider.client_id
        if provider.client_secret:
            asked["client_secret"] = provider.client_secret
    try:
        answer = outbound.ask(
            "POST", addresses.token, body=urlencode(asked).encode(), headers=headers
        )
        found = read_json(answer.body) if answer.status == 200 else None
    except RuleBroken as error:
        raise refused(f"The code could not be exchanged ({error.code})") from None
    token = found.get("id_token") if isinstance(found, Mapping) else None
    if not isinstance(token, str):
        raise refused("The code was not exchanged for a token")
    return token


def _basic(provider: Provider) -> str:
    """Return the client's name and secret as OAuth writes them into a header (RFC 6749, 2.3.1)."""
    pair = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _remember(request: HttpRequest, state: str, trip: Trip) -> None:
    waiting = dict(request.session.get(_TRIPS, {}))
    newest = sorted(waiting.items(), key=lambda item: item[1]["at"])[-(MOST_AT_ONCE - 1) :]
    request.session[_TRIPS] = {**dict(newest), state: asdict(trip)}


def _asked(request: HttpRequest, state: str) -> Trip:
    """Return what was asked under a state; it is answered once."""
    waiting = dict(request.session.get(_TRIPS, {}))
    kept = waiting.pop(state, None)
    if kept is None:
        raise refused("It answers nothing that was asked in this session")
    request.session[_TRIPS] = waiting
    request.session.save()  # before anything else is done, so that a second answer finds nothing
    trip = Trip(**kept)
    if timezone.now().timestamp() - trip.at > WAITS_SECONDS:
        raise SignOnRefused("That took longer than ten minutes. Sign in again.")
    return trip


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _with(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"
