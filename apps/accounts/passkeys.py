"""The WebAuthn ceremonies, without rows and requests: what is asked, and whether an answer is good.

An answer counts only from the page's own origin, over the challenge that was given, and when the
authenticator verified its owner: by that, one passkey proves two factors (NIST SP 800-63B).
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    CollectedClientData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from apps.core.errors import NotAllowed
from apps.core.inputs import InputRefused, read_json

MOST_ANSWER = 20_000
_UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    UnsupportedAlgorithm,
    ValueError,
    struct.error,
)
"""What the library raises for answers that are wrong, or that are no answers at all."""

_VERIFIED = UserVerificationRequirement.REQUIRED


class PasskeyRefused(NotAllowed):
    """The passkey's answer proves nothing; the message says what to do next."""

    code = "passkey_refused"


@dataclass(frozen=True)
class Site:
    """Where the ceremony takes place: passkeys belong to a host, answers come from an origin."""

    host: str
    origin: str

    @property
    def has_passkeys(self) -> bool:
        """Whether browsers offer passkeys here: to a named host over https, or to localhost."""
        is_local = self.host == "localhost" or self.host.endswith(".localhost")
        return is_local or (self.origin.startswith("https://") and not _is_address(self.host))


@dataclass(frozen=True)
class KnownKey:
    """A credential as it is kept: id and COSE key in base64url."""

    credential_id: str
    public_key: str

    @property
    def parsed(self) -> AttestedCredentialData:
        key = CoseKey.parse(_mapping(cbor.decode(websafe_decode(self.public_key))))
        return AttestedCredentialData.create(Aaguid.NONE, websafe_decode(self.credential_id), key)


@dataclass(frozen=True)
class Added:
    """A new credential, and its counter at that time."""

    key: KnownKey
    sign_count: int


@dataclass(frozen=True)
class Assertion:
    """What a passkey signed: enough to verify it again, years later, with its public key."""

    credential: str
    client_data: str
    authenticator_data: str
    signature: str
    sign_count: int

    @property
    def proof(self) -> Mapping[str, str]:
        """The signature as an event keeps it (AUDIT_DESIGN section 7)."""
        return {
            "credential": self.credential,
            "client_data": self.client_data,
            "authenticator_data": self.authenticator_data,
            "signature": self.signature,
        }


def creation_options(
    site: Site,
    challenge: bytes,
    *,
    person: str,
    username: str,
    name: str,
    known: Sequence[KnownKey],
) -> Mapping[str, Any]:
    """Return what the browser is asked to make a new passkey with; ``person`` is a pseudonym."""
    user = PublicKeyCredentialUserEntity(id=person.encode(), name=username, display_name=name)
    options, _ = _server(site).register_begin(
        user,
        credentials=[key.parsed for key in known],
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=_VERIFIED,
        challenge=challenge,
    )
    return dict(options)


def added(site: Site, challenge: bytes, answer: str) -> Added:
    """Return the credential a browser made.

    Raises:
        PasskeyRefused: when the answer is not for this site, challenge and a verified person.
    """
    response = _read(answer)
    try:
        data = _server(site).register_complete(_state(challenge), response)
        _require_own_page(RegistrationResponse.from_dict(response).response.client_data)
        made = data.credential_data
        assert made is not None
        key = KnownKey(
            websafe_encode(made.credential_id), websafe_encode(cbor.encode(dict(made.public_key)))
        )
        assert key.parsed.public_key == made.public_key
    except _UNREADABLE:
        raise PasskeyRefused("The passkey was not added. Try again on this page.") from None
    return Added(key, data.counter)


def request_options(site: Site, challenge: bytes, known: Sequence[KnownKey]) -> Mapping[str, Any]:
    """Return what the browser is asked to sign a challenge with."""
    options, _ = _server(site).authenticate_begin(
        [key.parsed for key in known], user_verification=_VERIFIED, challenge=challenge
    )
    return dict(options)


def asserted(site: Site, challenge: bytes, answer: str, known: Sequence[KnownKey]) -> Assertion:
    """Return what a browser had signed by one of the known keys.

    Raises:
        PasskeyRefused: when the answer is not for this site, challenge and a verified person.
    """
    response = _read(answer)
    try:
        read = AuthenticationResponse.from_dict(response)
        _server(site).authenticate_complete(
            _state(challenge), [key.parsed for key in known], response
        )
        _require_own_page(read.response.client_data)
    except _UNREADABLE:
        raise PasskeyRefused("The passkey did not prove that it is you. Try again.") from None
    said = read.response
    return Assertion(
        credential=websafe_encode(read.raw_id),
        client_data=websafe_encode(said.client_data),
        authenticator_data=websafe_encode(said.authenticator_data),
        signature=websafe_encode(said.signature),
        sign_count=said.authenticator_data.counter,
    )


def _server(site: Site) -> Fido2Server:
    """Return the library's server, which trusts our one origin and no other of the same domain."""
    party = PublicKeyCredentialRpEntity(id=site.host, name="Signet")
    return Fido2Server(
        party,
        attestation=AttestationConveyancePreference.NONE,
        verify_origin=lambda origin: origin == site.origin,
    )


def _require_own_page(client_data: CollectedClientData) -> None:
    if client_data.cross_origin:
        raise ValueError("asked for inside another site")


def _state(challenge: bytes) -> Mapping[str, object]:
    return {"challenge": websafe_encode(challenge), "user_verification": _VERIFIED}


def _read(answer: str) -> Mapping[str, Any]:
    if len(answer) > MOST_ANSWER:
        raise PasskeyRefused("The passkey's answer is too long.")
    try:
        read = read_json(answer)
    except InputRefused:
        read = None
    if not isinstance(read, dict):
        raise PasskeyRefused("The passkey's answer cannot be read. Try again.")
    return read


def _mapping(value: object) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise TypeError("no COSE key")
    return value


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
