"""Runs, as MLflow clients start, describe, end, find, delete and restore them."""

from typing import Any

import msgspec

from apps.api.mlflow import asking, errors, keysets, tracked, tracked_conditions, tracked_orders
from apps.api.mlflow.asking import Pair
from apps.api.mlflow.calls import Asked, Call, Json, endpoint
from apps.api.mlflow.filters import RUNS, read_filter, read_orders
from apps.api.mlflow.finding import experiment_numbers, experiment_of, run_of
from apps.catalog.models import Run
from apps.catalog.tracking import rights, runs, tags
from apps.catalog.tracking.rights import DEFAULT_EXPERIMENT
from apps.catalog.tracking.runs import DatasetFacts
from apps.core.inputs import require_json

MOST_ASKED = 50_000
MOST_AT_ONCE = 5000
"""Where a page of runs ends, however many were asked for: the next one has the others."""
MOST_INPUTS = 24 * 2**20

_STATUSES = {
    **{status.value: status for status in Run.Status},
    **{
        str(number): status
        for number, status in enumerate(
            (
                Run.Status.RUNNING,
                Run.Status.SCHEDULED,
                Run.Status.FINISHED,
                Run.Status.FAILED,
                Run.Status.KILLED,
            ),
            start=1,
        )
    },
}
"""What clients call a status, by name or by number."""
_HERE = "api/2.0/mlflow/runs"


class Creation(Asked, frozen=True):
    experiment_id: str = str(DEFAULT_EXPERIMENT)
    run_name: str = ""
    start_time: int = 0
    tags: list[Pair] = []


class Identified(Asked, frozen=True):
    """A run; older clients send its id under the second name, most under both."""

    run_id: str = ""
    run_uuid: str = ""


class Update(Identified, frozen=True):
    status: str | int | None = None
    end_time: int | None = None
    run_name: str | None = None


class Tagging(Identified, frozen=True, kw_only=True):
    key: str
    value: str = ""


class Search(Asked, frozen=True):
    experiment_ids: list[str] = []
    filter: str = ""
    run_view_type: str | int = "ACTIVE_ONLY"
    max_results: int = 1000
    order_by: list[str] = []
    page_token: str = ""


class Dataset(Asked, frozen=True):
    name: str
    digest: str
    source_type: str = ""
    source: str = ""
    schema: str = ""
    profile: str = ""


class DatasetInput(Asked, frozen=True):
    dataset: Dataset
    tags: list[Pair] = []


class ModelInput(Asked, frozen=True):
    model_id: str


class ModelOutput(Asked, frozen=True):
    model_id: str
    step: int = 0


class Inputs(Identified, frozen=True):
    datasets: list[DatasetInput] = []
    models: list[ModelInput] = []


class Outputs(Identified, frozen=True, kw_only=True):
    models: list[ModelOutput]


class Model(Identified, frozen=True, kw_only=True):
    model_json: str


@endpoint("POST", f"{_HERE}/create", Creation)
def create(call: Call[Creation]) -> Json:
    """Start a run, in the experiment with the id 0 when none is named."""
    asked = call.asked
    started = runs.start_run(
        experiment_of(call.actor, asked.experiment_id or str(DEFAULT_EXPERIMENT)),
        by=call.actor,
        name=asked.run_name,
        started_ms=asked.start_time,
        labels=asking.pairs(asked.tags),
    )
    return {"run": tracked.shown_run(started)}


@endpoint("GET", f"{_HERE}/get", Identified)
def get(call: Call[Identified]) -> Json:
    """Answer a run with everything recorded of it."""
    return {"run": tracked.shown_run(_run(call))}


@endpoint("POST", f"{_HERE}/update", Update)
def update(call: Call[Update]) -> Json:
    """Say how a run stands, when it ended and what it is called."""
    asked = call.asked
    status = None if asked.status is None else _STATUSES.get(str(asked.status))
    if status is None and asked.status is not None:
        raise errors.invalid(f"The status is one of {', '.join(Run.Status.values)}.")
    updated = runs.update_run(
        _run(call), by=call.actor, status=status, ended_ms=asked.end_time, name=asked.run_name
    )
    return {"run_info": tracked.shown_info(updated)}


@endpoint("POST", f"{_HERE}/delete", Identified)
def delete(call: Call[Identified]) -> Json:
    """Delete a run; it can be restored."""
    runs.delete_run(_run(call), by=call.actor)
    return {}


@endpoint("POST", f"{_HERE}/restore", Identified)
def restore(call: Call[Identified]) -> Json:
    """Restore a deleted run."""
    runs.restore_run(_run(call), by=call.actor)
    return {}


@endpoint("POST", f"{_HERE}/search", Search)
def search(call: Call[Search]) -> Json:
    """Answer a page of the runs a filter finds in some experiments."""
    asked = call.asked
    comparisons = read_filter(asked.filter, RUNS)
    numbers = experiment_numbers(asked.experiment_ids)
    within = rights.runs_visible_to(call.actor).filter(experiment__in=numbers)
    alive = asking.in_stage(within, asked.run_view_type)
    rows, columns = tracked_orders.runs(
        tracked_conditions.runs_where(alive, comparisons), read_orders(asked.order_by, RUNS)
    )
    found = keysets.page(
        rows,
        columns,
        size=asking.size_of(asked.max_results, most=MOST_ASKED, at_once=MOST_AT_ONCE),
        token=asked.page_token,
        bound_to=(call.actor.id, *numbers, asked.run_view_type, *comparisons),
    )
    return asking.answer("runs", tracked.runs_with_ids(found.ids), found.token)


@endpoint("POST", f"{_HERE}/set-tag", Tagging)
def set_tag(call: Call[Tagging]) -> Json:
    """Set a tag on a run."""
    tags.set_tags(_run(call), [(call.asked.key, call.asked.value)], by=call.actor)
    return {}


@endpoint("POST", f"{_HERE}/delete-tag", Tagging)
def delete_tag(call: Call[Tagging]) -> Json:
    """Delete a tag of a run."""
    tags.delete_tag(_run(call), call.asked.key, by=call.actor)
    return {}


@endpoint("POST", f"{_HERE}/log-inputs", Inputs, most=MOST_INPUTS)
def log_inputs(call: Call[Inputs]) -> Json:
    """Record the datasets and logged models a run read."""
    datasets = [_facts(given) for given in call.asked.datasets]
    models = [given.model_id for given in call.asked.models]
    runs.log_inputs(_run(call), by=call.actor, datasets=datasets, models=models)
    return {}


@endpoint("POST", f"{_HERE}/outputs", Outputs)
def log_outputs(call: Call[Outputs]) -> Json:
    """Record the logged models a run wrote."""
    models = {given.model_id: given.step for given in call.asked.models}
    runs.log_outputs(_run(call), models, by=call.actor)
    return {}


@endpoint("POST", f"{_HERE}/log-model", Model)
def log_model(call: Call[Model]) -> Json:
    """Append to what older clients say of the models a run wrote."""
    try:
        described = msgspec.json.decode(call.asked.model_json, type=dict[str, Any])
    except (msgspec.ValidationError, msgspec.DecodeError, RecursionError):
        raise errors.invalid("The field model_json is no object in JSON.") from None
    require_json(described)
    lacking = {"artifact_path", "flavors", "utc_time_created", "run_id"} - set(described)
    if lacking:
        raise errors.invalid(f"The field model_json lacks {', '.join(sorted(lacking))}.")
    runs.log_model(_run(call), described, by=call.actor)
    return {}


def _run(call: Call[Any]) -> Run:
    return run_of(call.actor, call.asked.run_id, call.asked.run_uuid)


def _facts(given: DatasetInput) -> DatasetFacts:
    dataset = given.dataset
    return DatasetFacts(
        name=dataset.name,
        digest=dataset.digest,
        source_type=dataset.source_type,
        source=dataset.source,
        schema=dataset.schema,
        profile=dataset.profile,
        tags=dict(asking.pairs(given.tags)),
    )


ENDPOINTS = (
    create,
    get,
    update,
    delete,
    restore,
    search,
    set_tag,
    delete_tag,
    log_inputs,
    log_outputs,
    log_model,
)
