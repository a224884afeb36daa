"""How far two spreads of a feature lie apart: population stability index, Kolmogorov-Smirnov."""

import math
from collections.abc import Sequence
from itertools import accumulate

LEAST_COUNT = 0.5
"""What stands for an empty bin that the other side has cases in, where a logarithm needs one."""


def stability_index(reference: Sequence[float], current: Sequence[float]) -> float:
    """Return the population stability index of two spreads over the same bins."""
    total, others = sum(reference), sum(current)
    index = 0.0
    for before, after in zip(reference, current, strict=True):
        if before or after:
            share = max(before, LEAST_COUNT) / total
            other = max(after, LEAST_COUNT) / others
            index += (other - share) * math.log(other / share)
    return index


def index_by_chance(bins: int, count: float, other: float) -> float:
    """Return the stability index that two samples of the same data have on average."""
    return (bins - 1) * (1 / count + 1 / other)


def largest_gap(reference: Sequence[float], current: Sequence[float]) -> float:
    """Return the Kolmogorov-Smirnov distance as far as the ends of the bins show it.

    Within a bin the two may lie further apart: it is the least the distance can be.
    """
    total, others = sum(reference), sum(current)
    steps = zip(accumulate(reference), accumulate(current), strict=True)
    return max(abs(before / total - after / others) for before, after in steps)


def critical_gap(count: float, other: float, alpha: float) -> float:
    """Return the distance that two samples of the same data exceed once in 1/alpha times."""
    return math.sqrt(-math.log(alpha / 2) / 2) * math.sqrt((count + other) / (count * other))
