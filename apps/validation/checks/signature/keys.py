"""Public keys: read from PEM, known by their fingerprint, and asked whether they signed."""

import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.backends.openssl import backend
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from apps.validation.checks.signature.troubles import Unreadable

PublicKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | rsa.RSAPublicKey
LEAST_RSA = 2048
OPENSSL = backend.openssl_version_text()
"""What verifies. The library imports it only when first asked, which would be behind the walls."""
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "secp256r1": hashes.SHA256(),
    "secp384r1": hashes.SHA384(),
    "secp521r1": hashes.SHA512(),
}
"""Curves signatures are accepted on, and the hash that goes with each."""
_RSA_HASHES = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512())


def read(pem: str) -> PublicKey:
    """Return the public key of a PEM text.

    Raises:
        Unreadable: when it holds none, or one too weak or unknown.
    """
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise Unreadable("the PEM holds no public key that can be read") from None
    return usable(key)


def usable(key: object) -> PublicKey:
    """Return a key that signatures are accepted from.

    Raises:
        Unreadable: when it is of another kind, or too weak.
    """
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _HASHES:
        return key
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA:
        return key
    raise Unreadable(
        "the key is none of: ECDSA on P-256, P-384 or P-521, Ed25519, RSA of 2,048 bits and more"
    )


def fingerprint(key: PublicKey) -> str:
    """Return the SHA-256 of a key as PEM: what a bundle of OpenSSF model signing hints at."""
    pem = key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return hashlib.sha256(pem).hexdigest()


def has_signed(key: PublicKey, signature: bytes, data: bytes) -> bool:
    """Say whether a signature over some bytes is by a key."""
    if isinstance(key, rsa.RSAPublicKey):
        return any(_is_rsa(key, signature, data, how) for how in _RSA_HASHES)
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        else:
            key.verify(signature, data, ec.ECDSA(_HASHES[key.curve.name]))
    except InvalidSignature:
        return False
    return True


def _is_rsa(
    key: rsa.RSAPublicKey, signature: bytes, data: bytes, how: hashes.HashAlgorithm
) -> bool:
    """Say whether a signature is PSS, with salt of any length, or PKCS #1 version 1.5."""
    for padded in (padding.PSS(padding.MGF1(how), padding.PSS.AUTO), padding.PKCS1v15()):
        try:
            key.verify(signature, data, padded, how)
        except InvalidSignature:
            continue
        return True
    return False
