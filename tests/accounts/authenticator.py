"""An authenticator in software: it makes passkeys and signs as a browser does, or wrongly."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

HOST, ORIGIN = "localhost", "http://localhost"
"""Where browsers offer passkeys without https; the test client is told to ask there."""

FLAG = AuthenticatorData.FLAG
NONE = FLAG(0)


class SoftAuthenticator:
    """One passkey. Its counter goes up with each use, or stays zero as in most synced ones."""

    def __init__(self, *, counts: bool = True, origin: str = ORIGIN, host: str = HOST) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(32)
        self.counts, self.count = counts, 0
        self.origin, self.host = origin, host

    def created(self, options: Mapping[str, Any], **wrong: Any) -> str:
        """Return what a browser answers when asked to make this passkey."""
        made = AttestedCredentialData.create(
            Aaguid.NONE, self.credential_id, ES256.from_cryptography_key(self.key.public_key())
        )
        client, data = self._said(
            "webauthn.create", options, **wrong, made=bytes(made), extra=FLAG.AT
        )
        attested = AttestationObject.create("none", data, {})
        return self._answer({"clientDataJSON": client, "attestationObject": attested})

    def signed(self, options: Mapping[str, Any], **wrong: Any) -> str:
        """Return what a browser answers when this passkey signs what was asked."""
        client, data = self._said("webauthn.get", options, **wrong)
        message = bytes(data) + hashlib.sha256(client).digest()
        signature = self.key.sign(message, ec.ECDSA(SHA256()))
        return self._answer(
            {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        )

    def _said(
        self,
        usual: str,
        options: Mapping[str, Any],
        *,
        origin: str = "",
        host: str = "",
        challenge: bytes = b"",
        count: int | None = None,
        verified: bool = True,
        present: bool = True,
        cross_origin: bool = False,
        kind: str = "",
        made: bytes = b"",
        extra: AuthenticatorData.FLAG = NONE,
    ) -> tuple[CollectedClientData, AuthenticatorData]:
        self.count += self.counts
        asked = websafe_decode(options["publicKey"]["challenge"])
        client = CollectedClientData.create(
            kind or usual, challenge or asked, origin or self.origin, cross_origin
        )
        flags = extra | (FLAG.UP if present else NONE) | (FLAG.UV if verified else NONE)
        data = AuthenticatorData.create(
            hashlib.sha256((host or self.host).encode()).digest(),
            flags,
            self.count if count is None else count,
            made,
        )
        return client, data

    def _answer(self, parts: Mapping[str, bytes]) -> str:
        named = websafe_encode(self.credential_id)
        response = {name: websafe_encode(part) for name, part in parts.items()}
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": response})
