"""Envelopes: a payload with its signatures, alone (DSSE) or inside a Sigstore bundle."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.validation.checks.format_validity.bounded import strict_json
from apps.validation.checks.format_validity.findings import Broken
from apps.validation.checks.signature.troubles import Unreadable

MOST_BYTES = 16 * 2**20
MOST_LINES = 100
MOST_SIGNATURES = 20
MOST_CERTIFICATES = 20
IN_TOTO = "application/vnd.in-toto+json"
_BUNDLE = "application/vnd.dev.sigstore.bundle"


@dataclass(frozen=True)
class Signature:
    """One signature, and the name of its key as whoever signed gives it, which proves nothing."""

    value: bytes
    key: str


@dataclass(frozen=True)
class Envelope:
    """A payload, what was signed of it, and what came with it to verify that."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]
    certificates: tuple[bytes, ...] = ()
    """The signer's certificate and those that lead from it to a root, in DER."""
    hint: str = ""
    is_logged: bool = False
    """Whether an entry of a transparency log came with it."""

    @property
    def signed(self) -> bytes:
        """What the signatures are over: type and payload, each with its length in front."""
        return preauthenticated(self.payload_type, self.payload)


def preauthenticated(payload_type: str, payload: bytes) -> bytes:
    """Return DSSE's pre-authentication encoding (PAE) of a payload."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def read(data: bytes) -> list[Envelope]:
    """Return the envelopes of a file: one, or one a line.

    Raises:
        Unreadable: when it holds something else.
    """
    if len(data) > MOST_BYTES:
        raise Unreadable(f"it has more than {MOST_BYTES:,} bytes")
    lines = [line for line in data.splitlines() if line.strip()]
    if not 1 < len(lines) <= MOST_LINES or not all(map(_is_object, lines)):
        return [_envelope(_json(data))]
    return [_envelope(_json(line)) for line in lines]


def _is_object(line: bytes) -> bool:
    return line.lstrip().startswith(b"{") and line.rstrip().endswith(b"}")


def _json(data: bytes) -> Mapping[str, Any]:
    try:
        value = strict_json(data)
    except Broken as broken:
        raise Unreadable(broken.text) from None
    return _mapping(value, "it")


def _envelope(value: Mapping[str, Any]) -> Envelope:
    if "dsseEnvelope" not in value:
        if str(value.get("mediaType", "")).startswith(_BUNDLE):
            raise Unreadable("it is a bundle that signs bytes, without a statement about files")
        return _bare(value)
    if not str(value.get("mediaType", "")).startswith(_BUNDLE):
        raise Unreadable("it does not say which kind of bundle it is")
    inner = _bare(_mapping(value["dsseEnvelope"], "its envelope"))
    material = _mapping(value.get("verificationMaterial"), "its verification material")
    key = material.get("publicKey")
    return Envelope(
        inner.payload_type,
        inner.payload,
        inner.signatures,
        _certificates(material),
        str(_mapping(key, "its key").get("hint", ""))[:200] if key is not None else "",
        bool(material.get("tlogEntries")),
    )


def _bare(value: Mapping[str, Any]) -> Envelope:
    kind, signatures = value.get("payloadType"), value.get("signatures")
    if not isinstance(kind, str) or not isinstance(signatures, list):
        raise Unreadable("it is neither a Sigstore bundle nor a DSSE envelope")
    if not kind.isascii():
        raise Unreadable("the type of its payload is no media type")
    if not 0 < len(signatures) <= MOST_SIGNATURES:
        raise Unreadable(f"it holds {len(signatures):,} signatures")
    found = [_mapping(one, "a signature") for one in signatures]
    return Envelope(
        kind,
        _bytes(value.get("payload"), "its payload"),
        tuple(
            Signature(_bytes(one.get("sig"), "a signature"), str(one.get("keyid") or "")[:200])
            for one in found
        ),
    )


def _certificates(material: Mapping[str, Any]) -> tuple[bytes, ...]:
    if "certificate" in material:
        listed: object = [material["certificate"]]
    else:
        chain = material.get("x509CertificateChain") or {}
        listed = _mapping(chain, "its chain").get("certificates") or []
    if not isinstance(listed, list) or len(listed) > MOST_CERTIFICATES:
        raise Unreadable("its certificates are no list, or too many")
    return tuple(
        _bytes(_mapping(one, "a certificate").get("rawBytes"), "a certificate") for one in listed
    )


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Unreadable(f"{what} is not laid out as it should be")
    return value


def _bytes(value: object, what: str) -> bytes:
    """Return what Base64 stands for, in either alphabet, as the DSSE specification allows."""
    if not isinstance(value, str) or not value:
        raise Unreadable(f"{what} is missing")
    plain = value.replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable(f"{what} is not Base64") from None
