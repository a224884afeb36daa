"""One-time codes (RFC 6238): six digits, every thirty seconds, one step of clock skew."""

import hmac
from datetime import datetime

import pyotp
import segno
from django.utils.safestring import SafeString, mark_safe

from apps.accounts import sealing

_PURPOSE = "accounts.one_time_code"
_ISSUER = "Signet"
SKEW = 1
STEP_SECONDS = 30


def new_secret() -> str:
    """Return a secret of 160 bits, in base32 as apps take it."""
    return pyotp.random_base32()


def sealed(secret: str) -> bytes:
    """Return a secret as it is kept."""
    return sealing.sealed(secret, purpose=_PURPOSE)


def opened(sealed_secret: bytes) -> str:
    """Return a secret that was kept."""
    return sealing.opened(sealed_secret, purpose=_PURPOSE)


def step_of(secret: str, code: str, *, at: datetime) -> int | None:
    """Return the time step a code belongs to, or None when it is none of about now."""
    typed = "".join(code.split())
    now = int(at.timestamp()) // STEP_SECONDS
    generator = pyotp.TOTP(secret)
    for step in range(now - SKEW, now + SKEW + 1):
        if hmac.compare_digest(generator.generate_otp(step).encode(), typed.encode()):
            return step
    return None


def code_at(secret: str, step: int) -> str:
    """Return the code an app shows in a time step."""
    return pyotp.TOTP(secret).generate_otp(step)


def address_of(secret: str, username: str) -> str:
    """Return the ``otpauth`` address an app reads from the drawn code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=_ISSUER)


def drawn(address: str) -> SafeString:
    """Draw an address as a QR code: SVG without any style, on white also where the page is dark."""
    code = segno.make(address, error="m", micro=False)
    svg = code.svg_inline(scale=4, light="#fff", svgclass="qr", lineclass=None, omitsize=False)
    return mark_safe(svg)  # noqa: S308 - modules of a QR code, no text


def spaced(secret: str) -> str:
    """Write a secret in groups of four, to be typed."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
