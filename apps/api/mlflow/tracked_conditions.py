"""Turns comparisons about experiments, runs and logged models into conditions on named columns."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Concat

from apps.api.mlflow.conditions import compared, has_pair
from apps.api.mlflow.filters import Comparison, Kind
from apps.api.mlflow.finding import experiment_number
from apps.catalog.models import LoggedModel, RunDataset, RunMetric, RunParameter, RunTag
from apps.catalog.tracking.addresses import SCHEME
from apps.catalog.tracking.limits import RESERVED, is_key

Rows = QuerySet[Any]

RUN_COLUMNS: Mapping[str, str] = {
    "run_id": "uid",
    "run_name": "name",
    "user_id": "started_by__username",
    "status": "status",
    "start_time": "started_at",
    "end_time": "ended_at",
    "artifact_uri": "artifact_uri",
}
EXPERIMENT_COLUMNS: Mapping[str, str] = {
    "experiment_id": "pk",
    "name": "name",
    "creation_time": "created_at",
    "last_update_time": "touched_at",
}
LOGGED_MODEL_COLUMNS: Mapping[str, str] = {
    "model_id": "uid",
    "name": "name",
    "model_type": "kind",
    "status": "status",
    "source_run_id": "run__uid",
    "creation_timestamp": "created_at",
    "last_updated_timestamp": "touched_at",
}

_TIMES = frozenset({"started_at", "ended_at", "created_at", "touched_at"})
_PAIRS = {Kind.TAG: RunTag, Kind.PARAM: RunParameter}
_JSON = {Kind.TAG: "tags", Kind.PARAM: "parameters"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LATEST_MS = (datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH) // _MILLISECOND
_NO_ROW = Q(pk__in=())


def artifact_uri() -> Concat:
    """Return the address of a run's files, as an expression."""
    experiment = Cast("experiment_id", CharField())
    return Concat(Value(SCHEME), experiment, Value("/"), "uid", Value("/artifacts"))


def runs_where(rows: Rows, comparisons: Iterable[Comparison]) -> Rows:
    """Keep the runs that meet every comparison."""
    rows = rows.alias(artifact_uri=artifact_uri())
    met = Q()
    for each in comparisons:
        if each.kind is Kind.ATTRIBUTE:
            met &= _column(RUN_COLUMNS[each.key], each)
        elif each.kind is Kind.METRIC:
            met &= Q(Exists(_measured(each).filter(run=OuterRef("pk"), is_last=True)))
        elif each.kind is Kind.DATASET:
            read = RunDataset.objects.filter(run=OuterRef("pk"))
            met &= Q(Exists(read.filter(compared(each.key, each.operator, each.value))))
        else:
            met &= (
                _NO_ROW
                if each.key.startswith(RESERVED)
                else has_pair(_PAIRS[each.kind], "run", each)
            )
    return rows.filter(met)


def experiments_where(rows: Rows, comparisons: Iterable[Comparison]) -> Rows:
    """Keep the experiments that meet every comparison."""
    for place, each in enumerate(comparisons):
        if each.kind is Kind.TAG:
            rows = _with_key(rows, f"tag_{place}", each)
        elif each.key == "experiment_id":
            rows = rows.filter(_numbered(each))
        else:
            rows = rows.filter(_column(EXPERIMENT_COLUMNS[each.key], each))
    return rows


def logged_models_where(
    rows: Rows, comparisons: Sequence[Comparison], datasets: Sequence[tuple[str, str]]
) -> Rows:
    """Keep the logged models that meet every comparison, with metrics on one of some datasets."""
    measured = [each for each in comparisons if each.kind is Kind.METRIC]
    for place, each in enumerate(comparisons):
        if each.kind in _JSON:
            rows = _with_key(rows, f"key_{place}", each)
        elif each.kind is Kind.ATTRIBUTE:
            rows = rows.filter(_column(LOGGED_MODEL_COLUMNS[each.key], _with_status(each)))
    there = RunMetric.objects.filter(on_datasets(datasets), logged_model=OuterRef("pk"))
    if datasets and not measured:
        rows = rows.filter(Exists(there))
    for each in measured:
        rows = rows.filter(Exists(there & _measured(each)))
    return rows


def on_datasets(datasets: Sequence[tuple[str, str]]) -> Q:
    """Return the condition that a metric was measured on one of some datasets, or on any."""
    met = Q()
    for name, digest in datasets:
        met |= Q(dataset=name, dataset_digest=digest) if digest else Q(dataset=name)
    return met


def _measured(asked: Comparison) -> QuerySet[RunMetric]:
    """Return the points of a metric that are numbers and compare as asked."""
    value = compared("value", asked.operator, asked.value)
    return RunMetric.objects.filter(value, key=asked.key, is_nan=False)


def _column(column: str, asked: Comparison) -> Q:
    """Return the condition on a column; what is null meets none, not even ``!=``."""
    there = Q(**{f"{column}__isnull": False})
    if column in _TIMES:
        return there & _time(column, asked)
    return there & compared(column, asked.operator, asked.value)


def _time(column: str, asked: Comparison) -> Q:
    """Return the condition that a moment compares with a number of milliseconds."""
    assert isinstance(asked.value, int)
    first = _EPOCH + max(-1, min(asked.value, _LATEST_MS)) * _MILLISECOND
    after = first + _MILLISECOND
    within = Q(**{f"{column}__gte": first, f"{column}__lt": after})
    conditions = {
        "=": within,
        "!=": ~within,
        "<": Q(**{f"{column}__lt": first}),
        "<=": Q(**{f"{column}__lt": after}),
        ">": Q(**{f"{column}__gte": after}),
        ">=": Q(**{f"{column}__gte": first}),
    }
    return conditions[asked.operator]


def _with_key(rows: Rows, name: str, asked: Comparison) -> Rows:
    """Keep the rows whose value of a key in a JSON column compares as asked."""
    if not is_key(asked.key):
        return rows if asked.operator == "IS NULL" else rows.none()
    found = KeyTextTransform(asked.key, _JSON[asked.kind])
    rows = rows.alias(**{name: Cast(found, TextField())})  # compared as a text, not as JSON
    if asked.operator.startswith("IS "):
        return rows.filter(**{f"{name}__isnull": asked.operator == "IS NULL"})
    there = rows.filter(**{f"{name}__isnull": False})
    return there.filter(compared(name, asked.operator, asked.value))


def _numbered(asked: Comparison) -> Q:
    """Return the condition on an experiment's id, which clients write as a text."""
    texts = asked.value if isinstance(asked.value, tuple) else (str(asked.value),)
    numbers = [number for text in texts if (number := experiment_number(text)) is not None]
    among = Q(pk__in=numbers)
    return ~among if asked.operator in {"!=", "NOT IN"} else among


def _with_status(asked: Comparison) -> Comparison:
    """Return a comparison with the long names of the states of logged models."""
    if asked.key != "status" or asked.operator in {"LIKE", "ILIKE"}:
        return asked
    value = asked.value
    named = tuple(map(_status, value)) if isinstance(value, tuple) else _status(str(value))
    return Comparison(asked.kind, asked.key, asked.operator, named)


def _status(name: str) -> str:
    return name if name in LoggedModel.Status.values else f"LOGGED_MODEL_{name}"
