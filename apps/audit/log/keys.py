"""Ed25519 keys of logs and witnesses, and the texts they are published as."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG = 0x01
"""The kind of a key that signs the text of a note itself."""
WITNESS = 0x04
"""The kind of a key that signs a text with the moment it saw it: C2SP ``tlog-cosignature``."""
_VERIFIER = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})")
_TIMED = 8


class BadKey(ValueError):
    """A text is no key of a kind that is known here."""


@dataclass(frozen=True)
class VerifierKey:
    """A public key, and the name it signs by."""

    name: str
    public: bytes
    kind: int = LOG

    @property
    def key_id(self) -> bytes:
        """The four bytes that tell which key of a name signed."""
        told = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return hashlib.sha256(told).digest()[:4]

    @property
    def text(self) -> str:
        """The key as it is published: ``name+56480dff+AWXq…``."""
        public = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id.hex()}+{public}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read a published key.

        Raises:
            BadKey: when it is none, its kind is not known, or its id is another one's.
        """
        found = _VERIFIER.fullmatch(text)
        if not found:
            raise BadKey("A verifier key reads name+id+key.")
        try:
            data = base64.b64decode(found[3], validate=True)
        except binascii.Error:
            raise BadKey("The key is not in base64.") from None
        key = cls(found[1], data[1:], data[0])
        if key.kind not in {LOG, WITNESS} or key.text != text:
            raise BadKey("The key is of another kind, or has another id.")
        return key

    def is_signed(self, text: str, signature: bytes) -> bool:
        """Say whether a signature is of this key, under this text."""
        message, own = text.encode(), signature
        if self.kind == WITNESS:
            message, own = _timed(text, signature[:_TIMED]), signature[_TIMED:]
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(own, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """The private key of a log, from 32 secret bytes."""

    name: str
    seed: bytes

    def __repr__(self) -> str:
        return f"SigningKey({self.name!r})"

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self._key.public_key().public_bytes_raw())

    @property
    def key_id(self) -> bytes:
        return self.verifier.key_id

    def sign(self, text: str) -> bytes:
        """Return the signature under the text of a note."""
        return self._key.sign(text.encode())

    @property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def _timed(text: str, moment: bytes) -> bytes:
    seconds = int.from_bytes(moment, "big")
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
