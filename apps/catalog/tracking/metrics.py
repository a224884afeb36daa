"""Parameters, metrics and tags of a run, a batch at a time; and the newest point of each series."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from apps.catalog.models import LoggedModel, Run, RunMetric, RunParameter
from apps.catalog.tracking import limits, tags
from apps.catalog.tracking.holding import locked, move_on
from apps.catalog.tracking.rights import logged_models_visible_to
from apps.catalog.training import MOST_PARAMETERS
from apps.core.actors import Actor
from apps.core.inputs import InputRefused, require_text

MOST_POINTS_AT_ONCE = 1000
MOST_PARAMETERS_AT_ONCE = 100
MOST_TAGS_AT_ONCE = 100
MOST_AT_ONCE = 1000
LARGEST = 1.7976931348623157e308

_IDENTITY = ("key", "dataset", "dataset_digest", "step", "measured_ms", "value", "is_nan")
_SERIES = ("key", "dataset")

Pairs = Sequence[tuple[str, str]]
Series = tuple[str, str]
Place = tuple[int, int]
Identity = tuple[object, ...]


@dataclass(frozen=True)
class Point:
    """One measured number of a series. It may be no number, or infinite."""

    key: str
    value: float
    measured_ms: int
    step: int = 0
    dataset: str = ""
    dataset_digest: str = ""
    model: str = ""
    """The id of the logged model it was measured on."""


@dataclass(frozen=True)
class Batch:
    """What a client records in one go."""

    points: Sequence[Point] = ()
    parameters: Pairs = ()
    tags: Pairs = ()


def log_batch(run: Run, batch: Batch, *, by: Actor) -> None:
    """Record parameters, metrics and tags, all or none; what is there already changes nothing.

    A point keeps the logged model it names only when the actor may see that model here.
    """
    _require_batch(batch)
    models = _models(batch.points, by)
    with transaction.atomic():
        held = locked(run, by=by)
        has_parameters = _add_parameters(held, batch.parameters)
        has_points = _add_points(held, [_row(held, point, models) for point in batch.points])
        if has_parameters or has_points:
            move_on(held)
        tags.put(held, batch.tags)


def _require_batch(batch: Batch) -> None:
    counts = (len(batch.points), len(batch.parameters), len(batch.tags))
    most = (MOST_POINTS_AT_ONCE, MOST_PARAMETERS_AT_ONCE, MOST_TAGS_AT_ONCE)
    if any(count > limit for count, limit in zip(counts, most, strict=True)):
        raise InputRefused(
            "A batch holds at most {:,} metrics, {:,} parameters and {:,} tags.".format(*most)
        )
    if sum(counts) > MOST_AT_ONCE:
        raise InputRefused(f"A batch holds at most {MOST_AT_ONCE:,} entries together.")
    limits.require_parameters(batch.parameters)
    limits.require_tags(batch.tags)
    for point in batch.points:
        _require_point(point)


def _require_point(point: Point) -> None:
    limits.require_key(point.key, "metric")
    limits.require_whole(point.step, f"The step of the metric {point.key}")
    limits.require_whole(point.measured_ms, f"The time of the metric {point.key}", least=0)
    require_text(point.dataset, "The name of a dataset", limits.MOST_NAME)
    require_text(point.dataset_digest, "The digest of a dataset", 36)
    if bool(point.dataset) != bool(point.dataset_digest):
        raise InputRefused(f"The metric {point.key} names a dataset by its name and its digest.")


# -- parameters ------------------------------------------------------------------------------------


def _add_parameters(run: Run, parameters: Pairs) -> bool:
    if not parameters:
        return False
    there = dict(
        run.parameters.filter(key__in=[key for key, _ in parameters]).values_list("key", "value")
    )
    limits.require_same(there, parameters)
    fresh = [(key, value) for key, value in parameters if key not in there]
    if fresh:
        limits.require_room(
            run.parameters.count() + len(fresh), MOST_PARAMETERS, "A run's list of parameters"
        )
        RunParameter.objects.bulk_create(
            RunParameter(run=run, key=key, value=value) for key, value in fresh
        )
    return bool(fresh)


# -- points ----------------------------------------------------------------------------------------


def _models(points: Sequence[Point], by: Actor) -> dict[str, LoggedModel]:
    """Return the logged models that points name, as far as the actor may see them."""
    uids = {point.model for point in points if point.model}
    if not uids:
        return {}
    return {model.uid: model for model in logged_models_visible_to(by).filter(uid__in=uids)}


def _row(run: Run, point: Point, models: dict[str, LoggedModel]) -> RunMetric:
    is_nan = math.isnan(point.value)
    return RunMetric(
        run=run,
        logged_model=models.get(point.model),
        key=point.key,
        value=0.0 if is_nan else max(-LARGEST, min(point.value, LARGEST)),
        is_nan=is_nan,
        step=point.step,
        measured_ms=point.measured_ms,
        dataset=point.dataset,
        dataset_digest=point.dataset_digest,
        is_last=False,
    )


def _add_points(run: Run, rows: Sequence[RunMetric]) -> bool:
    """Write the points that are not there yet, and say whether there were any."""
    fresh = _not_there(run, rows) if rows else []
    if fresh:
        _find_newest(run, fresh)
        RunMetric.objects.bulk_create(fresh, batch_size=500)
    return bool(fresh)


def _not_there(run: Run, rows: Sequence[RunMetric]) -> list[RunMetric]:
    """Leave out points that are there already: clients send a batch again when unsure.

    They also send a point again once it belongs to a logged model: the one that is there gets it.
    """
    known = _known(run, rows)
    fresh: list[RunMetric] = []
    for row in rows:
        same = known[_identity(row)]
        unbound = next((other for other in same if other.logged_model_id is None), None)
        if any(row.logged_model_id in {None, other.logged_model_id} for other in same):
            continue
        if unbound is None:
            fresh.append(row)
            same.append(row)
        else:
            unbound.logged_model = row.logged_model
            if unbound.pk:
                unbound.save(update_fields=["logged_model"])
    return fresh


def _known(run: Run, rows: Sequence[RunMetric]) -> dict[Identity, list[RunMetric]]:
    """Return the points that are there already and look like some of these."""
    there = RunMetric.objects.filter(
        run=run,
        key__in={row.key for row in rows},
        step__in={row.step for row in rows},
        measured_ms__in={row.measured_ms for row in rows},
        value__in={row.value for row in rows},
    )
    known: dict[Identity, list[RunMetric]] = defaultdict(list)
    for point in there:
        known[_identity(point)].append(point)
    return known


def _identity(row: RunMetric) -> Identity:
    return tuple(getattr(row, name) for name in _IDENTITY)


def _find_newest(run: Run, fresh: Sequence[RunMetric]) -> None:
    """Mark the newest point of each series: the greatest step, then time, then the later one."""
    stored: dict[Series, int] = {}
    newest: dict[Series, Place] = {}
    last = RunMetric.objects.filter(
        run=run, key__in={row.key for row in fresh}, slice="", is_last=True
    )
    for pk, key, dataset, step, at in last.values_list("pk", *_SERIES, "step", "measured_ms"):
        stored[key, dataset] = pk
        newest[key, dataset] = (step, -1 if at is None else at)
    winners: dict[Series, RunMetric] = {}
    for row in fresh:
        series, place = (row.key, row.dataset), (row.step, row.measured_ms or 0)
        if series not in newest or place >= newest[series]:
            newest[series], winners[series] = place, row
    passed = [stored[series] for series in winners if series in stored]
    RunMetric.objects.filter(pk__in=passed).update(is_last=False)
    for row in winners.values():
        row.is_last = True
