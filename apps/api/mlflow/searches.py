"""Searches of models and versions: what a filter finds among what the caller may see, in pages.

Each page costs a fixed number of queries: first what the caller may see and what leads to few rows,
then the page, and for models their newest versions.
"""

from collections.abc import Iterable, Mapping, Sequence

from apps.api.mlflow import errors, listed, searched
from apps.api.mlflow.calls import Asked, Call, Json, endpoint
from apps.api.mlflow.filters import (
    MODELS,
    VERSIONS,
    Comparison,
    Kind,
    Ordering,
    read_filter,
    read_orders,
)
from apps.api.mlflow.keysets import Column
from apps.catalog import sight
from apps.core.actors import Actor

MOST_MODELS = 1000
MOST_VERSIONS = 200_000
MOST_VERSIONS_AT_ONCE = 10_000
"""Where a page of versions ends, however many were asked for: the next page has the others."""

_MODEL_COLUMNS: Mapping[str, str] = {
    "name": "m.name",
    "last_updated_timestamp": "m.touched_at",
}
_VERSION_COLUMNS: Mapping[str, str] = {
    "name": "m.name",
    "version_number": "v.number",
    "creation_timestamp": "v.created_at",
    "last_updated_timestamp": "v.touched_at",
}
_BY_NAME = (Column("m.name"),)
_BY_NAME_AND_NUMBER = (Column("m.name"), Column("v.number", is_ascending=False))
_NEWEST_FIRST = (Column("v.touched_at", is_ascending=False), *_BY_NAME_AND_NUMBER)
_ONE_NAME = (Kind.ATTRIBUTE, "name", "=")


class AskedModels(Asked, frozen=True):
    """A search of models."""

    filter: str = ""
    max_results: int = 100
    order_by: list[str] = []
    page_token: str = ""


class AskedVersions(Asked, frozen=True):
    """A search of versions."""

    filter: str = ""
    max_results: int = MOST_VERSIONS_AT_ONCE
    order_by: list[str] = []
    page_token: str = ""


@endpoint("GET", "api/2.0/mlflow/registered-models/search", AskedModels)
def search_models(call: Call[AskedModels]) -> Json:
    """Answer a page of the models a filter finds, with tags, aliases and newest versions."""
    asked = call.asked
    _require_size(asked.max_results, MOST_MODELS)
    comparisons = read_filter(asked.filter, MODELS)
    orders = read_orders(asked.order_by, MODELS)
    page = listed.models(
        listed.Asked(
            _met(searched.MODELS, comparisons, call.actor),
            _columns(orders, _MODEL_COLUMNS, default=_BY_NAME, last=_BY_NAME),
            size=asked.max_results,
            token=asked.page_token,
            bound_to=(call.actor.id, *comparisons),
            is_kept=not comparisons,
        )
    )
    return _answer("registered_models", page)


@endpoint("GET", "api/2.0/mlflow/model-versions/search", AskedVersions)
def search_versions(call: Call[AskedVersions]) -> Json:
    """Answer a page of the versions a filter finds, with their tags."""
    asked = call.asked
    _require_size(asked.max_results, MOST_VERSIONS)
    comparisons = read_filter(asked.filter, VERSIONS)
    orders = read_orders(asked.order_by, VERSIONS)
    page = listed.versions(
        listed.Asked(
            _met(searched.VERSIONS, comparisons, call.actor),
            _version_columns(orders, comparisons),
            size=min(asked.max_results, MOST_VERSIONS_AT_ONCE),
            token=asked.page_token,
            bound_to=(call.actor.id, *comparisons),
            is_kept=len(comparisons) <= 1 and all(map(_names_one, comparisons)),
            is_about_one=_is_about_one(comparisons),
        )
    )
    return _answer("model_versions", page)


def _met(
    rows: searched.Searched, comparisons: Sequence[Comparison], actor: Actor
) -> list[searched.Part]:
    """Return the conditions that a row is among what an actor may see, and meets a filter."""
    seen = sight.seen_by if _is_about_one(comparisons) else sight.seen_among_many_by
    is_seen = seen(actor)
    visible = searched.Part(is_seen.condition, is_seen.parameters)
    return [*rows.conditions(comparisons), visible]


def _is_about_one(comparisons: Iterable[Comparison]) -> bool:
    """Say whether everything a filter finds belongs to one model."""
    return any(map(_names_one, comparisons))


def _names_one(comparison: Comparison) -> bool:
    return (comparison.kind, comparison.key, comparison.operator) == _ONE_NAME


def _require_size(asked: int, most: int) -> None:
    if not 1 <= asked <= most:
        raise errors.invalid(
            "Invalid value for request parameter max_results. It must be at least 1 and at most "
            f"{most}, but got value {asked}."
        )


def _version_columns(
    orders: Iterable[Ordering], comparisons: Sequence[Comparison]
) -> tuple[Column, ...]:
    """Return the columns versions are ordered by: not the name, when all have the same."""
    columns = _columns(orders, _VERSION_COLUMNS, default=_NEWEST_FIRST, last=_BY_NAME_AND_NUMBER)
    if _is_about_one(comparisons):
        return tuple(column for column in columns if column.name != "m.name")
    return columns


def _columns(
    orders: Iterable[Ordering],
    names: Mapping[str, str],
    *,
    default: tuple[Column, ...],
    last: tuple[Column, ...],
) -> tuple[Column, ...]:
    """Return the columns of orders, or the default, and then what makes them unique."""
    columns = tuple(Column(names[each.key], each.is_ascending) for each in orders) or default
    named = {column.name for column in columns}
    return (*columns, *(column for column in last if column.name not in named))


def _answer(name: str, page: listed.Page) -> Json:
    """Return the rows of a page, and the next page's address; nothing empty."""
    answer = {name: page.rows, "next_page_token": page.token}
    return {key: value for key, value in answer.items() if value}


ENDPOINTS = (search_models, search_versions)
