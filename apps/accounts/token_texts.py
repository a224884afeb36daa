"""The text of an API token: ``sgn_``, 256 random bits, and a checksum secret scanners can test."""

import hashlib
import re
import secrets
import zlib

PREFIX = "sgn_"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_LENGTH, _CHECKSUM_LENGTH = 43, 6  # 62 ** 43 > 2 ** 256, 62 ** 6 > 2 ** 32
_FORM = re.compile(rf"{PREFIX}([0-9A-Za-z]{{{_SECRET_LENGTH}}})([0-9A-Za-z]{{{_CHECKSUM_LENGTH}}})")


def mint() -> str:
    """Return the text of a new token."""
    secret = _in_letters(secrets.randbits(256), _SECRET_LENGTH)
    return f"{PREFIX}{secret}{_checksum(secret)}"


def is_well_formed(text: str) -> bool:
    """Say whether a text can be a token at all, without asking the database."""
    match = _FORM.fullmatch(text)
    return match is not None and match[2] == _checksum(match[1])


def digest_of(text: str) -> str:
    """Return the SHA-256 by which a token is kept and found."""
    return hashlib.sha256(text.encode()).hexdigest()


def hint_of(text: str) -> str:
    """Return the first letters, by which people tell their tokens apart."""
    return text[: len(PREFIX) + 6]


def _checksum(secret: str) -> str:
    return _in_letters(zlib.crc32(secret.encode()), _CHECKSUM_LENGTH)


def _in_letters(number: int, length: int) -> str:
    letters = ""
    while len(letters) < length:
        number, digit = divmod(number, len(_DIGITS))
        letters = _DIGITS[digit] + letters
    return letters
