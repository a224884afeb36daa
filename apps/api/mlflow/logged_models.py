"""Logged models, as MLflow 3 clients create, describe, find and delete them."""

from apps.api.mlflow import asking, errors, keysets, tracked, tracked_conditions, tracked_orders
from apps.api.mlflow.asking import Pair
from apps.api.mlflow.calls import Asked, Call, Json, Nothing, endpoint
from apps.api.mlflow.filters import LOGGED_MODELS, Kind, Ordering, read_filter, read_orders
from apps.api.mlflow.finding import experiment_numbers, experiment_of, logged_model_of, run_of
from apps.catalog.models import LoggedModel
from apps.catalog.tracking import logged_models, rights

MOST_ASKED = 50_000
MOST_AT_ONCE = 1000
MOST_DATASETS = 100

_STATUSES = {
    **{status.value: status for status in LoggedModel.Status},
    "1": LoggedModel.Status.PENDING,
    "2": LoggedModel.Status.READY,
    "3": LoggedModel.Status.FAILED,
}
"""What clients call a status, by name or by number."""
_HERE = "api/2.0/mlflow/logged-models"
_ONE = f"{_HERE}/<str:uid>"


class Creation(Asked, frozen=True):
    experiment_id: str
    name: str = ""
    model_type: str = ""
    source_run_id: str = ""
    params: list[Pair] = []
    tags: list[Pair] = []


class Reading(Asked, frozen=True):
    allow_deleted: bool = False


class Finalizing(Asked, frozen=True):
    status: str | int


class Tags(Asked, frozen=True):
    tags: list[Pair] = []


class Parameters(Asked, frozen=True):
    params: list[Pair] = []


class Dataset(Asked, frozen=True):
    dataset_name: str
    dataset_digest: str = ""


class Order(Asked, frozen=True):
    """What logged models are ordered by; a metric may be one measured on a dataset."""

    field_name: str
    ascending: bool = True
    dataset_name: str = ""
    dataset_digest: str = ""


class Search(Asked, frozen=True):
    experiment_ids: list[str]
    filter: str = ""
    datasets: list[Dataset] = []
    max_results: int = 50
    order_by: list[Order] = []
    page_token: str = ""


@endpoint("POST", _HERE, Creation)
def create(call: Call[Creation]) -> Json:
    """Create a logged model, of a run if one is named."""
    asked = call.asked
    made = logged_models.create_logged_model(
        experiment_of(call.actor, asked.experiment_id),
        by=call.actor,
        name=asked.name,
        kind=asked.model_type,
        run=run_of(call.actor, asked.source_run_id) if asked.source_run_id else None,
        parameters=asking.pairs(asked.params),
        tags=asking.pairs(asked.tags),
    )
    return {"model": tracked.shown_logged_model(made)}


@endpoint("POST", f"{_HERE}/search", Search)
def search(call: Call[Search]) -> Json:
    """Answer a page of the logged models a filter finds in some experiments."""
    asked = call.asked
    comparisons = read_filter(asked.filter, LOGGED_MODELS)
    datasets = [(given.dataset_name, given.dataset_digest) for given in asked.datasets]
    if len(datasets) > MOST_DATASETS or not all(name for name, _ in datasets):
        raise errors.invalid(
            f"A search names at most {MOST_DATASETS} datasets, each by its dataset_name."
        )
    numbers = experiment_numbers(asked.experiment_ids)
    within = rights.logged_models_visible_to(call.actor).filter(experiment__in=numbers)
    rows, columns = tracked_orders.logged_models(
        tracked_conditions.logged_models_where(within, comparisons, datasets),
        _orders(asked.order_by),
        [(given.dataset_name, given.dataset_digest) for given in asked.order_by],
    )
    found = keysets.page(
        rows,
        columns,
        size=asking.size_of(asked.max_results, most=MOST_ASKED, at_once=MOST_AT_ONCE),
        token=asked.page_token,
        bound_to=(call.actor.id, *numbers, *datasets, *asked.order_by, *comparisons),
    )
    return asking.answer("models", tracked.logged_models_with_ids(found.ids), found.token)


@endpoint("GET", _ONE, Reading)
def get(call: Call[Reading], *, uid: str) -> Json:
    """Answer a logged model; a deleted one if its starter asks for it."""
    found = rights.deleted_or_none(call.actor, uid) if call.asked.allow_deleted else None
    return {"model": tracked.shown_logged_model(found or logged_model_of(call.actor, uid))}


@endpoint("PATCH", _ONE, Finalizing)
def finalize(call: Call[Finalizing], *, uid: str) -> Json:
    """Say whether the files of a logged model are in."""
    status = _STATUSES.get(str(call.asked.status))
    if status is None:
        raise errors.invalid(f"The status is one of {', '.join(LoggedModel.Status.values)}.")
    held = logged_models.finalize(logged_model_of(call.actor, uid), status, by=call.actor)
    return {"model": tracked.shown_logged_model(held)}


@endpoint("DELETE", _ONE, Nothing)
def delete(call: Call[Nothing], *, uid: str) -> Json:
    """Delete a logged model; versions registered from it stay."""
    logged_models.delete_logged_model(logged_model_of(call.actor, uid), by=call.actor)
    return {}


@endpoint("PATCH", f"{_ONE}/tags", Tags)
def set_tags(call: Call[Tags], *, uid: str) -> Json:
    """Set tags on a logged model."""
    model, tags = logged_model_of(call.actor, uid), asking.pairs(call.asked.tags)
    held = logged_models.set_tags(model, tags, by=call.actor)
    return {"model": tracked.shown_logged_model(held)}


@endpoint("DELETE", f"{_ONE}/tags/<path:key>", Nothing)
def delete_tag(call: Call[Nothing], *, uid: str, key: str) -> Json:
    """Delete a tag of a logged model."""
    logged_models.delete_tag(logged_model_of(call.actor, uid), key, by=call.actor)
    return {}


@endpoint("POST", f"{_ONE}/params", Parameters)
def log_parameters(call: Call[Parameters], *, uid: str) -> Json:
    """Add parameters to a logged model."""
    model, given = logged_model_of(call.actor, uid), asking.pairs(call.asked.params)
    logged_models.log_parameters(model, given, by=call.actor)
    return {}


def _orders(asked: list[Order]) -> tuple[Ordering, ...]:
    clauses = [f"{each.field_name} {'ASC' if each.ascending else 'DESC'}" for each in asked]
    orders = read_orders(clauses, LOGGED_MODELS)
    for given, order in zip(asked, orders, strict=True):
        if given.dataset_digest and not given.dataset_name:
            raise errors.invalid("An order with a dataset_digest has a dataset_name too.")
        if given.dataset_name and order.kind is not Kind.METRIC:
            raise errors.invalid("Only an order by a metric can name a dataset.")
    return orders


ENDPOINTS = (
    create,
    search,
    get,
    finalize,
    delete,
    set_tags,
    delete_tag,
    log_parameters,
)
