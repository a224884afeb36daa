"""What the versions of a model measured, one after the other."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from apps.catalog.facts import final_metrics
from apps.catalog.models import ModelVersion
from apps.console.plots import WhiskerPlot
from apps.console.queries.measures import Measure, number

MOST_VERSIONS = 30


@dataclass(frozen=True)
class Trend:
    """One measure over versions, as a drawing and as rows."""

    key: str
    dataset: str
    plot: WhiskerPlot
    points: Sequence[tuple[str, str, str]]


def over_versions(version: ModelVersion, measures: Sequence[tuple[str, Measure]]) -> list[Trend]:
    """Return measures of a version as they were in the versions up to it, in two queries.

    ``measures`` are pairs of dataset and measure. One that only this version has shows no trend.
    """
    before = version.model.versions.filter(
        number__lte=version.number, deleted_at=None, run__isnull=False
    )
    numbers = dict(before.order_by("-number").values_list("run_id", "number")[:MOST_VERSIONS])
    wanted = {(dataset, measure.key) for dataset, measure in measures}
    found: dict[tuple[str, str], list[_Point]] = defaultdict(list)
    rows = final_metrics(list(numbers)).filter(
        slice="", is_nan=False, key__in={key for _, key in wanted}
    )
    for row in rows.order_by("run_id", "pk"):
        if (row.dataset, row.key) in wanted:
            found[row.dataset, row.key].append(
                _Point(numbers[row.run_id], row.value, row.lower, row.upper)
            )
    return [
        _trend(dataset, measure.key, found[dataset, measure.key], version.number)
        for dataset, measure in measures
        if len(found[dataset, measure.key]) > 1
    ]


@dataclass(frozen=True)
class _Point:
    number: int
    value: float
    lower: float | None
    upper: float | None

    @property
    def interval(self) -> tuple[float, float] | None:
        return None if self.lower is None or self.upper is None else (self.lower, self.upper)

    @property
    def interval_in_words(self) -> str:
        return f"{number(self.interval[0])} to {number(self.interval[1])}" if self.interval else ""


def _trend(dataset: str, key: str, points: Sequence[_Point], here: int) -> Trend:
    ordered = sorted(points, key=lambda point: point.number)
    return Trend(
        key,
        dataset,
        WhiskerPlot.of(
            [(f"v{point.number}", point.value, point.interval) for point in ordered], f"v{here}"
        ),
        [(f"v{point.number}", number(point.value), point.interval_in_words) for point in ordered],
    )
