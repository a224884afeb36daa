"""Metrics by slice, read into groups to compare: those of one attribute on one dataset."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from apps.validation.checks.measured import slice_of
from apps.validation.checks.recorded import Metric

SELECTION_RATE = "selection_rate"
SAMPLE_SIZE = "sample_size"
ERROR_RATES = ("true_positive_rate", "false_positive_rate", "false_negative_rate")
ALIASES: Mapping[str, tuple[str, ...]] = {
    SELECTION_RATE: (SELECTION_RATE,),
    "true_positive_rate": ("true_positive_rate", "tpr"),
    "false_positive_rate": ("false_positive_rate", "fpr"),
    "false_negative_rate": ("false_negative_rate", "fnr"),
    SAMPLE_SIZE: (SAMPLE_SIZE, "count", "support", "n"),
}
"""What each measure may be called."""

LARGEST_EXACT = 2.0**53
_BETWEEN = re.compile(r"\s*[,&]\s*")
_IS = re.compile(r"\s*(?<![<>!])=\s*")


@dataclass(slots=True)
class Group:
    """One group of people or cases, and what was measured of it."""

    name: str
    values: dict[str, float] = field(default_factory=dict)
    disputed: set[str] = field(default_factory=set)
    """Measures recorded twice, with different values."""

    @property
    def size(self) -> int | None:
        """How many cases it has; nothing when no whole number of them is recorded."""
        value = self.values.get(SAMPLE_SIZE)
        if (
            value is None
            or SAMPLE_SIZE in self.disputed
            or not 0 <= value <= LARGEST_EXACT
            or value != int(value)
        ):
            return None
        return int(value)

    def put(self, measure: str, value: float) -> None:
        """Note a measured value."""
        if repr(self.values.setdefault(measure, value)) != repr(value):
            self.disputed.add(measure)


@dataclass(frozen=True, slots=True)
class Attribute:
    """Groups that differ by one attribute, or by several together, on one dataset."""

    name: str
    dataset: str
    groups: tuple[Group, ...]

    @property
    def place(self) -> str:
        """How it is called: ``sex on holdout``."""
        return f"{self.name} on {self.dataset}" if self.dataset else self.name


def attributes(metrics: Iterable[Metric], measures: Iterable[str]) -> list[Attribute]:
    """Return every attribute by whose groups one of these measures was taken, in order."""
    wanted = [measure for measure in dict.fromkeys(measures) if measure != SAMPLE_SIZE]
    found: dict[tuple[str, str], dict[str, Group]] = defaultdict(dict)
    for metric in metrics:
        for measure in (*wanted, SAMPLE_SIZE):
            part = _part(metric, measure)
            if part:
                attribute, name = parted(part)
                groups = found[attribute, metric.dataset]
                groups.setdefault(name, Group(name)).put(measure, metric.value)
    return [
        Attribute(name, dataset, tuple(measured))
        for (name, dataset), groups in sorted(found.items())
        if (measured := [groups[key] for key in sorted(groups) if _is_measured(groups[key])])
    ]


def parted(part: str) -> tuple[str, str]:
    """Return the attribute of a slice and the name of its group.

    ``sex=female`` is a group of *sex*, ``sex=female, age=under 30`` one of *age and sex*, in any
    order; a slice without ``=`` is an attribute of its own.
    """
    whole = part.strip()
    pairs = [_IS.split(pair, 1) for pair in sorted(_BETWEEN.split(whole))]
    if not all(len(pair) > 1 for pair in pairs):
        pairs = [_IS.split(whole, 1)]
    names = [name for name, *_ in pairs]
    return " and ".join(names), ", ".join("=".join(pair) for pair in pairs)


def _part(metric: Metric, measure: str) -> str | None:
    names = ALIASES.get(measure, (measure,))
    return next((part for name in names if (part := slice_of(metric, name)) is not None), None)


def _is_measured(group: Group) -> bool:
    return any(measure != SAMPLE_SIZE for measure in group.values)
