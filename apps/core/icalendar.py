"""Calendar files (RFC 5545) of events that last whole days."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

MEDIA_TYPE = "text/calendar; charset=utf-8"
MOST_OCTETS = 75
"""The longest line, its break aside (RFC 5545, 3.1)."""
_PRODUCT = "-//Signet//Calendar//EN"
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""What no text of a calendar holds: anything below a space but a break and a tab."""


@dataclass(frozen=True)
class DayEvent:
    """One thing on one day; its key stays the same for as long as the thing does."""

    key: str
    day: date
    title: str
    text: str = ""
    url: str = ""


def calendar_file(name: str, events: Iterable[DayEvent], *, host: str, at: datetime) -> bytes:
    """Return a calendar of some events, as it is at a moment.

    ``host`` keeps the ids of events apart from those of other installations.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{_PRODUCT}",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{escaped(name)}",
        *(line for event in events for line in _event(event, host, at)),
        "END:VCALENDAR",
    ]
    return b"".join(folded(line) for line in lines)


def escaped(text: str) -> str:
    """Return a text as the value of a property holds it (RFC 5545, 3.3.11)."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", plain).translate(_ESCAPED)


def folded(line: str) -> bytes:
    """Return a line with its break, folded between letters where it is too long."""
    whole = line.encode("utf-8", "replace")
    if len(whole) <= MOST_OCTETS:
        return whole + b"\r\n"
    pieces: list[bytes] = []
    piece = b""
    for letter in line:
        encoded = letter.encode("utf-8", "replace")
        if len(piece) + len(encoded) > MOST_OCTETS:
            pieces.append(piece)
            piece = b" "
        piece += encoded
    return b"\r\n".join([*pieces, piece]) + b"\r\n"


def _event(event: DayEvent, host: str, at: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(event.key, host)}"
    yield f"DTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{_day(event.day)}"
    yield f"DTEND;VALUE=DATE:{_day(event.day + timedelta(days=1))}"
    yield f"SUMMARY:{escaped(event.title)}"
    if event.text:
        yield f"DESCRIPTION:{escaped(event.text)}"
    if event.url:
        yield f"URL:{event.url}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _uid(key: str, host: str) -> str:
    """Return the id of an event: the same whenever it is read, and nothing that names it."""
    return f"{hashlib.sha256(key.encode()).hexdigest()[:32]}@{host}"


def _day(day: date) -> str:
    return day.isoformat().replace("-", "")
