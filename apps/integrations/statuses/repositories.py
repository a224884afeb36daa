"""Repositories by host and path, however their address is written."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from apps.core.inputs import InputRefused

MOST_REPOSITORY = 300
_SCHEME = re.compile(r"(?:git\+)?(?:https?|ssh|git)://", re.IGNORECASE)
_USER = re.compile(r"[^/@]*@")
_HOST = re.compile(r"([a-z0-9.-]+)(?::[0-9]+)?", re.IGNORECASE)
_PART = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class Repository:
    """Where code is kept: a host, and the path of a repository there."""

    host: str
    parts: tuple[str, ...]

    def __str__(self) -> str:
        return "/".join((self.host, *self.parts))

    def is_same_as(self, other: "Repository") -> bool:
        """Say whether both are one repository; hosts of code do not tell cases apart."""
        return str(self).lower() == str(other).lower()

    @property
    def path(self) -> str:
        """The path as part of an address."""
        return "/".join(self.parts)

    @property
    def path_in_one(self) -> str:
        """The path as a single part of an address."""
        return quote(self.path, safe="")


def read_or_none(text: str) -> Repository | None:
    """Read ``https://host/a/b.git``, ``ssh://git@host/a/b``, ``git@host:a/b`` or ``host/a/b``."""
    address = _SCHEME.sub("", text.strip(), count=1)
    is_short = address == text.strip()
    address = _USER.sub("", address.partition("#")[0], count=1)
    if is_short:
        address = address.replace(":", "/", 1)
    host, _, path = address.strip("/").partition("/")
    found = _HOST.fullmatch(host)
    parts = tuple(path.removesuffix(".git").split("/"))
    if found is None or "." not in found[1] or not all(map(_is_part, parts)):
        return None
    return Repository(found[1].lower(), parts)


def require(text: str, *, depth: range) -> Repository:
    """Return the repository a webhook is to name, with as many parts as its host of code has.

    Raises:
        InputRefused: when the text names none.
    """
    found = read_or_none(text) if len(text) <= MOST_REPOSITORY else None
    if found is None or len(found.parts) not in depth:
        raise InputRefused(
            "The repository is named as github.com/acme/models or gitlab.com/group/project."
        )
    return found


def _is_part(part: str) -> bool:
    return _PART.fullmatch(part) is not None and part not in {".", ".."}
