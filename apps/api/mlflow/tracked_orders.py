"""What runs, experiments and logged models are ordered by: columns without nulls, for pages by key.

What has no value comes last, and what is no number just before, however the rest is ordered.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Left

from apps.api.mlflow.filters import Kind, Ordering
from apps.api.mlflow.keysets import Column
from apps.api.mlflow.tracked_conditions import (
    EXPERIMENT_COLUMNS,
    LOGGED_MODEL_COLUMNS,
    RUN_COLUMNS,
    artifact_uri,
    on_datasets,
)
from apps.catalog.models import RunMetric, RunParameter, RunTag

Rows = QuerySet[Any]
Ordered = tuple[Rows, tuple[Column, ...]]

_PAIRS = {Kind.TAG: RunTag, Kind.PARAM: RunParameter}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NULLABLE: dict[str, datetime | str] = {
    "ended_at": _EPOCH,
    "started_by__username": "",
    "run__uid": "",
}
_COMPARED = 100
"""How many characters of a text are ordered by."""


def runs(rows: Rows, orders: Iterable[Ordering]) -> Ordered:
    """Order runs as asked, and those alike by when they started, the newest first."""
    rows = rows.alias(artifact_uri=artifact_uri())
    columns: list[Column] = []
    for place, each in enumerate(orders):
        if each.kind is Kind.ATTRIBUTE:
            rows = _by_column(rows, columns, RUN_COLUMNS[each.key], each.is_ascending)
        elif each.kind is Kind.METRIC:
            points = RunMetric.objects.filter(run=OuterRef("pk"), is_last=True, key=each.key)
            rows = _by_metric(rows, columns, place, each, points)
        else:
            rows = _by_pair(rows, columns, place, each)
    return rows, _ending(columns, Column("started_at", False), Column("pk", False))


def experiments(rows: Rows, orders: Iterable[Ordering]) -> Ordered:
    """Order experiments as asked, and those alike the newest first."""
    columns: list[Column] = []
    for each in orders:
        rows = _by_column(rows, columns, EXPERIMENT_COLUMNS[each.key], each.is_ascending)
    return rows, _ending(columns, Column("created_at", False), Column("pk", False))


def logged_models(
    rows: Rows, orders: Sequence[Ordering], datasets: Sequence[tuple[str, str]]
) -> Ordered:
    """Order logged models as asked, a metric as measured on the dataset of the same place."""
    columns: list[Column] = []
    for place, (each, dataset) in enumerate(zip(orders, datasets, strict=True)):
        if each.kind is Kind.METRIC:
            here = on_datasets([dataset] if dataset[0] else [])
            points = RunMetric.objects.filter(here, logged_model=OuterRef("pk"), key=each.key)
            rows = _by_metric(rows, columns, place, each, points)
        else:
            rows = _by_column(rows, columns, LOGGED_MODEL_COLUMNS[each.key], each.is_ascending)
    return rows, _ending(columns, Column("created_at", False), Column("pk", False))


def _by_column(rows: Rows, columns: list[Column], column: str, rises: bool) -> Rows:
    if column not in _NULLABLE:
        columns.append(Column(column, rises))
        return rows
    name = f"sorted_{column.replace('__', '_')}"
    rows = rows.alias(
        **{f"{name}_rank": _rank(column), name: Coalesce(column, Value(_NULLABLE[column]))}
    )
    columns += [Column(f"{name}_rank"), Column(name, rises)]
    return rows


def _by_pair(rows: Rows, columns: list[Column], place: int, order: Ordering) -> Rows:
    """Order by the beginning of the text a key has."""
    pairs = _PAIRS[order.kind]._default_manager.filter(run=OuterRef("pk"), key=order.key)
    text, rank, sort = f"text_{place}", f"rank_{place}", f"sort_{place}"
    rows = rows.alias(**{text: Subquery(pairs.values(short=Left("value", _COMPARED))[:1])})
    rows = rows.alias(**{rank: _rank(text), sort: Coalesce(text, Value(""))})
    columns += [Column(rank), Column(sort, order.is_ascending)]
    return rows


def _by_metric(
    rows: Rows, columns: list[Column], place: int, order: Ordering, points: QuerySet[RunMetric]
) -> Rows:
    """Order by the newest point of a metric."""
    newest = points.order_by("-step", "-measured_ms", "-pk")
    number, nan = f"number_{place}", f"nan_{place}"
    rank, sort = f"rank_{place}", f"sort_{place}"
    rows = rows.alias(
        **{
            number: Subquery(newest.values("value")[:1]),
            nan: Subquery(newest.values("is_nan")[:1], output_field=BooleanField()),
        }
    )
    no_number = When(Q(**{nan: True}), then=Value(1))
    rows = rows.alias(**{rank: _rank(number, no_number), sort: Coalesce(number, Value(0.0))})
    columns += [Column(rank), Column(sort, order.is_ascending)]
    return rows


def _rank(column: str, *others: When) -> Case:
    """Return what puts rows without a value last."""
    absent = When(Q(**{f"{column}__isnull": True}), then=Value(2))
    return Case(*others, absent, default=Value(0), output_field=IntegerField())


def _ending(columns: list[Column], *last: Column) -> tuple[Column, ...]:
    named = {column.name for column in columns}
    return (*columns, *(column for column in last if column.name not in named))
