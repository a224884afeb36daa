"""How long a browser session lasts, and when its person last proved who they are."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

BEGAN, SEEN = "began", "seen"
CONFIRMED_AT, CONFIRMED_HOW = "confirmed_at", "confirmed_how"
BY_SIGN_ON = "by_sign_on"
_SEEN_EVERY = 60  # seconds; a write for each request would be one too many


class Ended(StrEnum):
    """Why a session is over, said on the sign-in page."""

    IDLE = "idle"
    LONG = "long"
    CLOSED = "closed"

    @property
    def sentence(self) -> str:
        """Why the session is over, to the person it belonged to."""
        idle, longest = settings.SESSION_IDLE, settings.SESSION_LONGEST
        sentences = {
            Ended.IDLE: f"You were signed out after {_minutes(idle)} minutes without activity.",
            Ended.LONG: f"A session lasts at most {_minutes(longest) // 60} hours; yours is over.",
            Ended.CLOSED: "Your session ended because your password or your account changed.",
        }
        return sentences[self]


@dataclass(frozen=True)
class LastConfirmed:
    """When the person of a session last proved who they are, how, and by how many factors."""

    at: datetime
    method: str
    factors: int


def begin(session: SessionBase) -> None:
    """Start the clocks of a session whose person just gave a password."""
    session[BEGAN] = session[SEEN] = _now()
    session.pop(BY_SIGN_ON, None)
    confirm(session)


def begin_by_sign_on(session: SessionBase, *, factors: int, proved: float | None) -> None:
    """Start the clocks of a session whose person an identity provider just sent.

    The provider may have asked them nothing for hours, so they confirmed who they are when it says
    so, and not at all when it does not.
    """
    session[BEGAN] = session[SEEN] = _now()
    session[BY_SIGN_ON] = True
    session.pop(CONFIRMED_AT, None)
    if proved is not None:
        confirm(session, "sso", factors=factors, at=proved)


def is_by_sign_on(session: SessionBase) -> bool:
    """Say whether the person of a session came from the identity provider."""
    return bool(session.get(BY_SIGN_ON))


def confirm(
    session: SessionBase, method: str = "password", *, factors: int = 1, at: float | None = None
) -> None:
    """Note that the person proved again who they are, now or at a moment before."""
    session[CONFIRMED_AT] = _now() if at is None else min(int(at), _now())
    session[CONFIRMED_HOW] = [str(method), factors]


def last_confirmed(session: SessionBase) -> LastConfirmed | None:
    """Return when and how the person of a session last proved who they are, or None."""
    moment = session.get(CONFIRMED_AT)
    if moment is None:
        return None
    method, factors = session.get(CONFIRMED_HOW, ["password", 1])
    return LastConfirmed(datetime.fromtimestamp(moment, UTC), method, factors)


def reason_to_end(session: SessionBase) -> Ended | None:
    """Return why a session is over by the clock, or None while it lasts."""
    now, began, seen = _now(), session.get(BEGAN, 0), session.get(SEEN, 0)
    if now - began > settings.SESSION_LONGEST.total_seconds():
        return Ended.LONG
    if now - seen > settings.SESSION_IDLE.total_seconds():
        return Ended.IDLE
    return None


def touch(session: SessionBase) -> None:
    """Note that the session is in use, to the minute."""
    if _now() - session.get(SEEN, 0) >= _SEEN_EVERY:
        session[SEEN] = _now()


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60


def _now() -> int:
    return int(timezone.now().timestamp())
