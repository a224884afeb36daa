"""How long a browser session lasts, and when its person last proved who they are."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone

BEGAN, SEEN, CONFIRMED_AT = "began", "seen", "confirmed_at"
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


def begin(session: SessionBase) -> None:
    """Start the clocks of a session whose person just gave a password."""
    session[BEGAN] = session[SEEN] = session[CONFIRMED_AT] = _now()


def confirm(session: SessionBase) -> None:
    """Note that the person proved again who they are."""
    session[CONFIRMED_AT] = _now()


def confirmed_at(session: SessionBase) -> datetime | None:
    """Return when the person of a session last gave their password, or None."""
    moment = session.get(CONFIRMED_AT)
    return datetime.fromtimestamp(moment, UTC) if moment is not None else None


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
