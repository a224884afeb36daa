"""Experiments, as MLflow clients create, find, tag, rename, delete and restore them."""

from apps.api.mlflow import asking, errors, keysets, tracked, tracked_conditions, tracked_orders
from apps.api.mlflow.asking import Pair
from apps.api.mlflow.calls import Asked, Call, Json, endpoint
from apps.api.mlflow.filters import EXPERIMENTS, read_filter, read_orders
from apps.api.mlflow.finding import experiment_of
from apps.catalog.tracking import experiments, rights

MOST_ASKED = 50_000
MOST_AT_ONCE = 1000


class Creation(Asked, frozen=True):
    name: str
    artifact_location: str = ""
    tags: list[Pair] = []


class Named(Asked, frozen=True):
    experiment_name: str


class Identified(Asked, frozen=True):
    experiment_id: str


class Renaming(Asked, frozen=True):
    experiment_id: str
    new_name: str


class Tagging(Asked, frozen=True):
    experiment_id: str
    key: str
    value: str = ""


class Search(Asked, frozen=True):
    filter: str = ""
    max_results: int = MOST_AT_ONCE
    order_by: list[str] = []
    page_token: str = ""
    view_type: str | int = "ACTIVE_ONLY"


_HERE = "api/2.0/mlflow/experiments"


@endpoint("POST", f"{_HERE}/create", Creation)
def create(call: Call[Creation]) -> Json:
    """Create an experiment; its files are kept here and nowhere else."""
    asked = call.asked
    if asked.artifact_location:
        raise errors.invalid("Signet keeps the files itself. Leave out artifact_location.")
    tags = asking.pairs(asked.tags)
    made = experiments.create_experiment(asked.name, by=call.actor, tags=tags)
    return {"experiment_id": str(made.pk)}


@endpoint("GET", f"{_HERE}/get", Identified)
def get(call: Call[Identified]) -> Json:
    """Answer an experiment by its id."""
    found = experiment_of(call.actor, call.asked.experiment_id)
    return {"experiment": tracked.shown_experiment(found)}


@endpoint("GET", f"{_HERE}/get-by-name", Named)
def get_by_name(call: Call[Named]) -> Json:
    """Answer an experiment by its name."""
    name = call.asked.experiment_name
    found = rights.experiments_visible_to(call.actor).filter(name=name).first()
    if found is None:
        raise errors.absent(f"No experiment named {name!a:.100} that you can see.")
    return {"experiment": tracked.shown_experiment(found)}


def _search(call: Call[Search]) -> Json:
    """Answer a page of the experiments a filter finds."""
    asked = call.asked
    comparisons = read_filter(asked.filter, EXPERIMENTS)
    visible = asking.in_stage(rights.experiments_visible_to(call.actor), asked.view_type)
    rows, columns = tracked_orders.experiments(
        tracked_conditions.experiments_where(visible, comparisons),
        read_orders(asked.order_by, EXPERIMENTS),
    )
    found = keysets.page(
        rows,
        columns,
        size=asking.size_of(asked.max_results, most=MOST_ASKED, at_once=MOST_AT_ONCE),
        token=asked.page_token,
        bound_to=(call.actor.id, asked.view_type, *comparisons),
    )
    shown = tracked.experiments_with_ids(found.ids)
    return asking.answer("experiments", shown, found.token)


search = endpoint("POST", f"{_HERE}/search", Search)(_search)
search_by_address = endpoint("GET", f"{_HERE}/search", Search)(_search)


@endpoint("POST", f"{_HERE}/update", Renaming)
def rename(call: Call[Renaming]) -> Json:
    """Rename an experiment."""
    found = experiment_of(call.actor, call.asked.experiment_id)
    experiments.rename_experiment(found, call.asked.new_name, by=call.actor)
    return {}


@endpoint("POST", f"{_HERE}/delete", Identified)
def delete(call: Call[Identified]) -> Json:
    """Delete an experiment with its runs."""
    found = experiment_of(call.actor, call.asked.experiment_id)
    experiments.delete_experiment(found, by=call.actor)
    return {}


@endpoint("POST", f"{_HERE}/restore", Identified)
def restore(call: Call[Identified]) -> Json:
    """Restore an experiment with the runs that were deleted with it."""
    found = experiment_of(call.actor, call.asked.experiment_id)
    experiments.restore_experiment(found, by=call.actor)
    return {}


@endpoint("POST", f"{_HERE}/set-experiment-tag", Tagging)
def set_tag(call: Call[Tagging]) -> Json:
    """Set a tag on an experiment."""
    asked = call.asked
    found = experiment_of(call.actor, asked.experiment_id)
    experiments.set_experiment_tag(found, asked.key, asked.value, by=call.actor)
    return {}


@endpoint("POST", f"{_HERE}/delete-experiment-tag", Tagging)
def delete_tag(call: Call[Tagging]) -> Json:
    """Delete a tag of an experiment."""
    asked = call.asked
    found = experiment_of(call.actor, asked.experiment_id)
    experiments.delete_experiment_tag(found, asked.key, by=call.actor)
    return {}


ENDPOINTS = (
    create,
    get,
    get_by_name,
    search,
    search_by_address,
    rename,
    delete,
    restore,
    set_tag,
    delete_tag,
)
