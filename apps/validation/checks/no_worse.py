"""The no-worse rule: when a value is worse than another, given a margin and their intervals."""

from decimal import Decimal
from enum import StrEnum

from apps.validation.checks.measured import exact, interval_of
from apps.validation.checks.recorded import Metric


class Comparison(StrEnum):
    """How a value stands to the one it is held against."""

    BETTER = "better"
    NO_WORSE = "no worse"
    UNCLEAR = "cannot be told apart"
    WORSE = "worse"


def compared(
    candidate: Metric, champion: Metric, *, is_higher_better: bool, margin: Decimal
) -> Comparison:
    """Return how a candidate's finite value stands to the champion's.

    With intervals on both sides it is worse only when the two lie apart by more than the margin:
    the better end of the candidate's is still worse than the worse end of the champion's.
    """
    sign = 1 if is_higher_better else -1
    gain = sign * (exact(candidate.value) - exact(champion.value))
    ends, others = interval_of(candidate), interval_of(champion)
    if gain >= -margin:
        return Comparison.BETTER if gain > 0 else Comparison.NO_WORSE
    if ends is None or others is None:
        return Comparison.WORSE
    best = max(sign * end for end in ends)
    worst = min(sign * end for end in others)
    return Comparison.WORSE if best < worst - margin else Comparison.UNCLEAR


def is_shown(
    candidate: Metric, champion: Metric, *, is_higher_better: bool, margin: Decimal
) -> bool:
    """Say whether the candidate's whole interval lies above the champion's value less the margin.

    That is non-inferiority shown, not only no inferiority seen.
    """
    ends = interval_of(candidate)
    if ends is None:
        return False
    sign = 1 if is_higher_better else -1
    return min(sign * end for end in ends) >= sign * exact(champion.value) - margin
