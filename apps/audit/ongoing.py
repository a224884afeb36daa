"""The change that is under way in this thread, so that rows can find it."""

from contextvars import ContextVar
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID


class Ongoing(Protocol):
    """What a governed row needs of the change that writes it."""

    uid: UUID
    time: datetime

    def wrote(self, row: Any, *, before: str | None, after: str | None) -> None:
        """Take note that a row was written, with its state digests."""
        ...


ONGOING: ContextVar[Ongoing | None] = ContextVar("ongoing_change", default=None)


def ongoing_change() -> Ongoing | None:
    """Return the change under way here, or None."""
    return ONGOING.get()
