"""Parameters and metrics of runs, as MLflow clients record them, and the series of a metric."""

from typing import Any

from apps.api.mlflow import asking, errors, keysets, tracked
from apps.api.mlflow.asking import Pair
from apps.api.mlflow.calls import Asked, Call, Json, endpoint
from apps.api.mlflow.finding import run_of
from apps.api.mlflow.keysets import Column
from apps.api.mlflow.runs import Identified
from apps.catalog.models import RunMetric
from apps.catalog.tracking import metrics
from apps.catalog.tracking.metrics import Batch, Point

MOST_POINTS = 25_000
_HERE = "api/2.0/mlflow"


class Metric(Asked, frozen=True):
    """One point of a series. What is no number JSON knows comes as a text, ``NaN`` and the like."""

    key: str
    value: float | str
    timestamp: int
    step: int = 0
    dataset_name: str = ""
    dataset_digest: str = ""
    model_id: str = ""


class MetricOfRun(Metric, frozen=True, kw_only=True):
    run_id: str = ""
    run_uuid: str = ""


class Parameter(Identified, frozen=True, kw_only=True):
    key: str
    value: str = ""


class Entries(Identified, frozen=True):
    metrics: list[Metric] = []
    params: list[Pair] = []
    tags: list[Pair] = []


class Series(Identified, frozen=True, kw_only=True):
    metric_key: str
    max_results: int | None = None
    page_token: str = ""


@endpoint("POST", f"{_HERE}/runs/log-batch", Entries)
def log_batch(call: Call[Entries]) -> Json:
    """Record parameters, metrics and tags of a run, all or none."""
    asked = call.asked
    batch = Batch(
        points=[_point(metric) for metric in asked.metrics],
        parameters=asking.pairs(asked.params),
        tags=asking.pairs(asked.tags),
    )
    return _recorded(call, batch)


@endpoint("POST", f"{_HERE}/runs/log-metric", MetricOfRun)
def log_metric(call: Call[MetricOfRun]) -> Json:
    """Record one point of a metric."""
    return _recorded(call, Batch(points=[_point(call.asked)]))


@endpoint("POST", f"{_HERE}/runs/log-parameter", Parameter)
def log_parameter(call: Call[Parameter]) -> Json:
    """Record one parameter."""
    return _recorded(call, Batch(parameters=[(call.asked.key, call.asked.value)]))


@endpoint("GET", f"{_HERE}/metrics/get-history", Series)
def get_history(call: Call[Series]) -> Json:
    """Answer a page of the points of a metric, by step and then as they came in."""
    asked = call.asked
    run = run_of(call.actor, asked.run_id, asked.run_uuid)
    size = MOST_POINTS if asked.max_results is None else asked.max_results
    found = keysets.page(
        RunMetric.objects.filter(run=run, key=asked.metric_key),
        (Column("step"), Column("pk")),
        size=asking.size_of(size, most=2**31 - 1, at_once=MOST_POINTS),
        token=asked.page_token,
        bound_to=(call.actor.id, run.uid, asked.metric_key),
    )
    return asking.answer("metrics", tracked.points_with_ids(found.ids), found.token)


def _recorded(call: Call[Any], batch: Batch) -> Json:
    run = run_of(call.actor, call.asked.run_id, call.asked.run_uuid)
    metrics.log_batch(run, batch, by=call.actor)
    return {}


def _point(metric: Metric) -> Point:
    return Point(
        key=metric.key,
        value=_number(metric.value),
        measured_ms=metric.timestamp,
        step=metric.step,
        dataset=metric.dataset_name,
        dataset_digest=metric.dataset_digest,
        model=metric.model_id,
    )


def _number(value: float | str) -> float:
    try:
        return float(value)
    except ValueError:
        raise errors.invalid(f"The value {value!a:.50} of a metric is no number.") from None


ENDPOINTS = (log_batch, log_metric, log_parameter, get_history)
