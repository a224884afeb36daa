"""What a version's run measured: final values beside the champion's, and series over steps."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from django.db.models import Count, Q, QuerySet

from apps.approvals.comparison import MeasureChange
from apps.catalog.facts import final_metrics
from apps.catalog.models import Alias, ModelVersion, RunMetric
from apps.catalog.models.labels import CHAMPION
from apps.console.plots import LinePlot

MOST_SERIES = 12
MOST_POINTS = 20_000
MOST_TABLED = 50

Key: TypeAlias = tuple[str, str, str]
"""A measure: its name, its dataset, its slice."""


@dataclass(frozen=True)
class Measure:
    """One final value with its interval, beside the champion's value on the same data."""

    key: str
    slice: str
    value: float
    lower: float | None
    upper: float | None
    higher_is_better: bool | None
    change: MeasureChange | None

    @property
    def text(self) -> str:
        return number(self.value)

    @property
    def interval(self) -> str:
        """The interval in words, or nothing when it is not known."""
        if self.lower is None or self.upper is None:
            return ""
        return f"{number(self.lower)} to {number(self.upper)}"

    @property
    def delta(self) -> str:
        """The signed difference from the champion."""
        return self.change.difference if self.change else ""

    @property
    def champion_text(self) -> str:
        """The champion's value, or nothing when it was not measured on the same data."""
        before = self.change.before if self.change else None
        return "" if before is None else number(before)

    @property
    def direction(self) -> str:
        """What is better, as far as the run said so."""
        if self.higher_is_better is None:
            return ""
        return "higher is better" if self.higher_is_better else "lower is better"


class Point(NamedTuple):
    """One value of a series, with its interval where it is known."""

    step: int
    value: float
    lower: float | None
    upper: float | None


@dataclass(frozen=True)
class Dataset:
    """All that was measured on one dataset; measures without one come under no name."""

    name: str
    measures: Sequence[Measure]


@dataclass(frozen=True)
class Series:
    """One measure over the steps of a run, as a drawing and as rows."""

    key: str
    dataset: str
    plot: LinePlot
    points: Sequence[tuple[int, str]]
    count: int

    @property
    def is_thinned(self) -> bool:
        return len(self.points) < self.count


def count(version: ModelVersion) -> int:
    """Return how many measures a version's run left."""
    if version.run_id is None:
        return 0
    measured = RunMetric.objects.filter(run=version.run_id).order_by()
    return measured.values("key", "dataset", "slice").distinct().count()


def champion_beside(version: ModelVersion) -> ModelVersion | None:
    """Return the champion a version is compared with, unless it is the champion itself."""
    alias = (
        Alias.objects.filter(model=version.model_id, name=CHAMPION)
        .exclude(version=version)
        .select_related("version")
        .first()
    )
    return alias.version if alias else None


def by_dataset(version: ModelVersion, champion: ModelVersion | None) -> list[Dataset]:
    """Return the final values of a version, the whole of a dataset before its slices."""
    run_ids = [found.run_id for found in (version, champion) if found and found.run_id]
    if version.run_id is None:
        return []
    final = _final(run_ids)
    own = final.get(version.run_id, {})
    then = final.get(champion.run_id or 0, {}) if champion else {}
    grouped: dict[str, list[Measure]] = defaultdict(list)
    for key in sorted(own, key=lambda key: (key[1], key[2] != "", key[0], key[2])):
        grouped[key[1]].append(_measure(own[key], then.get(key)))
    named = sorted(grouped, key=lambda name: (name == "", name))
    return [Dataset(name, grouped[name]) for name in named]


def headline(datasets: Sequence[Dataset], count: int) -> list[tuple[str, Measure]]:
    """Return the measures that say most: those of a whole dataset, and with an interval if any."""
    whole = [
        (dataset.name, measure)
        for dataset in datasets
        if dataset.name
        for measure in dataset.measures
        if not measure.slice
    ]
    certain = [found for found in whole if found[1].lower is not None]
    return (certain or whole)[:count]


def _final(run_ids: Sequence[int]) -> Mapping[int, Mapping[Key, RunMetric]]:
    """Return the value at the last step of every measure of some runs, in one query."""
    final: dict[int, dict[Key, RunMetric]] = defaultdict(dict)
    for metric in final_metrics(run_ids):
        final[metric.run_id][metric.key, metric.dataset, metric.slice] = metric
    return final


def _measure(now: RunMetric, then: RunMetric | None) -> Measure:
    change = MeasureChange(
        key=now.key,
        slice=now.slice,
        dataset=now.dataset,
        before=then.number if then else None,
        after=now.number,
        higher_is_better=now.higher_is_better,
    )
    return Measure(
        key=now.key,
        slice=now.slice,
        value=now.number,
        lower=now.lower,
        upper=now.upper,
        higher_is_better=now.higher_is_better,
        change=change if then else None,
    )


def series(version: ModelVersion) -> list[Series]:
    """Return what was measured at more than one step, thinned for the table under each drawing."""
    if version.run_id is None:
        return []
    measured = RunMetric.objects.filter(run=version.run_id)
    stepped = (
        measured.values_list("key", "dataset", "slice")
        .annotate(points=Count("pk"))
        .filter(points__gt=1)
        .order_by("key", "dataset", "slice")[:MOST_SERIES]
    )
    counts = {(key, dataset, part): points for key, dataset, part, points in stepped}
    points = _points(measured, counts)
    return [_series(key, points[key], counts[key]) for key in counts if len(points[key]) > 1]


def _points(measured: QuerySet[RunMetric], keys: Iterable[Key]) -> Mapping[Key, list[Point]]:
    wanted = Q(pk__in=())
    for key, dataset, part in keys:
        wanted |= Q(key=key, dataset=dataset, slice=part)
    rows = measured.filter(wanted, is_nan=False)
    ordered = rows.order_by("key", "dataset", "slice", "step", "measured_ms", "pk")
    points: dict[Key, list[Point]] = defaultdict(list)
    columns = ("key", "dataset", "slice", "step", "value", "lower", "upper")
    for key, dataset, part, *point in ordered.values_list(*columns)[:MOST_POINTS]:
        points[key, dataset, part].append(Point(*point))
    return points


def _series(key: Key, points: Sequence[Point], count: int) -> Series:
    name = f"{key[0]}, {key[2]}" if key[2] else key[0]
    every = -(-len(points) // MOST_TABLED)
    tabled = [*points[:-1:every], points[-1]]
    return Series(
        key=name,
        dataset=key[1],
        plot=LinePlot.of(
            [(point.step, point.value) for point in points],
            [(point.lower, point.upper) for point in points],
        ),
        points=[(point.step, number(point.value)) for point in tabled],
        count=count,
    )


def number(value: float) -> str:
    """Write a measured number with four digits that count and a true minus sign."""
    return f"{value:.4g}".replace("-", "−")
