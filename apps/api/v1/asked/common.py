"""What several things are asked with."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from apps.api.strictness import Asked
from apps.core.paging import MOST_ROWS

Limit = Annotated[int, Field(ge=1, le=MOST_ROWS)]
"""How many rows a page may hold."""

Words = Annotated[str, Field(max_length=256)]
"""What a list is narrowed by."""


def _in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC, provided that is in one of the years there are."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("This is no moment that can be kept") from None


def _said(moment: object) -> object:
    """Refuse what is a number, also as text: it would be read as seconds since 1970."""
    if not isinstance(moment, str) or "T" not in moment.upper():
        raise ValueError("Write a moment as 2026-12-31T09:30:00Z")
    return moment


Moment = Annotated[
    AwareDatetime, Field(strict=False), BeforeValidator(_said), AfterValidator(_in_utc)
]
"""A moment with its time zone."""


class Reason(Asked):
    """Why something is done. It is kept for good and shown to auditors."""

    reason: str


class Titled(Asked):
    """A use or a supplier relationship to add."""

    title: str
