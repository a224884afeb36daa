"""Metrics as checks hold them against a rule: exact, finite, by slice, and in words."""

import math
from decimal import ROUND_DOWN, Decimal

from apps.validation.checks.recorded import Metric, Record

LARGEST = 1.7976931348623157e308
"""What MLflow clients send for infinity, and so none to judge by."""

PARTS_OF_A_KEY = 3


def is_finite(value: float) -> bool:
    """Say whether a value is a number one can judge by."""
    return math.isfinite(value) and abs(value) < LARGEST


def exact(value: float) -> Decimal:
    """Return a finite value as it is written, so that 0.9 less 0.89 is 0.01."""
    return Decimal(repr(value))


def cut(value: Decimal | float, places: int = 3) -> str:
    """Return a number in few decimals, never rounded up to a limit it does not reach."""
    digits = value if isinstance(value, Decimal) else exact(value)
    return f"{digits.quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN):f}"


def percent(share: Decimal) -> str:
    """Return a share in percent, never rounded up."""
    text = cut(share * 100, 1)
    return f"{text.removesuffix('.0')} %"


def with_interval(metric: Metric) -> str:
    """Return a measured value with the interval it was given."""
    if metric.lower is None or metric.upper is None:
        return repr(metric.value)
    return f"{metric.value!r} [{metric.lower!r}, {metric.upper!r}]"


def interval_of(metric: Metric) -> tuple[Decimal, Decimal] | None:
    """Return both ends of an interval, when there are both and the value lies between them."""
    if metric.lower is None or metric.upper is None:
        return None
    if not (is_finite(metric.lower) and is_finite(metric.upper)):
        return None
    if not metric.lower <= metric.value <= metric.upper:
        return None
    return exact(metric.lower), exact(metric.upper)


def place(key: str, dataset: str, part: str = "") -> str:
    """Return where a value was measured: ``auc on holdout, sex=female``."""
    where = f"{key} on {dataset}" if dataset else key
    return f"{where}, {part}" if part else where


def place_of(metric: Metric) -> str:
    """Return where a metric was measured."""
    return place(metric.key, metric.dataset, metric.slice)


def slice_of(metric: Metric, name: str) -> str | None:
    """Return the slice on which a metric is this measure, empty for all the data, or nothing.

    MLflow clients cannot name a slice; they write it into the key: ``recall/sex/female``.
    """
    if metric.key == name:
        return metric.slice
    if metric.slice or not metric.key.startswith(f"{name}/"):
        return None
    parts = metric.key.rsplit("/", PARTS_OF_A_KEY - 1)
    if len(parts) != PARTS_OF_A_KEY or parts[0] != name:
        return None
    return f"{parts[1]}={parts[2]}"


def digest_of_data(metric: Metric, record: Record) -> str:
    """Return the digest of the data a metric was measured on, empty when nobody recorded it."""
    if metric.dataset_digest:
        return metric.dataset_digest
    known = {data.digest for data in record.datasets if data.name == metric.dataset}
    return known.pop() if len(known) == 1 else ""


def require_between(name: str, value: Decimal, least: Decimal | int, most: Decimal | int) -> None:
    """Refuse a parameter outside its bounds.

    Raises:
        ValueError: when it is outside, or no number.
    """
    if not value.is_finite() or not least <= value <= most:
        raise ValueError(f"{name} is a number from {least} to {most}")
