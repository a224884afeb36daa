"""Roles that sign beside promotions, each a seat for one person."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from apps.accounts.roles import role_named
from apps.accounts.signing.signature import Signature

Given = TypeVar("Given", bound=Signature)


@dataclass(frozen=True)
class RoleSeat(Generic[Given]):
    """One role that must sign: what was given in it, or why a person may not."""

    role: str
    given: Given | None
    is_held: bool = False
    """Whether the person asked about holds the role."""
    why_not: str = ""

    @property
    def title(self) -> str:
        return role_named(self.role).title

    @property
    def is_free(self) -> bool:
        """Whether that person may sign in it now."""
        return self.given is None and self.is_held and not self.why_not
