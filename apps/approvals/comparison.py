"""What changes when a version replaces the one in production: measures first, then the rest."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from apps.catalog.facts import final_metrics
from apps.catalog.models import ModelVersion, RunMetric, RunParameter
from apps.validation import signatures
from apps.validation.checks.schema_declared import Declared

_SIGNIFICANT = 4

Key: TypeAlias = tuple[str, str, str]
"""A measure: its dataset, its slice, its name."""
Measured: TypeAlias = Mapping[Key, RunMetric]


@dataclass(frozen=True)
class MeasureChange:
    """One measure of both versions on the same dataset and slice."""

    key: str
    slice: str
    dataset: str
    before: float | None
    after: float | None
    higher_is_better: bool | None
    lower: float | None = None
    upper: float | None = None

    @property
    def difference(self) -> str:
        """The signed difference, or nothing when one side is missing."""
        if self.before is None or self.after is None:
            return ""
        if _is_same(self.before, self.after):
            return "0"
        return f"{self.after - self.before:+.{_SIGNIFICANT}g}".replace("-", "−")

    @property
    def has_interval(self) -> bool:
        """Whether both ends of the newer value's interval are known."""
        return self.lower is not None and self.upper is not None

    @property
    def sense(self) -> str:
        """Whether the change is better, worse or the same, as far as the measure says which."""
        if self.before is None or self.after is None or self.higher_is_better is None:
            return "same"
        if _is_same(self.before, self.after):
            return "same"
        return "better" if (self.after > self.before) == self.higher_is_better else "worse"


def _is_same(before: float, after: float) -> bool:
    """Say whether two values are the same number, but for what floating point adds."""
    return math.isclose(before, after, rel_tol=1e-9)


@dataclass(frozen=True)
class Dataset:
    """What was measured on one dataset: first what a signer must see, then the other slices."""

    name: str
    measures: Sequence[MeasureChange]
    slices: Sequence[MeasureChange]

    @property
    def slices_in_words(self) -> str:
        count = len(self.slices)
        return f"{count} other measure{'s' if count != 1 else ''} by slice"


@dataclass(frozen=True)
class Comparison:
    """A version beside the one it would replace, or alone when there is none."""

    before: ModelVersion | None
    after: ModelVersion
    datasets: Sequence[Dataset]
    notes: Sequence[str]

    @property
    def has_intervals(self) -> bool:
        """Whether any measure says how certain it is."""
        return any(
            measure.has_interval
            for dataset in self.datasets
            for measure in (*dataset.measures, *dataset.slices)
        )


def compare(before: ModelVersion | None, after: ModelVersion) -> Comparison:
    """Compare two versions in a fixed number of queries."""
    run_ids = [version.run_id for version in (before, after) if version and version.run_id]
    measured = _final_metrics(run_ids)
    changes = _changes(
        measured.get(before.run_id or 0, {}) if before else {},
        measured.get(after.run_id or 0, {}),
    )
    notes = _notes(before, after, run_ids) if before else ()
    return Comparison(before, after, _by_dataset(changes), notes)


def _final_metrics(run_ids: Sequence[int]) -> Mapping[int, Measured]:
    """Return the value at the highest step of every measure of some runs on a dataset."""
    final: dict[int, dict[Key, RunMetric]] = defaultdict(dict)
    for metric in final_metrics(run_ids).exclude(dataset=""):
        final[metric.run_id][metric.dataset, metric.slice, metric.key] = metric
    return final


def _changes(before: Measured, after: Measured) -> Iterable[MeasureChange]:
    """Pair what either version measured, so that a measure that is gone is seen too."""
    for place in sorted(before.keys() | after.keys()):
        dataset, part, key = place
        then, now = before.get(place), after.get(place)
        known = now or then
        yield MeasureChange(
            key=key,
            slice=part,
            dataset=dataset,
            before=then.number if then else None,
            after=now.number if now else None,
            higher_is_better=known.higher_is_better if known else None,
            lower=now.lower if now else None,
            upper=now.upper if now else None,
        )


def _by_dataset(changes: Iterable[MeasureChange]) -> list[Dataset]:
    found: dict[str, tuple[list[MeasureChange], list[MeasureChange]]] = {}
    for change in changes:
        first, others = found.setdefault(change.dataset, ([], []))
        is_seen_first = not change.slice or change.sense == "worse" or change.after is None
        (first if is_seen_first else others).append(change)
    return [Dataset(name, first, others) for name, (first, others) in found.items()]


def _notes(before: ModelVersion, after: ModelVersion, run_ids: Sequence[int]) -> list[str]:
    return [
        note
        for note in (
            _parameter_note(before, after, run_ids),
            _column_note(before, after),
            _text_note("Framework", before.framework, after.framework),
            _text_note("Python", before.python_version, after.python_version),
        )
        if note
    ]


def _parameter_note(before: ModelVersion, after: ModelVersion, run_ids: Sequence[int]) -> str:
    by_run: dict[int, dict[str, str]] = {}
    for parameter in RunParameter.objects.filter(run__in=run_ids):
        by_run.setdefault(parameter.run_id, {})[parameter.key] = parameter.value
    then, now = by_run.get(before.run_id or 0, {}), by_run.get(after.run_id or 0, {})
    changed = sum(then.get(key) != now.get(key) for key in then.keys() | now.keys())
    return f"{changed} parameter{'s' if changed != 1 else ''} changed" if changed else ""


def _column_note(before: ModelVersion, after: ModelVersion) -> str:
    then, now = input_columns(before), input_columns(after)
    added, removed = sorted(now - then), sorted(then - now)
    parts = []
    if added:
        parts.append(f"{_inputs(len(added))} added ({_some(added)})")
    if removed:
        parts.append(f"{_inputs(len(removed))} removed ({_some(removed)})")
    return ", ".join(parts)


def input_columns(version: ModelVersion) -> set[str]:
    """Return the names of the declared inputs; none when they cannot be read."""
    inputs = signatures.declared_by(version).get("inputs")
    return set(inputs.names) if isinstance(inputs, Declared) else set()


def _inputs(count: int) -> str:
    return f"{count} input column{'s' if count != 1 else ''}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _text_note(label: str, before: str, after: str) -> str:
    if before == after:
        return ""
    return f"{label} {before or 'not recorded'} → {after or 'not recorded'}"
