"""Models and versions as MLflow clients read them, made from plain columns.

Times are milliseconds, a version's number is a text, and an empty list is left out.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.catalog.lifecycle import Readiness, Stage

Shape = dict[str, Any]
"""A model or version as clients read it."""

STAGES: dict[str, str] = {
    Stage.DEVELOPMENT.value: "None",
    Stage.STAGING.value: "Staging",
    Stage.PRODUCTION.value: "Production",
    Stage.ARCHIVED.value: "Archived",
    Stage.DECOMMISSIONED.value: "Archived",
}
"""What MLflow calls a stage."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_OF_SQLITE = _EPOCH.replace(tzinfo=None)  # which keeps times of UTC without saying so
_MILLISECOND = timedelta(milliseconds=1)


def model(
    row: tuple[Any, ...],
    *,
    latest: Iterable[Shape] = (),
    tags: Iterable[tuple[str, str]] = (),
    aliases: Iterable[tuple[str, int]] = (),
) -> Shape:
    """Return a registered model from its columns, its newest versions, tags and aliases."""
    name, created_at, touched_at, description = row
    shape: Shape = {
        "name": name,
        "creation_timestamp": milliseconds(created_at),
        "last_updated_timestamp": milliseconds(touched_at),
        "description": description,
    }
    if versions := list(latest):
        shape["latest_versions"] = versions
    if pairs := tags_of(tags):
        shape["tags"] = pairs
    if named := [{"alias": alias, "version": str(number)} for alias, number in aliases]:
        shape["aliases"] = named
    return shape


def version(
    row: tuple[Any, ...],
    *,
    tags: Iterable[tuple[str, str]] = (),
    aliases: Iterable[str] = (),
) -> Shape:
    """Return a version from its columns, its tags and the names of its aliases."""
    name, number, created_at, touched_at, username, stage, description, *rest = row
    source, run_uid, readiness, run_link = rest
    shape: Shape = {
        "name": name,
        "version": str(number),
        "creation_timestamp": milliseconds(created_at),
        "last_updated_timestamp": milliseconds(touched_at),
        "user_id": username,
        "current_stage": STAGES[stage],
        "description": description,
        "source": source,
        "run_id": run_uid,
        "status": _status(readiness),
        "run_link": run_link,
    }
    if pairs := tags_of(tags):
        shape["tags"] = pairs
    if names := list(aliases):
        shape["aliases"] = names
    return shape


def one_of_each_stage(versions: Iterable[Shape]) -> list[Shape]:
    """Keep the highest number of what clients call one stage, lowest number first."""
    in_order = sorted(versions, key=_number)
    by_stage = {version["current_stage"]: version for version in in_order}
    return sorted(by_stage.values(), key=_number)


def tags_of(tags: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Return tags as MLflow writes them."""
    return [{"key": key, "value": value} for key, value in tags]


def moment(told: datetime | str) -> datetime:
    """Return a moment as it is, or from the text a database makes of it."""
    return datetime.fromisoformat(told) if isinstance(told, str) else told


def milliseconds(told: datetime | str) -> int:
    """Return a moment, or the text a database makes of it, as milliseconds since 1970."""
    at = moment(told)
    return (at - (_EPOCH if at.tzinfo else _EPOCH_OF_SQLITE)) // _MILLISECOND


def _number(version: Shape) -> int:
    return int(version["version"])


def _status(readiness: str) -> str:
    """Return the status of a version: one whose bytes lie elsewhere is ready to be used there.

    A client would wait five minutes for a version that is pending, and then fail.
    """
    return "FAILED_REGISTRATION" if readiness == Readiness.FAILED else "READY"
