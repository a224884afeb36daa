"""Versions for MLflow clients: registered from a source, described, moved, deleted, tagged."""

from typing import Any

from apps.api.mlflow import found, promotions, reads
from apps.api.mlflow.calls import Asked, Call, Given, Json, endpoint
from apps.approvals import operations as approvals
from apps.catalog import operations
from apps.catalog.models import ModelVersion
from apps.catalog.operations import sources
from apps.catalog.sources import Claim
from apps.validation import operations as validation

PREFIX = "api/2.0/mlflow/model-versions"
DONE: Json = {}


class NewVersion(Asked, frozen=True):
    """A version to register from a source."""

    name: Given
    source: Given
    run_id: str | None = None
    tags: list[found.Tag] | None = None
    run_link: str | None = None
    description: str | None = None
    model_id: str | None = None


class Numbered(Asked, frozen=True):
    """A version by its number."""

    name: Given
    version: found.Number


class Described(Asked, frozen=True):
    """A version and its description."""

    name: Given
    version: found.Number
    description: str | None = None


class Moved(Asked, frozen=True):
    """A version and the stage it is to enter."""

    name: Given
    version: found.Number
    stage: Given
    archive_existing_versions: bool = False


class Tagged(Asked, frozen=True):
    """A tag of a version."""

    name: Given
    version: found.Number
    key: Given
    value: str | None = None


class Untagged(Asked, frozen=True):
    """A tag to take away."""

    name: Given
    version: found.Number
    key: Given


@endpoint("POST", f"{PREFIX}/create", NewVersion, most=8 * 2**20)
def create(call: Call[NewVersion]) -> Json:
    """Register what a source leads to, and start the checks when its files are here."""
    asked = call.asked
    model = found.model(call.actor, asked.name)
    version = validation.register_source_and_check(
        model,
        Claim(asked.source, asked.run_id or "", asked.model_id or ""),
        by=call.actor,
        tags=found.tags(asked.tags),
        run_link=asked.run_link or "",
        description=asked.description or "",
    )
    return _answer(call, model.name, version.number)


@endpoint("GET", f"{PREFIX}/get", Numbered)
def get(call: Call[Numbered]) -> Json:
    """Show a version."""
    return _answer(call, call.asked.name, call.asked.version)


@endpoint("PATCH", f"{PREFIX}/update", Described)
def update(call: Call[Described]) -> Json:
    """Describe a version."""
    version = _found(call)
    if call.asked.description is not None:
        sources.describe_version(version, by=call.actor, description=call.asked.description)
    return _answer(call, version.model.name, version.number)


@endpoint("POST", f"{PREFIX}/transition-stage", Moved)
def transition_stage(call: Call[Moved]) -> Json:
    """Move a version to a stage, provided that was decided."""
    target = promotions.stage_named(call.asked.stage)
    version = _found(call)
    if archives := call.asked.archive_existing_versions:
        promotions.require_archiving(version, target, call)
    promotions.move(version, target, call)
    if archives:
        promotions.archive_others(version, target, call)
    return _answer(call, version.model.name, version.number)


@endpoint("DELETE", f"{PREFIX}/delete", Numbered)
def delete(call: Call[Numbered]) -> Json:
    """Delete a version nothing refers to."""
    approvals.delete_version(_found(call), by=call.actor, reason=promotions.REASON)
    return DONE


@endpoint("GET", f"{PREFIX}/get-download-uri", Numbered)
def get_download_uri(call: Call[Numbered]) -> Json:
    """Say where the files of a version are: here by its content, or where its source says."""
    name, number = call.asked.name, call.asked.version
    address = reads.download_uri_or_none(call.actor, name, number)
    if address is None:
        raise found.no_version(name, number)
    return {"artifact_uri": address}


@endpoint("POST", f"{PREFIX}/set-tag", Tagged)
def set_tag(call: Call[Tagged]) -> Json:
    """Give a version a tag."""
    asked = call.asked
    operations.set_version_tag(_found(call), asked.key, asked.value or "", by=call.actor)
    return DONE


@endpoint("DELETE", f"{PREFIX}/delete-tag", Untagged)
def delete_tag(call: Call[Untagged]) -> Json:
    """Take a tag away from a version; one that is not there is no refusal to clients."""
    version, key = _found(call), call.asked.key
    if version.tags.filter(key=key).exists():
        operations.delete_version_tag(version, key, by=call.actor)
    return DONE


def _found(call: Call[Any]) -> ModelVersion:
    return found.version(call.actor, call.asked.name, call.asked.version)


def _answer(call: Call[Any], name: str, number: int) -> Json:
    version = reads.version_or_none(call.actor, name, number)
    if version is None:
        raise found.no_version(name, number)
    return {"model_version": version}


ENDPOINTS = (
    create,
    get,
    update,
    transition_stage,
    delete,
    get_download_uri,
    set_tag,
    delete_tag,
)
