"""Where a measured value lies between its thresholds, and how points in a row become breaches.

A breach opens with the first point past a band. It ends with the second point in a row that is back
in green, so that a value that swings about a threshold is one breach and not many. While it lasts
it keeps the worst band it reached.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from apps.core.inputs import InputRefused

GREENS_TO_END = 2
"""How many points in a row have to be green before a breach ends."""
MOST_THRESHOLD = 40
_LARGEST = Decimal("1e300")


class Band(StrEnum):
    """How good a value is."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"

    @property
    def severity(self) -> int:
        """Which band is worse: the greater number."""
        return list(Band).index(self)


def worst(bands: Iterable[Band]) -> Band:
    """Return the worst of some bands; green of none."""
    return max(bands, key=lambda band: band.severity, default=Band.GREEN)


@dataclass(frozen=True)
class Bands:
    """The thresholds of a series: below the least or above the most of a band, a value is in it."""

    amber_least: str = ""
    amber_most: str = ""
    red_least: str = ""
    red_most: str = ""

    def require(self) -> None:
        """Refuse thresholds that are no numbers, or of which some could never be reached."""
        amber_least, amber_most = _number(self.amber_least), _number(self.amber_most)
        red_least, red_most = _number(self.red_least), _number(self.red_most)
        if not _rises(red_least, amber_least):
            raise InputRefused("The least of red is not below the least of amber.")
        if not _rises(amber_most, red_most):
            raise InputRefused("The most of red is not above the most of amber.")
        floors = [one for one in (amber_least, red_least) if one is not None]
        ceilings = [one for one in (amber_most, red_most) if one is not None]
        if floors and ceilings and max(floors) > min(ceilings):
            raise InputRefused("No value could be green: the least lies above the most.")

    @property
    def is_set(self) -> bool:
        """Whether there is any threshold."""
        return any((self.amber_least, self.amber_most, self.red_least, self.red_most))

    def of(self, value: float) -> Band:
        """Return the band a value lies in, compared exactly as it is written."""
        exact = Decimal(repr(value))
        if _is_past(exact, self.red_least, self.red_most):
            return Band.RED
        return Band.AMBER if _is_past(exact, self.amber_least, self.amber_most) else Band.GREEN


@dataclass(frozen=True)
class Episode:
    """A stretch of points past a band; it has no end while it lasts."""

    band: Band
    started_at: datetime
    value: float
    ended_at: datetime | None = None


@dataclass
class Walk:
    """Goes through points in order of time and notes where breaches begin and end."""

    bands: Bands
    current: Episode | None = None
    greens: int = 0
    """How many points in a row before this were green."""

    def through(self, points: Iterable[tuple[datetime, float]]) -> list[Episode]:
        """Return the episodes the points make, the one that lasts still as the last."""
        ended: list[Episode] = []
        for at, value in points:
            finished = self._step(at, value)
            if finished is not None:
                ended.append(finished)
        return [*ended, self.current] if self.current else ended

    def _step(self, at: datetime, value: float) -> Episode | None:
        band = self.bands.of(value)
        if band is not Band.GREEN:
            self.greens = 0
            if self.current is None:
                self.current = Episode(band, at, value)
            elif band.severity > self.current.band.severity:
                self.current = Episode(band, self.current.started_at, value)
            return None
        self.greens += 1
        if self.current is None or self.greens < GREENS_TO_END:
            return None
        one = self.current
        self.current = None
        return Episode(one.band, one.started_at, one.value, at)


def threshold(text: str) -> str:
    """Return a threshold as it is kept, or nothing for an empty one.

    Raises:
        InputRefused: when it is no plain number.
    """
    text = text.strip()
    _number(text)
    return text


def _number(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        number = Decimal(text) if len(text) <= MOST_THRESHOLD and text.isascii() else None
    except InvalidOperation:
        number = None
    if number is None or "_" in text or not _is_in_reach(number):
        raise InputRefused(f"A threshold is a number such as 0.85, not {text!a:.60}.")
    return number


def _is_in_reach(number: Decimal) -> bool:
    """Say whether a number is no larger than values can be; a copy, since abs() may overflow."""
    return number.is_finite() and number.copy_abs() <= _LARGEST


def _rises(lower: Decimal | None, upper: Decimal | None) -> bool:
    return lower is None or upper is None or lower < upper


def _is_past(value: Decimal, least: str, most: str) -> bool:
    return bool(least and value < Decimal(least)) or bool(most and value > Decimal(most))
