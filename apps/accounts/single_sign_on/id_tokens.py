"""Checks an ID token: signed by a key of the issuer, for us, for this trip, and for now.

Nothing in its header chooses a key beyond naming one of the issuer's, and nothing symmetric or
unsigned is an algorithm here (OpenID Connect Core 3.1.3.7, RFC 8725).
"""

import base64
import hmac
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from apps.accounts.single_sign_on.provider import SignOnRefused
from apps.core.errors import RuleBroken
from apps.core.inputs import read_json

logger = logging.getLogger(__name__)

ALGORITHMS: Final = {
    "RSA": frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    "EC": frozenset({"ES256", "ES384", "ES512"}),
}
"""Which algorithms a key of a kind signs with; ``none`` and HS* are of none."""
LEAST_RSA_BITS = 2048
MOST_TOKEN = 32 * 1024
MOST_SUBJECT = 255
LEEWAY = 60
"""Seconds by which the clocks of two servers may differ."""
ISSUED_WITHIN = 600
_KNOWN_HEADERS = frozenset({"alg", "kid", "typ", "x5t", "x5t#S256"})
_PUBLIC = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y")}
_CURVES = frozenset({"P-256", "P-384", "P-521"})


class UnknownKey(SignOnRefused):
    """The token names a key that is not among those known of the issuer."""


@dataclass(frozen=True)
class Key:
    """A public key of the issuer that signs tokens."""

    kid: str | None
    kind: str
    algorithm: str | None
    public: RSAKey | ECKey

    def signs_by(self, algorithm: object) -> bool:
        """Say whether the key signs by an algorithm."""
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS[self.kind]:
            return False
        return self.algorithm in {None, algorithm}


@dataclass(frozen=True)
class Expected:
    """What a token must say to be an answer to what was asked."""

    issuer: str
    client_id: str
    nonce: str
    now: datetime


def keys_among(listed: object) -> list[Key]:
    """Return the keys of a JWK set that may sign tokens; others are left aside."""
    entries = listed.get("keys") if isinstance(listed, Mapping) else None
    if not isinstance(entries, list):
        raise refused("The key set of the issuer is none")
    return [key for key in map(_key_or_none, entries) if key is not None]


def claims_of(token: str, keys: Sequence[Key], expected: Expected) -> Mapping[str, Any]:
    """Return what a token claims, once it is proved to be the issuer's answer to what was asked.

    Raises:
        UnknownKey: when it names a key that is not among these.
        SignOnRefused: when anything else is wrong with it.
    """
    if len(token) > MOST_TOKEN:
        raise refused("The token is too long")
    header, payload = _verified(token, keys)
    claims = _json(payload)
    if not isinstance(claims, Mapping):
        raise refused("The token claims nothing")
    if str(header.get("typ", "JWT")).upper() != "JWT":
        raise refused("The token is of another type")
    _require_parties(claims, expected)
    _require_time(claims, expected.now.timestamp())
    return claims


def refused(why: str) -> SignOnRefused:
    """Log what is wrong, and return the one refusal that people see."""
    logger.warning("An answer of the identity provider was refused: %s", why)
    return SignOnRefused("The identity provider's answer could not be used. Sign in again.")


def _verified(token: str, keys: Sequence[Key]) -> tuple[Mapping[str, Any], bytes]:
    """Return header and payload of a token that one of the keys signed."""
    try:
        header = jws.extract_compact(token.encode("ascii")).headers()
        key = _key_for(header, keys)
        signed = jws.deserialize_compact(token, key.public, algorithms=[str(header["alg"])])
    except SignOnRefused:
        raise
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise refused(f"The token is not signed as it should be ({type(error).__name__})") from None
    return header, bytes(signed.payload or b"")


def _key_for(header: Mapping[str, Any], keys: Sequence[Key]) -> Key:
    if foreign := set(header) - _KNOWN_HEADERS:
        raise refused(f"The token's header holds {sorted(map(str, foreign))}")
    algorithm, kid = header.get("alg"), header.get("kid")
    if not any(algorithm in names for names in ALGORITHMS.values()):
        raise refused("The token is not signed by an algorithm that counts here")
    if kid is None and len(keys) != 1:
        raise refused("The token names no key, and the issuer has several")
    named = [key for key in keys if kid is None or key.kid == kid]
    if not named:
        logger.info("The identity provider signed by a key that is not known")
        raise UnknownKey("The identity provider's answer could not be used. Sign in again.")
    fitting = [key for key in named if key.signs_by(algorithm)]
    if len(fitting) != 1:
        raise refused("The key that the token names does not sign by its algorithm")
    return fitting[0]


def _key_or_none(entry: object) -> Key | None:
    """Return a listed key from its public numbers alone, if it signs and is strong enough."""
    if not isinstance(entry, Mapping) or entry.get("use", "sig") != "sig":
        return None
    kind, kid, algorithm = entry.get("kty"), entry.get("kid"), entry.get("alg")
    numbers = _PUBLIC.get(kind) if isinstance(kind, str) else None
    if numbers is None or not isinstance(kid, str | None) or not isinstance(algorithm, str | None):
        return None
    if kind == "EC" and entry.get("crv") not in _CURVES:
        return None
    if kind == "RSA" and _bits(entry.get("n")) < LEAST_RSA_BITS:
        return None
    public: dict[str, Any] = {name: entry.get(name) for name in numbers}
    try:
        imported = RSAKey.import_key(public) if kind == "RSA" else ECKey.import_key(public)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return Key(kid, str(kind), algorithm, imported)


def _bits(modulus: object) -> int:
    """Return how long a key is, by the number that says so."""
    if not isinstance(modulus, str):
        return 0
    try:
        return int.from_bytes(base64.urlsafe_b64decode(f"{modulus}==="), "big").bit_length()
    except ValueError:
        return 0


def _json(payload: bytes) -> object:
    try:
        return read_json(payload)
    except RuleBroken as error:
        raise refused(f"The token does not hold what it may ({error.code})") from None


def _require_parties(claims: Mapping[str, Any], expected: Expected) -> None:
    """Refuse a token of another issuer, for another client or several, or for another trip."""
    if claims.get("iss") != expected.issuer:
        raise refused("The token is of another issuer")
    if claims.get("aud") not in (expected.client_id, [expected.client_id]):
        raise refused("The token is for somebody else, or for several")
    if claims.get("azp", expected.client_id) != expected.client_id:
        raise refused("The token was issued to another client")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(
        nonce.encode(), expected.nonce.encode()
    ):
        raise refused("The token answers something else")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MOST_SUBJECT:
        raise refused("The token names nobody")
    if not subject.isprintable():
        raise refused("The token names somebody by what cannot be shown")


def _require_time(claims: Mapping[str, Any], now: float) -> None:
    """Refuse a token that is over, not yet valid, or issued at another time than now."""
    until, issued = number_or_none(claims, "exp"), number_or_none(claims, "iat")
    if until is None or until <= now - LEEWAY:
        raise refused("The token has expired")
    if issued is None or not now - ISSUED_WITHIN <= issued <= now + LEEWAY:
        raise refused("The token was not issued just now")
    if "nbf" in claims:
        begins = number_or_none(claims, "nbf")
        if begins is None or begins > now + LEEWAY:
            raise refused("The token is not valid yet")


def number_or_none(claims: Mapping[str, Any], name: str) -> float | None:
    """Return a moment among claims, in seconds, or None when it is none."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)
