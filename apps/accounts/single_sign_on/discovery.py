"""Asks the identity provider about itself: its addresses and its keys, for some minutes each.

Every request goes through ``apps.core.outbound``, so that no document leads Signet elsewhere.
"""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache

from apps.accounts.single_sign_on.id_tokens import Key, keys_among, refused
from apps.accounts.single_sign_on.provider import Provider, SignOnRefused
from apps.core import outbound
from apps.core.errors import RuleBroken
from apps.core.inputs import read_json

logger = logging.getLogger(__name__)

HELD = 600
RENEWED_AFTER = 30
"""Seconds after which a key nobody knows lets the key set be asked for again."""
TRIED_AGAIN_AFTER = 5
MOST_BYTES = 256 * 1024
_AWAY = "The identity provider cannot be reached now. Try again in a moment."


@dataclass(frozen=True)
class Addresses:
    """Where the provider is asked what."""

    authorization: str
    token: str
    keys: str
    end_session: str
    secret_by_post: bool
    names_issuer: bool


def addresses_of(provider: Provider) -> Addresses:
    """Return the addresses that the provider says it has, provided it says so as the issuer.

    Raises:
        SignOnRefused: when it cannot be reached or says something else.
    """
    found = _document(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != provider.issuer:
        raise refused("The provider calls itself by another issuer than is configured")
    ways = found.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Addresses(
        authorization=_address(found, "authorization_endpoint"),
        token=_address(found, "token_endpoint"),
        keys=_address(found, "jwks_uri"),
        end_session=_address(found, "end_session_endpoint")
        if "end_session_endpoint" in found
        else "",
        secret_by_post=isinstance(ways, list)
        and "client_secret_basic" not in ways
        and "client_secret_post" in ways,
        names_issuer=found.get("authorization_response_iss_parameter_supported") is True,
    )


def keys_of(addresses: Addresses, *, anew: bool = False) -> list[Key]:
    """Return the keys the provider signs with; ``anew`` when one was named that is not known."""
    if anew and cache.add(_name("renewed", addresses.keys), True, RENEWED_AFTER):
        cache.delete(_name("document", addresses.keys))
    return keys_among(_document(addresses.keys))


def _document(url: str) -> Mapping[str, Any]:
    """Return a document of the provider, asked for at most every ten minutes."""
    name = _name("document", url)
    known = cache.get(name)
    if known is None:
        if cache.get(_name("away", url)):
            raise SignOnRefused(_AWAY)
        known = _asked(url)
        cache.set(name, known, HELD)
    found = _read(known)
    if not isinstance(found, Mapping):
        raise refused("A document of the provider is none")
    return found


def _asked(url: str) -> bytes:
    try:
        answer = outbound.ask("GET", url, headers={"accept": "application/json"}, most=MOST_BYTES)
    except RuleBroken as error:
        cache.set(_name("away", url), True, TRIED_AGAIN_AFTER)
        logger.warning("The identity provider was not reached: %s", error)
        raise SignOnRefused(_AWAY) from None
    if answer.status != 200:
        cache.set(_name("away", url), True, TRIED_AGAIN_AFTER)
        raise refused(f"The provider answered {answer.status} about itself")
    return answer.body


def _read(body: bytes) -> object:
    try:
        return read_json(body)
    except RuleBroken as error:
        raise refused(f"A document of the provider cannot be read ({error.code})") from None


def _address(found: Mapping[str, Any], name: str) -> str:
    """Return an address the provider says it has: https, unless http is open for trying out."""
    value = found.get(name)
    parts = urlsplit(value) if isinstance(value, str) and value.isprintable() else None
    schemes = {"https", "http"} if settings.OUTBOUND_HTTP else {"https"}
    if parts is None or parts.scheme not in schemes or not parts.netloc or "@" in parts.netloc:
        raise refused(f"The provider has no usable {name}")
    return str(value)


def _name(what: str, url: str) -> str:
    return f"sign-on:{what}:{hashlib.sha256(url.encode()).hexdigest()}"
