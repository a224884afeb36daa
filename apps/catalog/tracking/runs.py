"""Runs: started, described and ended by one person, deleted and restored by the same."""

import json
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from apps.catalog.models import Experiment, Run, RunDataset
from apps.catalog.tracking import limits, tags
from apps.catalog.tracking.experiments import require_active
from apps.catalog.tracking.holding import locked, locked_anyway, move_on
from apps.catalog.tracking.rights import require_may_record
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.inputs import InputRefused, require_text

CONTEXT = "mlflow.data.context"
HISTORY = "mlflow.log-model.history"
MODEL_INPUTS = "signet.model_inputs"
MODEL_OUTPUTS = "signet.model_outputs"
"""Where the ids of the logged models a run read and wrote are kept, as JSON."""

MOST_DATASETS = 1000
MOST_MODELS = 1000
MOST_HISTORY = 2**20
MOST_INPUT_TAG = 500


@dataclass(frozen=True)
class DatasetFacts:
    """A dataset as a run read it."""

    name: str
    digest: str
    source_type: str = ""
    source: str = ""
    schema: str = ""
    profile: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


def start_run(
    experiment: Experiment,
    *,
    by: Actor,
    name: str = "",
    started_ms: int = 0,
    labels: Iterable[tuple[str, str]] = (),
) -> Run:
    """Start a run in an experiment that the actor may see."""
    require_may_record(by)
    require_active(experiment)
    uid, now, given = uuid.uuid4().hex, database_now(), dict(labels)
    limits.require_tags(given.items())
    named = given.get(tags.RUN_NAME, name) or f"run-{uid[:8]}"
    if name and named != name:
        raise InputRefused(f"The run is named {name!a:.100} and {named!a:.100}: choose one.")
    tags.require_run_name(named)
    started = limits.moment(started_ms, "The start of a run") if started_ms else now
    with transaction.atomic():
        run = Run.objects.create(
            uid=uid,
            experiment=experiment,
            name=named,
            source=given.get(tags.SOURCE, "")[:500],
            status=Run.Status.RUNNING,
            created_at=now,
            started_at=started,
            starter_id=by.id,
            started_by_id=by.user_id,
        )
        tags.put(run, {**given, tags.RUN_NAME: named}.items())
    return run


def update_run(
    run: Run,
    *,
    by: Actor,
    status: Run.Status | None = None,
    ended_ms: int | None = None,
    name: str | None = None,
) -> Run:
    """Say how a run stands, when it ended and what it is called, as far as given."""
    ended = None if ended_ms is None else limits.moment(ended_ms, "The end of a run")
    with transaction.atomic():
        held = locked(run, by=by)
        if status is not None:
            held.status = status
        if ended is not None:
            held.ended_at = ended
        held.save(update_fields=["status", "ended_at"])
        if name:
            tags.put(held, [(tags.RUN_NAME, name)])
    return held


def delete_run(run: Run, *, by: Actor) -> None:
    """Take a run out of lists; what a version took from it stays as it was."""
    with transaction.atomic():
        held = locked_anyway(run, by=by)
        if held.deleted_at is None:
            held.deleted_at = database_now()
            held.save(update_fields=["deleted_at"])


def restore_run(run: Run, *, by: Actor) -> None:
    """Bring back a deleted run."""
    with transaction.atomic():
        held = locked_anyway(run, by=by)
        held.deleted_at = None
        held.save(update_fields=["deleted_at"])


def log_inputs(
    run: Run, *, by: Actor, datasets: Sequence[DatasetFacts] = (), models: Iterable[str] = ()
) -> None:
    """Record the datasets a run read, each once, and the logged models it read, by their ids."""
    for dataset in datasets:
        _require_dataset(dataset)
    with transaction.atomic():
        held = locked(run, by=by)
        if _add_datasets(held, datasets):
            move_on(held)
        _add_models(held, MODEL_INPUTS, dict.fromkeys(models, 0))


def log_outputs(run: Run, models: Mapping[str, int], *, by: Actor) -> None:
    """Record the logged models a run wrote, by their ids, each with its step."""
    with transaction.atomic():
        _add_models(locked(run, by=by), MODEL_OUTPUTS, models)


def log_model(run: Run, described: Mapping[str, object], *, by: Actor) -> None:
    """Append what an older client says of a model it wrote to the run's history of models."""
    with transaction.atomic():
        held = locked(run, by=by)
        there = held.tags.filter(key=HISTORY).values_list("value", flat=True).first()
        history = json.dumps([*_listed(there), described])
        if len(history) > MOST_HISTORY:
            raise InputRefused(f"The models of a run take at most {MOST_HISTORY:,} bytes.")
        tags.put(held, [(HISTORY, history)])


def _listed(text: str | None) -> list[object]:
    """Return the list a tag holds; a client may have put anything there."""
    try:
        found = json.loads(text or "[]")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise InputRefused(f"The tag {HISTORY} of this run is not a list in JSON.")
    return found


def _add_models(run: Run, key: str, models: Mapping[str, int]) -> None:
    if not models:
        return
    for uid, step in models.items():
        require_text(uid, "The id of a model", 64)
        limits.require_whole(step, "The step of a model")
    there = run.tags.filter(key=key).values_list("value", flat=True).first()
    known: dict[str, int] = json.loads(there) if there else {}
    known.update(models)
    limits.require_room(len(known), MOST_MODELS, "A run's list of models")
    tags.put(run, [(key, json.dumps(known))])


def _add_datasets(run: Run, datasets: Sequence[DatasetFacts]) -> bool:
    """Write the datasets that are not there yet, and say whether there were any.

    Clients name a dataset again with each metric on it, without saying what it was read for. Of a
    dataset that is there, only what it was read for is news.
    """
    there: dict[tuple[str, str], dict[str, RunDataset]] = defaultdict(dict)
    for row in run.datasets.only("name", "digest", "context"):
        there[row.name, row.digest][row.context] = row
    known = {row.pk for contexts in there.values() for row in contexts.values()}
    for row in (_row(run, dataset) for dataset in datasets):
        contexts = there[row.name, row.digest]
        if row.context in contexts or (contexts and not row.context):
            continue
        if unsaid := contexts.pop("", None):
            row.pk = unsaid.pk
            known.discard(row.pk)
        contexts[row.context] = row
    rows = [row for contexts in there.values() for row in contexts.values()]
    limits.require_room(len(rows), MOST_DATASETS, "A run's list of datasets")
    news = [row for row in rows if row.pk not in known]
    for row in news:
        row.save()
    return bool(news)


def _row(run: Run, dataset: DatasetFacts) -> RunDataset:
    return RunDataset(
        run=run,
        name=dataset.name,
        digest=dataset.digest,
        context=dataset.tags.get(CONTEXT, ""),
        source_type=dataset.source_type,
        source=dataset.source,
        schema=dataset.schema,
        profile=dataset.profile,
        tags={key: value for key, value in dataset.tags.items() if key != CONTEXT},
    )


def _require_dataset(dataset: DatasetFacts) -> None:
    if not dataset.name or not dataset.digest:
        raise InputRefused("A dataset has a name and a digest.")
    require_text(dataset.name, "The name of a dataset", 500)
    require_text(dataset.digest, "The digest of a dataset", 36)
    require_text(dataset.source_type, "The kind of a dataset's source", 100)
    require_text(dataset.source, "The source of a dataset", 65_535, lines=True)
    require_text(dataset.schema, "The schema of a dataset", 1_048_575, lines=True)
    require_text(dataset.profile, "The profile of a dataset", 16_777_215, lines=True)
    limits.require_room(len(dataset.tags), 100, "The list of a dataset's tags")
    for key, value in dataset.tags.items():
        require_text(key, "The name of a dataset's tag", 255)
        most = 250 if key == CONTEXT else MOST_INPUT_TAG
        require_text(value, f"The tag {key}", most, lines=True)
