"""Seals small secrets that have to be read again: useless to whoever holds the database alone."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes


class SealBroken(RuntimeError):
    """A secret was sealed under a key that is no longer configured."""


def sealed(secret: str, *, purpose: str) -> bytes:
    """Return a secret as bytes that only this installation can open, for one purpose."""
    return _keys(purpose).encrypt(secret.encode())


def opened(sealed_secret: bytes, *, purpose: str) -> str:
    """Return a sealed secret.

    Raises:
        SealBroken: when neither SECRET_KEY nor one of its fallbacks opens it.
    """
    try:
        return _keys(purpose).decrypt(sealed_secret).decode()
    except InvalidToken:
        raise SealBroken(f"no configured key opens this secret ({purpose})") from None


def _keys(purpose: str) -> MultiFernet:
    known = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(force_bytes(key), purpose)) for key in known])


def _derived(key: bytes, purpose: str) -> bytes:
    """Return a key of its own for a purpose, so that none opens what another sealed."""
    derive = HKDF(SHA256(), length=32, salt=None, info=f"signet/{purpose}/1".encode())
    return base64.urlsafe_b64encode(derive.derive(key))
