"""Refusals in plain words, which every door translates in one place."""

from typing import ClassVar


class DomainError(Exception):
    """A refusal a person can understand: what was refused, and what to do next."""

    code: ClassVar[str] = "refused"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotAllowed(DomainError):
    """The actor has no right to do this."""

    code = "not_allowed"


class NotFound(DomainError):
    """The thing does not exist, or the actor may not know that it does."""

    code = "not_found"


class RuleBroken(DomainError):
    """A rule forbids this now; the message says which, and what would help."""

    code = "rule_broken"
