"""Proof that the person at the keyboard just showed who they are."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from apps.accounts import sessions
from apps.accounts.access import ActorRequest
from apps.core.actors import Actor
from apps.core.errors import NotAllowed


@dataclass(frozen=True)
class Confirmation:
    """A re-authentication in this session: by whom, how, and when."""

    user_id: int
    method: str
    at: datetime

    def require_fresh(self, by: Actor, *, now: datetime) -> None:
        """Refuse a confirmation of somebody else, or one older than five minutes.

        Raises:
            NotAllowed: with what to do next.
        """
        age = now - self.at
        if self.user_id != by.user_id or age > settings.REAUTHENTICATION_HOLDS:
            raise NotAllowed("Enter your password again to sign.")


def confirmation_of(request: ActorRequest) -> Confirmation:
    """Return the last re-authentication of a browser session.

    Raises:
        NotAllowed: when there was none.
    """
    at = sessions.confirmed_at(request.session)
    if at is None or request.actor.user_id is None:
        raise NotAllowed("Enter your password to sign.")
    return Confirmation(request.actor.user_id, "password", at)
