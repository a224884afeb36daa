"""Experiments, runs and logged models as MLflow clients read them, made from plain columns.

However many are shown, each kind of detail is one query. An empty list is left out.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from apps.api.mlflow.shapes import milliseconds, tags_of
from apps.catalog.models import (
    Experiment,
    LoggedModel,
    Run,
    RunDataset,
    RunMetric,
    RunParameter,
    RunTag,
)
from apps.catalog.tracking.addresses import SCHEME
from apps.catalog.tracking.limits import RESERVED
from apps.catalog.tracking.rights import DEFAULT_EXPERIMENT
from apps.catalog.tracking.runs import CONTEXT, MODEL_INPUTS, MODEL_OUTPUTS

Shape = dict[str, Any]
Row = tuple[Any, ...]

EXPERIMENT_COLUMNS = ("pk", "name", "created_at", "touched_at", "deleted_at", "tags")
RUN_COLUMNS = (
    "pk",
    "uid",
    "name",
    "experiment_id",
    "started_by__username",
    "status",
    "created_at",
    "started_at",
    "ended_at",
    "deleted_at",
)
LOGGED_MODEL_COLUMNS = (
    "pk",
    "uid",
    "experiment_id",
    "name",
    "kind",
    "status",
    "status_message",
    "created_at",
    "touched_at",
    "run__uid",
    "parameters",
    "tags",
)
METRIC_COLUMNS = (
    "key",
    "value",
    "is_nan",
    "step",
    "measured_ms",
    "dataset",
    "dataset_digest",
    "logged_model__uid",
    "run__uid",
)


def experiment(row: Row) -> Shape:
    """Return an experiment from its columns."""
    pk, name, created_at, touched_at, deleted_at, tags = row
    return _kept(
        {
            "experiment_id": str(pk),
            "name": name,
            "artifact_location": f"{SCHEME}{pk}",
            "lifecycle_stage": _stage(deleted_at),
            "creation_time": milliseconds(created_at),
            "last_update_time": milliseconds(touched_at),
            "tags": tags_of(tags.items()),
        }
    )


def experiments_with_ids(ids: Sequence[int]) -> list[Shape]:
    """Return experiments by their ids, in that order."""
    rows = Experiment.objects.filter(pk__in=ids).values_list(*EXPERIMENT_COLUMNS)
    return [experiment(row) for row in _in_order(rows, ids)]


def shown_experiment(found: Experiment) -> Shape:
    """Return one experiment."""
    return experiment(tuple(getattr(found, name) for name in EXPERIMENT_COLUMNS))


# -- runs ------------------------------------------------------------------------------------------


def shown_run(found: Run) -> Shape:
    """Return one run with everything recorded of it."""
    rows = Run.objects.filter(pk=found.pk).values_list(*RUN_COLUMNS)
    return runs(list(rows), with_schemas=True)[0]


def shown_info(found: Run) -> Shape:
    """Return what a run is called and how it stands."""
    return _info(Run.objects.values_list(*RUN_COLUMNS).get(pk=found.pk))


def runs_with_ids(ids: Sequence[int]) -> list[Shape]:
    """Return runs by their ids, in that order, without the schemas and profiles of datasets."""
    rows = Run.objects.filter(pk__in=ids).values_list(*RUN_COLUMNS)
    return runs(_in_order(rows, ids))


def runs(rows: Sequence[Row], *, with_schemas: bool = False) -> list[Shape]:
    """Return runs from their columns."""
    ids = [row[0] for row in rows]
    metrics = _newest_metrics(ids)
    parameters = _by_run(RunParameter.objects.filter(run__in=ids), "key", "value")
    tags = _by_run(RunTag.objects.filter(run__in=ids), "key", "value")
    columns = _DATASET_COLUMNS if with_schemas else _DATASET_COLUMNS[:-2]
    datasets = _by_run(RunDataset.objects.filter(run__in=ids), *columns)
    return [
        _run(row, metrics[row[0]], parameters[row[0]], tags[row[0]], datasets[row[0]])
        for row in rows
    ]


_DATASET_COLUMNS = (
    "name",
    "digest",
    "source_type",
    "source",
    "context",
    "tags",
    "schema",
    "profile",
)


def _run(
    row: Row,
    metrics: Iterable[Shape],
    parameters: Iterable[Row],
    tags: Iterable[tuple[str, str]],
    datasets: Iterable[Row],
) -> Shape:
    known: dict[str, str] = dict(tags)
    read = json.loads(known.get(MODEL_INPUTS, "{}"))
    wrote = json.loads(known.get(MODEL_OUTPUTS, "{}"))
    public = ((key, value) for key, value in known.items() if not key.startswith(RESERVED))
    inputs = {
        "dataset_inputs": [_dataset(columns) for columns in datasets],
        "model_inputs": [{"model_id": uid} for uid in read],
    }
    outputs = {
        "model_outputs": [{"model_id": uid, "step": step} for uid, step in wrote.items()],
    }
    data = {
        "metrics": list(metrics),
        "params": tags_of(parameters),
        "tags": tags_of(public),
    }
    return {
        "info": _info(row),
        "data": _kept(data),
        "inputs": _kept(inputs),
        "outputs": _kept(outputs),
    }


def _info(row: Row) -> Shape:
    _, uid, name, experiment_id, username, status, created_at, started_at, ended_at, deleted = row
    home = DEFAULT_EXPERIMENT if experiment_id is None else experiment_id
    info = {
        "run_id": uid,
        "run_uuid": uid,
        "run_name": name,
        "experiment_id": str(home),
        "user_id": username or "",
        "status": status,
        "start_time": milliseconds(started_at or created_at),
        "artifact_uri": f"{SCHEME}{home}/{uid}/artifacts",
        "lifecycle_stage": _stage(deleted),
    }
    return info | ({"end_time": milliseconds(ended_at)} if ended_at else {})


def _newest_metrics(ids: Sequence[int]) -> Mapping[int, list[Shape]]:
    """Return one metric for each key: of several datasets or slices the one measured last."""
    rows = RunMetric.objects.filter(run__in=ids, is_last=True)
    newest: dict[int, dict[str, Shape]] = defaultdict(dict)
    ordered = rows.order_by("run", "key", "step", "measured_ms", "pk")
    for run, *columns in ordered.values_list("run", *METRIC_COLUMNS):
        newest[run][columns[0]] = metric(tuple(columns))
    return defaultdict(list, {run: list(found.values()) for run, found in newest.items()})


def metric(row: Row) -> Shape:
    """Return a point of a series from its columns."""
    key, value, is_nan, step, measured_ms, dataset, digest, model, run = row
    point = {
        "key": key,
        "value": "NaN" if is_nan else value,
        "timestamp": measured_ms or 0,
        "step": step,
        "run_id": run,
    }
    if dataset and digest:  # a client takes both or none
        point |= {"dataset_name": dataset, "dataset_digest": digest}
    return point | ({"model_id": model} if model else {})


def points_with_ids(ids: Sequence[int]) -> list[Shape]:
    """Return points of a series by their ids, in that order."""
    rows = RunMetric.objects.filter(pk__in=ids).values_list("pk", *METRIC_COLUMNS)
    return [metric(row[1:]) for row in _in_order(rows, ids)]


def _dataset(row: Row) -> Shape:
    name, digest, source_type, source, context, tags, *described = row
    pairs = [(CONTEXT, context)] if context else []
    dataset = {"name": name, "digest": digest, "source_type": source_type, "source": source}
    dataset |= dict(zip(("schema", "profile"), described, strict=False))
    return _kept({"tags": tags_of([*pairs, *tags.items()]), "dataset": _kept(dataset)})


def _by_run(rows: QuerySet[Any], *columns: str) -> Mapping[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for run, *rest in rows.order_by("run", "pk").values_list("run", *columns):
        found[run].append(tuple(rest))
    return found


# -- logged models ---------------------------------------------------------------------------------


def shown_logged_model(found: LoggedModel) -> Shape:
    """Return one logged model."""
    rows = LoggedModel.objects.filter(pk=found.pk).values_list(*LOGGED_MODEL_COLUMNS)
    return logged_models(list(rows))[0]


def logged_models_with_ids(ids: Sequence[int]) -> list[Shape]:
    """Return logged models by their ids, in that order."""
    rows = LoggedModel.objects.filter(pk__in=ids).values_list(*LOGGED_MODEL_COLUMNS)
    return logged_models(_in_order(rows, ids))


def logged_models(rows: Sequence[Row]) -> list[Shape]:
    """Return logged models from their columns, with the newest point of each of their series."""
    metrics = _metrics_of_models([row[0] for row in rows])
    return [_logged_model(row, metrics[row[0]]) for row in rows]


def _logged_model(row: Row, metrics: Iterable[Shape]) -> Shape:
    _, uid, experiment_id, name, kind, status, message, created_at, touched_at, run, *rest = row
    parameters, tags = rest
    info = {
        "model_id": uid,
        "experiment_id": str(experiment_id),
        "name": name,
        "creation_timestamp_ms": milliseconds(created_at),
        "last_updated_timestamp_ms": milliseconds(touched_at),
        "artifact_uri": f"{SCHEME}{experiment_id}/models/{uid}/artifacts",
        "status": status,
        "model_type": kind,
        "source_run_id": run,
        "status_message": message,
        "tags": tags_of(tags.items()),
    }
    data = {"params": tags_of(parameters.items()), "metrics": list(metrics)}
    return {"info": _kept(info), "data": _kept(data)}


def _metrics_of_models(ids: Sequence[int]) -> Mapping[int, list[Shape]]:
    newest: dict[int, dict[Row, Shape]] = defaultdict(dict)
    rows = RunMetric.objects.filter(logged_model__in=ids)
    ordered = rows.order_by("logged_model", "key", "step", "measured_ms", "pk")
    for model, *columns in ordered.values_list("logged_model", *METRIC_COLUMNS).iterator():
        point = metric(tuple(columns))
        series = (point["key"], point.get("dataset_name"), point["run_id"])
        newest[model][series] = point
    return defaultdict(list, {model: list(found.values()) for model, found in newest.items()})


def _in_order(rows: Iterable[Row], ids: Sequence[int]) -> list[Row]:
    """Return rows, whose first column is their id, in the order of ids."""
    found = {row[0]: row for row in rows}
    return [found[pk] for pk in ids if pk in found]


def _stage(deleted_at: datetime | None) -> str:
    return "active" if deleted_at is None else "deleted"


def _kept(shape: Shape) -> Shape:
    """Leave out what is empty: clients read it as empty."""
    return {key: value for key, value in shape.items() if value not in ("", None, [], {})}
