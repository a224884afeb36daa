"""The run a version came from: what it was given, what it read, what it measured."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from apps.api.v1.answers.base import Answer
from apps.catalog.facts import final_metrics
from apps.catalog.models import Run, RunMetric


class Dataset(Answer):
    """A dataset a run read, and what for."""

    name: str
    digest: str
    context: str
    source_type: str


class Point(Answer):
    """A measured number; ``value`` is nothing where what was measured is no number."""

    step: int
    value: float | None
    measured_ms: int | None
    lower: float | None
    upper: float | None


class Metric(Point):
    """The newest point of a series."""

    key: str
    dataset: str
    slice: str
    higher_is_better: bool | None


class MetricPage(Answer):
    """Some points of one series in the order of their steps; ``next`` leads on, or is nothing."""

    points: list[Point]
    next: str | None

    @classmethod
    def of(cls, metrics: Iterable[RunMetric], following: str) -> "MetricPage":
        return cls(points=[Point(**_point(one)) for one in metrics], next=following or None)


class RunAnswer(Answer):
    """A training or evaluation run."""

    uid: str
    name: str
    source: str
    status: str
    started_at: datetime | None
    ended_at: datetime | None
    parameters: dict[str, str]
    metrics: list[Metric]
    datasets: list[Dataset]

    @classmethod
    def of(cls, run: Run) -> "RunAnswer":
        """Return a run with its parameters, datasets and final metrics."""
        metrics = final_metrics([run.pk]).order_by("key", "dataset", "slice", "pk")
        datasets = run.datasets.order_by("name", "digest", "context", "pk")
        return cls(
            uid=run.uid,
            name=run.name,
            source=run.source,
            status=run.status,
            started_at=run.started_at,
            ended_at=run.ended_at,
            parameters=dict(run.parameters.order_by("key").values_list("key", "value")),
            metrics=[_metric(metric) for metric in metrics],
            datasets=[
                Dataset(
                    name=one.name,
                    digest=one.digest,
                    context=one.context,
                    source_type=one.source_type,
                )
                for one in datasets
            ],
        )


def _metric(metric: RunMetric) -> Metric:
    return Metric(
        **_point(metric),
        key=metric.key,
        dataset=metric.dataset,
        slice=metric.slice,
        higher_is_better=metric.higher_is_better,
    )


def _point(metric: RunMetric) -> dict[str, Any]:
    return {
        "step": metric.step,
        "value": None if metric.is_nan else metric.value,
        "measured_ms": metric.measured_ms,
        "lower": metric.lower,
        "upper": metric.upper,
    }
