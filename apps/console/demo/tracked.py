"""Records a training run as an MLflow client does: data it read, parameters, points of metrics."""

from apps.catalog.models import Experiment, Run
from apps.catalog.tracking import metrics, runs
from apps.catalog.tracking.metrics import Batch, Point
from apps.catalog.tracking.runs import CONTEXT, DatasetFacts
from apps.console.demo.training import TrainedVersion
from apps.core.actors import Actor
from apps.core.clock import database_now

SHORT = 8
"""How many digits of a digest MLflow keeps of a dataset."""


def dataset_of(reference: str) -> tuple[str, str]:
    """Return the name and the short digest of a part of a dataset, from its whole reference."""
    name, _, digest = reference.partition("@sha256:")
    return name, digest[:SHORT]


def record(trained: TrainedVersion, experiment: Experiment, *, by: Actor) -> Run:
    """Record the run a version was trained in, start to finish."""
    name = f"{trained.folder.parent.name} {trained.number}"
    run = runs.start_run(experiment, by=by, name=name)
    runs.log_inputs(run, by=by, datasets=_datasets(trained))
    parameters = tuple(trained.parameters.items())
    metrics.log_batch(run, Batch(points=_points(trained), parameters=parameters), by=by)
    return runs.update_run(run, by=by, status=Run.Status.FINISHED, ended_ms=_now())


def _datasets(trained: TrainedVersion) -> list[DatasetFacts]:
    purposes: dict[str, str] = {trained.parameters["training_data"]: "training"}
    for metric in trained.metrics:
        purposes.setdefault(metric.dataset, "eval")
    return [
        DatasetFacts(*dataset_of(reference), source_type="code", tags={CONTEXT: purpose})
        for reference, purpose in purposes.items()
    ]


def _points(trained: TrainedVersion) -> list[Point]:
    now = _now()
    points = []
    for metric in trained.metrics:
        name, digest = dataset_of(metric.dataset)
        at = now + metric.step
        points.append(Point(metric.key, metric.value, at, metric.step, name, digest))
    return points


def _now() -> int:
    return round(database_now().timestamp() * 1000)
