"""Secrets of deployers: settings name them, the environment of the program holds them.

Each is for one host, so that nobody who describes an environment can have it sent elsewhere.
"""

from pathlib import Path

from django.conf import settings

from apps.core import addresses
from apps.core.errors import DomainError, RuleBroken

FILE = "file:"
MOST_BYTES = 64 * 1024


class SecretMissing(RuleBroken):
    """There is no such secret for this host."""

    code = "secret_missing"


def secret_for(name: str, url: str) -> str:
    """Return a secret, provided it is for the host of an address; one in a file is read afresh.

    Raises:
        SecretMissing: when there is none of that name, it is for another host, or not readable.
        AddressRefused: when the address is none.
    """
    secret = _held(name, url)
    return _read(name, secret.removeprefix(FILE)) if secret.startswith(FILE) else secret


def problem_with(name: str, url: str) -> str:
    """Return why a secret is not for an address, or nothing; no file is read for this."""
    try:
        _held(name, url)
    except DomainError as refusal:
        return str(refusal)
    return ""


def _held(name: str, url: str) -> str:
    authority = addresses.destination(url).authority
    host, secret = settings.DEPLOYER_SECRETS.get(name, ("", ""))
    if host != authority:
        raise SecretMissing(
            f"There is no secret named {name!a:.80} for {authority}. Whoever runs Signet adds it "
            f"to SIGNET_DEPLOYER_SECRETS, as name@{authority}=secret."
        )
    return str(secret)


def _read(name: str, path: str) -> str:
    try:
        with Path(path).open(encoding="ascii") as file:
            text = file.read(MOST_BYTES).strip()
    except (OSError, UnicodeError):
        text = ""
    if not text or not text.isprintable():
        raise SecretMissing(f"The file of the secret {name} cannot be read, or holds none.")
    return text
