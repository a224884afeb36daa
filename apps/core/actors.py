"""Who acts, with which rights, through which door."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Kind(StrEnum):
    USER = "user"
    SERVICE = "service"
    WORKER = "worker"
    SYSTEM = "system"
    ANONYMOUS = "anonymous"


class Door(StrEnum):
    WEB = "web"
    API = "api"
    ADMIN = "admin"
    COMMAND = "command"
    WORKER = "worker"


class Auth(StrEnum):
    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - the name of a way to sign in, not a secret
    OIDC = "oidc"
    NONE = "none"


class Authority(Protocol):
    """The rights of an actor, read afresh each time they are asked for."""

    def allows(self, permission: str, root: object | None) -> bool:
        """Say whether the permission is held on the root, or everywhere when there is none."""
        ...


@dataclass(frozen=True)
class FixedAuthority:
    """Rights that are the same for every root."""

    permissions: Collection[str] = ()

    def allows(self, permission: str, root: object | None) -> bool:
        return permission in self.permissions


BY_WORKER = "worker"
"""The permission only background work holds; no role grants it."""

ON_OWN = "own"
"""The permission every person holds on their own account, and nobody else does."""

ON_OWN_SESSION = "own session"
"""The permission to sign in and out and to change one's own password; examiners hold it, too."""

ON_OWN_READING = "own reading"
"""The permission to gather what one may see and take it away; a token that reads holds it, too."""


@dataclass(frozen=True)
class Actor:
    """One person, service or part of Signet that acts, and how it came in.

    ``id`` is a pseudonym that is never used again (``usr_7``); names live in accounts.
    """

    id: str
    kind: Kind
    door: Door
    auth: Auth = Auth.NONE
    name: str = ""
    session: str | None = None
    request_id: UUID | None = None
    user_id: int | None = None
    authority: Authority = field(default=FixedAuthority(), compare=False, repr=False)
    only_looks: bool = field(default=False, compare=False)
    """Whether this is an examiner from outside: no change is theirs but to their own sign-in."""

    def may(self, permission: str, root: object | None = None) -> bool:
        """Say whether the actor holds a permission on a root, or everywhere when there is none."""
        return self.authority.allows(permission, root)

    @property
    def is_person(self) -> bool:
        """Whether a person acts through a browser session, and so may sign."""
        return self.kind is Kind.USER and self.auth in {Auth.SESSION, Auth.OIDC}


WORKER = Actor(
    "worker", Kind.WORKER, Door.WORKER, name="Worker", authority=FixedAuthority({BY_WORKER})
)
SYSTEM = Actor(
    "system", Kind.SYSTEM, Door.WORKER, name="Signet", authority=FixedAuthority({BY_WORKER})
)
ANONYMOUS = Actor("anonymous", Kind.ANONYMOUS, Door.WEB, name="Nobody signed in")
