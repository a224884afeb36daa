"""Brings one run over: what it was given, measured, read and was called, under its own id."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from django.db import transaction

from apps.catalog.models import Experiment, Run
from apps.catalog.tracking import experiments, metrics, outside, rights, runs, tags
from apps.catalog.tracking.metrics import Batch, Point
from apps.catalog.tracking.outside import OutsideRun, RunKnown
from apps.catalog.tracking.runs import DatasetFacts
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.inputs import InputRefused
from apps.integrations.mlflow_import import answers
from apps.integrations.mlflow_import.client import Absent, Client
from apps.integrations.mlflow_import.report import Notes
from apps.integrations.mlflow_import.rows import ImportedRun

MOST_POINTS = 1_000_000
MOST_EXPERIMENT = 500
PREFIX = "imported: "
DEFAULT = "0"

_ENDED = frozenset({Run.Status.FINISHED, Run.Status.FAILED, Run.Status.KILLED})

Item = TypeVar("Item")


def bring_run(client: Client, told: answers.Run, notes: Notes, *, by: Actor) -> Run | None:
    """Return the run as it is recorded here, brought over when it was not, or not whole."""
    uid = told.info.run_id
    known = Run.objects.filter(uid=uid).select_related("imported").first()
    if known is not None and not _is_unfinished(known, by=by):
        notes.was_there("runs")
        return _if_seen(known, notes, by=by)
    try:
        run = known or _begun(client, told, notes, by=by)
    except RunKnown:  # somebody else brought it a moment ago
        return _if_seen(Run.objects.get(uid=uid), notes, by=by)
    _record(client, run, told, notes, by=by)
    ImportedRun.objects.filter(run=run).update(done_at=database_now())
    notes.took("runs")
    return Run.objects.get(pk=run.pk)


def _is_unfinished(run: Run, *, by: Actor) -> bool:
    """Say whether this is a run whose import by the same person was broken off."""
    begun = ImportedRun.objects.filter(run=run, done_at=None).exists()
    return begun and run.started_by_id == by.user_id and run.deleted_at is None


def _if_seen(run: Run, notes: Notes, *, by: Actor) -> Run | None:
    seen = rights.run_or_none(by, run.uid)
    if seen is None:
        notes.leave(f"run {run.uid}", "A run of this id is recorded here by somebody else.")
    return seen


def _begun(client: Client, told: answers.Run, notes: Notes, *, by: Actor) -> Run:
    named = {tag.key: tag.value for tag in told.data.tags}
    record = OutsideRun(
        uid=told.info.run_id,
        name=(told.info.run_name or named.get(tags.RUN_NAME, ""))[: tags.MOST_RUN_NAME],
        source=named.get(tags.SOURCE, ""),
        started_ms=told.info.start_time or 0,
    )
    experiment = _experiment(client, told.info.experiment_id, notes, by=by)
    with transaction.atomic():
        run = outside.take_in(experiment, record, by=by)
        ImportedRun.objects.create(run=run, address=client.server.address)
    return run


def _experiment(client: Client, told_id: str, notes: Notes, *, by: Actor) -> Experiment:
    """Return the experiment runs of that one belong to here; it is made when there is none."""
    default = Experiment.objects.get(pk=rights.DEFAULT_EXPERIMENT)
    if told_id == DEFAULT:
        return default
    try:
        name = (PREFIX + client.experiment_name(told_id))[:MOST_EXPERIMENT]
    except Absent:
        return default
    seen = rights.experiments_visible_to(by).filter(name=name, deleted_at=None).first()
    if seen is not None:
        return seen
    try:
        return experiments.create_experiment(name, by=by)
    except (experiments.ExperimentExists, InputRefused) as refusal:
        notes.leave(f"experiment {name}", f"{refusal} Its runs are in {default}.")
        return default


def _record(client: Client, run: Run, told: answers.Run, notes: Notes, *, by: Actor) -> None:
    data = told.data

    def log(**batch: Sequence[tuple[str, str]] | Sequence[Point]) -> None:
        metrics.log_batch(run, Batch(**batch), by=by)  # type: ignore[arg-type]

    _take(
        [(pair.key, pair.value) for pair in data.params],
        metrics.MOST_PARAMETERS_AT_ONCE,
        lambda pairs: log(parameters=pairs),
        lambda pair, why: notes.leave(f"parameter {pair[0]} of run {run.uid}", why),
    )
    _take(
        [(pair.key, pair.value) for pair in data.tags if pair.key != tags.RUN_NAME],
        metrics.MOST_TAGS_AT_ONCE,
        lambda pairs: log(tags=pairs),
        lambda pair, why: notes.leave(f"tag {pair[0]} of run {run.uid}", why),
    )
    _take(
        _points(client, told, notes),
        metrics.MOST_POINTS_AT_ONCE,
        lambda points: log(points=points),
        lambda point, why: notes.leave(f"metric {point.key} of run {run.uid}", why),
    )
    _take(
        [_dataset(used) for used in told.inputs.dataset_inputs],
        metrics.MOST_POINTS_AT_ONCE,
        lambda used: runs.log_inputs(run, by=by, datasets=used),
        lambda used, why: notes.leave(f"dataset {used.name} of run {run.uid}", why),
    )
    _end(run, told.info, notes, by=by)


def _end(run: Run, info: answers.RunInfo, notes: Notes, *, by: Actor) -> None:
    status = Run.Status(info.status) if info.status in Run.Status.values else Run.Status.FINISHED
    try:
        runs.update_run(
            run, by=by, status=status, ended_ms=info.end_time if status in _ENDED else None
        )
    except InputRefused as refusal:
        notes.leave(f"end of run {run.uid}", str(refusal))


def _points(client: Client, told: answers.Run, notes: Notes) -> Iterator[Point]:
    """Yield every point of every metric, as many as are taken of one run."""
    left = MOST_POINTS
    for metric in told.data.metrics:
        for page in client.history(told.info.run_id, metric.key):
            yield from (_point(point) for point in page[:left])
            left -= len(page)
            if left < 0:
                notes.leave(
                    f"further metrics of run {told.info.run_id}",
                    f"Of one run, {MOST_POINTS:,} points are taken.",
                )
                return


def _point(told: answers.Metric) -> Point:
    has_dataset = bool(told.dataset_name and told.dataset_digest)
    return Point(
        key=told.key,
        value=float("nan") if told.value is None else told.value,
        measured_ms=told.timestamp or 0,
        step=told.step or 0,
        dataset=(told.dataset_name or "") if has_dataset else "",
        dataset_digest=(told.dataset_digest or "") if has_dataset else "",
        model=told.model_id or "",
    )


def _dataset(used: answers.DatasetInput) -> DatasetFacts:
    told = used.dataset
    return DatasetFacts(
        name=told.name,
        digest=told.digest,
        source_type=told.source_type or "",
        source=told.source or "",
        schema=told.schema or "",
        profile=told.profile or "",
        tags={tag.key: tag.value for tag in used.tags},
    )


def _take(
    items: Sequence[Item] | Iterator[Item],
    at_once: int,
    write: Callable[[Sequence[Item]], None],
    leave: Callable[[Item, str], None],
) -> None:
    """Write items some at a time; what is refused is left, each item with the reason."""
    waiting = iter(items)
    while batch := list(islice(waiting, at_once)):
        _halved(batch, write, leave)


def _halved(
    items: list[Item],
    write: Callable[[Sequence[Item]], None],
    leave: Callable[[Item, str], None],
) -> None:
    try:
        write(items)
    except InputRefused as refusal:
        if len(items) == 1:
            leave(items[0], str(refusal))
            return
        middle = len(items) // 2
        _halved(items[:middle], write, leave)
        _halved(items[middle:], write, leave)


def run_told(client: Client, uid: str, notes: Notes) -> answers.Run | None:
    """Return what the server says of a run, unless it has none or says nothing that can be used."""
    if not uid:
        return None
    try:
        return client.run(uid)
    except Absent as trouble:
        notes.leave(f"run {uid}", str(trouble))
    return None
