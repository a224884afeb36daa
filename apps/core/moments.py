"""A moment somebody asks about: a day means its end, a time is UTC unless it names its zone."""

from datetime import UTC, date, datetime, time

from django.utils.dateparse import parse_date, parse_datetime

from apps.core.inputs import InputRefused

MOST_LETTERS = 40
_HINT = "Write a day, such as 2026-03-31, or a time, such as 2026-03-31T17:00Z."


class BadMoment(InputRefused):
    """What was asked for is no moment, or one that has not come."""

    code = "bad_moment"


def moment(text: str, *, now: datetime) -> datetime:
    """Return the moment a text names, in UTC; today means up to now.

    Raises:
        BadMoment: when it names none, or one that has not come.
    """
    at = _read(text.strip()[:MOST_LETTERS], now)
    if at > now:
        raise BadMoment("That moment has not come yet. Ask about one that is over.")
    return at


def _read(text: str, now: datetime) -> datetime:
    try:
        day = parse_date(text)
        if day is not None:
            return now if day == now.astimezone(UTC).date() else end_of(day)
        at = parse_datetime(text)
        if at is None:
            raise BadMoment(f"This is no moment. {_HINT}")
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadMoment(f"There is no such moment. {_HINT}") from None


def end_of(day: date) -> datetime:
    """Return the last moment of a day in UTC."""
    return datetime.combine(day, time.max, UTC)


def written(at: datetime) -> str:
    """Write a moment so that an address holds it whole: the end of a day as that day."""
    at = at.astimezone(UTC)
    if at.timetz() == time.max.replace(tzinfo=UTC):
        return at.date().isoformat()
    return at.isoformat().replace("+00:00", "Z")


def in_words(at: datetime) -> str:
    """Write a moment for people: the end of a day, or a time to the second."""
    at = at.astimezone(UTC)
    day = f"{at.day} {at:%B %Y}"
    if at.timetz() == time.max.replace(tzinfo=UTC):
        return f"{day}, at its end (UTC)"
    return f"{day}, {at:%H:%M:%S} UTC"
