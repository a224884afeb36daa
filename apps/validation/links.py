"""Addresses that people and programs give: shown as links, never fetched."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from apps.core.inputs import InputRefused, require_text


def require_link(address: str, most: int, schemes: Sequence[str]) -> None:
    """Refuse an address that is no plain one of the web, or that names an account."""
    require_text(address, "The link", most)
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in schemes or not parts.hostname or "@" in parts.netloc:
        begins = " or ".join(f"{scheme}://" for scheme in schemes)
        raise InputRefused(f"The link begins with {begins} and names no account.")
    if any(letter.isspace() for letter in address):
        raise InputRefused("The link holds no space.")
