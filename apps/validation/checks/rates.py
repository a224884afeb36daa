"""How rates of groups differ: their ratio, their distance, and whether chance alone does that."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.validation.checks.measured import exact


@dataclass(frozen=True, slots=True)
class Rate:
    """What was measured of one group."""

    group: str
    value: float
    size: int | None

    @property
    def words(self) -> str:
        """The value with the number of cases behind it."""
        cases = "" if self.size is None else f" of {self.size:,}"
        return f"{self.group} {self.value!r}{cases}"


def ordered(rates: Sequence[Rate]) -> list[Rate]:
    """Return rates from the lowest to the highest; equal ones by their groups."""
    return sorted(rates, key=lambda rate: (rate.value, rate.group))


def ratio(low: Rate, high: Rate) -> Decimal:
    """Return which share of the higher rate the lower one is."""
    return exact(low.value) / exact(high.value)


def distance(low: Rate, high: Rate) -> Decimal:
    """Return by how much two rates differ."""
    return exact(high.value) - exact(low.value)


def z_of(low: Rate, high: Rate) -> float | None:
    """Return the z statistic of two proportions; nothing when sizes or variation are missing."""
    if not low.size or not high.size:
        return None
    pooled = (low.value * low.size + high.value * high.size) / (low.size + high.size)
    variance = pooled * (1 - pooled) * (1 / low.size + 1 / high.size)
    if variance <= 0:
        return None
    return (high.value - low.value) / math.sqrt(variance)


def chance_of(z: float) -> float:
    """Return how often chance alone brings a z so far from zero, on either side."""
    return math.erfc(abs(z) / math.sqrt(2))
