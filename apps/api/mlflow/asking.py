"""What several calls about experiments, runs and logged models ask in the same way."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from apps.api.mlflow import errors
from apps.api.mlflow.calls import Asked

Row = TypeVar("Row", bound=Model)

_STAGES = {"1": "ACTIVE_ONLY", "2": "DELETED_ONLY", "3": "ALL"}


class Pair(Asked, frozen=True):
    """A key with its value."""

    key: str
    value: str = ""


def pairs(sent: Iterable[Pair]) -> list[tuple[str, str]]:
    """Return keys with their values."""
    return [(pair.key, pair.value) for pair in sent]


def in_stage(rows: QuerySet[Row, Row], view_type: str | int) -> QuerySet[Row, Row]:
    """Keep the rows that are active, deleted, or both, as a client names it or numbers it."""
    named = _STAGES.get(str(view_type), str(view_type))
    if named not in _STAGES.values():
        raise errors.invalid(f"The view type is one of {', '.join(_STAGES.values())}.")
    if named == "ALL":
        return rows
    return rows.filter(deleted_at__isnull=named == "ACTIVE_ONLY")


def size_of(max_results: int, *, most: int, at_once: int) -> int:
    """Return how many rows a page has: as asked, up to where a page ends."""
    if not 1 <= max_results <= most:
        raise errors.invalid(
            f"Invalid value {max_results} for parameter 'max_results' supplied: "
            f"it must be between 1 and {most}."
        )
    return min(max_results, at_once)


def answer(name: str, shown: list[Any], token: str) -> dict[str, Any]:
    """Return a page of shapes with the address of the next one; nothing empty."""
    fields: dict[str, Any] = {name: shown, "next_page_token": token}
    return {key: value for key, value in fields.items() if value}
