"""How numbers, sizes, times, names and digests are written for people."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.timesince import timesince

THIN_SPACE = "\u202f"
NO_BREAK = "\u00a0"
HEAD, TAIL = 4, 4
UNITS = ("kB", "MB", "GB", "TB", "PB")
_LONG_DIGEST = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{32,128}(?![0-9A-Za-z])")


class DigestParts(NamedTuple):
    """A digest cut where it is folded: what is shown, what is hidden, what is shown again."""

    head: str
    middle: str
    tail: str


def digest_parts(value: str) -> DigestParts:
    """Cut a digest so that its algorithm and both ends stay visible."""
    algorithm, colon, digits = value.rpartition(":")
    if len(digits) <= HEAD + TAIL:
        return DigestParts(value, "", "")
    return DigestParts(algorithm + colon + digits[:HEAD], digits[HEAD:-TAIL], digits[-TAIL:])


def short_digest(value: str) -> str:
    """Shorten a digest in the middle: ``sha256:9f2c…e41a``."""
    parts = digest_parts(value)
    return f"{parts.head}…{parts.tail}" if parts.middle else value


def short_reference(text: str) -> str:
    """Shorten the digests within a name, and nothing else: ``loans@sha256:9f2c…e41a``."""
    return _LONG_DIGEST.sub(lambda found: short_digest(found[0]), text)


def measure(value: float) -> str:
    """Write a measured number with four digits that count: ``0.8371``."""
    return f"{value:.4g}".replace("-", "−")


def grouped(number: int) -> str:
    """Write a whole number with its thousands apart: ``48 213``."""
    return f"{number:,}".replace(",", THIN_SPACE)


def size(count: int) -> str:
    """Write a number of bytes in the unit a person would choose: ``48.2 MB``."""
    if count < 1000:
        return f"{count}{NO_BREAK}byte{'' if count == 1 else 's'}"
    power = 1
    while power < len(UNITS) and round(count / 1000**power, 1) >= 1000:
        power += 1
    return f"{count / 1000**power:.1f}{NO_BREAK}{UNITS[power - 1]}"


def duration(length: timedelta | float) -> str:
    """Write a length of time with the one or two units that matter: ``3 min 20 s``."""
    seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
    if seconds < 0.05:
        return f"under 0.1{NO_BREAK}s"
    if seconds < 9.95:
        return f"{seconds:.1f}{NO_BREAK}s"
    whole = round(seconds)
    if whole < 60:
        return _amounts((whole, "s"))
    if whole < 3600:
        return _amounts((whole // 60, "min"), (whole % 60, "s"))
    if whole < 86_400:
        return _amounts((whole // 3600, "h"), (whole % 3600 // 60, "min"))
    days = whole // 86_400
    return _amounts((days, "day" if days == 1 else "days"), (whole % 86_400 // 3600, "h"))


def _amounts(*amounts: tuple[int, str]) -> str:
    return " ".join(f"{number}{NO_BREAK}{unit}" for number, unit in amounts if number)


def initials(name: str) -> str:
    """Take the first letters of the first and last word of a name: ``MO``."""
    words = re.findall(r"\w+", name)
    return "".join(word[0] for word in (words if len(words) < 2 else (words[0], words[-1]))).upper()


def calendar_day(day: date) -> str:
    """Write a day as on a letter: ``21 Nov 2026``."""
    return f"{day.day} {day:%b %Y}"


def moment(at: datetime, form: str) -> str:
    """Write a moment in UTC: ``full``, ``short`` without year, its ``day``, or how long ``ago``."""
    at = at.astimezone(UTC)
    if form == "day":
        return calendar_day(at)
    if form == "ago":
        return since(at, now=timezone.now())
    if form == "short":
        return f"{at.day} {at:%b, %H:%M}"
    return f"{calendar_day(at)}, {at:%H:%M} UTC"


def since(at: datetime, *, now: datetime) -> str:
    """Say how long ago a moment was, in its largest unit: ``4 minutes ago``."""
    if now - at < timedelta(minutes=1):
        return "just now"
    return f"{timesince(at, now, depth=1)} ago"
