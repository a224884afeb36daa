"""Proof that the person at the keyboard just showed who they are: one interface for every way."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from django.conf import settings

from apps.accounts import sessions
from apps.accounts.access import ActorRequest
from apps.accounts.actors import actor_of
from apps.accounts.held_factors import factors_asked_of
from apps.core.actors import Actor
from apps.core.errors import NotAllowed

FREE_CHALLENGE = 24
"""The bytes of a challenge that is of no statement: fewer than those of a digest, which is."""


class Method(StrEnum):
    """How somebody proved again who they are; kept with what they signed."""

    PASSWORD = "password"  # noqa: S105 - the name of a way, not a secret
    PASSWORD_AND_CODE = "password+code"  # noqa: S105
    PASSWORD_AND_RECOVERY = "password+recovery"  # noqa: S105
    PASSKEY = "passkey"
    SSO = "sso"
    SSO_AND_CODE = "sso+code"
    SSO_AND_RECOVERY = "sso+recovery"


@dataclass(frozen=True)
class Confirmation:
    """A re-authentication in this session: by whom, how, when, and by how many factors.

    ``challenge`` is what a passkey signed, and empty when that was for the whole session; one that
    is of no statement is shorter (``FREE_CHALLENGE``). ``proof`` is its signature, as
    ``Record.sign`` keeps it.
    """

    user_id: int
    method: str
    at: datetime
    factors: int = 1
    challenge: bytes = b""
    proof: Mapping[str, str] | None = None

    def require_fresh(self, by: Actor, *, now: datetime, factors: int = 1, over: str = "") -> None:
        """Refuse a confirmation of somebody else, one older than five minutes, or a weak one.

        It takes as many factors as are asked here, and two of whoever holds a second one.
        ``over`` is the statement about to be signed, if there is one; a passkey that signed another
        is refused.

        Raises:
            NotAllowed: with what to do next.
        """
        age = now - self.at
        if self.user_id != by.user_id or age > settings.REAUTHENTICATION_HOLDS:
            raise NotAllowed("Enter your password again to sign.")
        if self.factors < max(factors, factors_asked_of(self.user_id)):
            raise NotAllowed("Confirm with your password and a one-time code, or with a passkey.")
        if not self._is_over(over):
            raise NotAllowed(
                "The passkey signed something else, so nothing was signed. Sign again."
            )

    def _is_over(self, statement: str) -> bool:
        """Say whether a passkey signed this statement, or where there is none to sign, no other."""
        if not self.challenge or self.challenge == challenge_of(statement):
            return True
        return not statement and len(self.challenge) == FREE_CHALLENGE


class StepUp(Protocol):
    """A way to prove again who one is that takes a question to the browser and its answer back.

    Passkeys are one (``ceremonies``). Single sign-on is none, since it takes the browser away from
    the form: it leaves a ticket in the session (``single_sign_on.tickets``), which says by
    ``auth_time`` and ``acr`` when and by how many factors, with the method ``sso`` and no proof.
    """

    def begin(self, request: ActorRequest, challenge: bytes) -> Mapping[str, object]:
        """Return what the browser is asked, and remember the challenge in the session."""
        ...

    def finish(self, request: ActorRequest, challenge: bytes, response: str) -> Confirmation:
        """Return the confirmation an answer proves; a challenge is answered once.

        Raises:
            NotAllowed: when it proves nothing, with what to do next.
        """
        ...


def challenge_of(statement: str) -> bytes:
    """Return what a passkey signs for a statement: the SHA-256 of its canonical text."""
    return hashlib.sha256(statement.encode("utf-8")).digest()


def confirmation_of(request: ActorRequest) -> Confirmation:
    """Return the last re-authentication of a browser session.

    Raises:
        NotAllowed: when there was none.
    """
    last = sessions.last_confirmed(request.session)
    if last is None or request.actor.user_id is None:
        raise NotAllowed("Enter your password to sign.")
    return Confirmation(request.actor.user_id, last.method, last.at, last.factors)


def confirmed_now(
    request: ActorRequest, method: Method, *, factors: int, at: float | None = None
) -> Confirmation:
    """Note in the session that its person proved who they are, under a new session id."""
    request.session.cycle_key()
    sessions.confirm(request.session, method, factors=factors, at=at)
    request.actor = actor_of(request)
    return confirmation_of(request)
