"""Brings one version over, under the number it has: its run and files first, then the version."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.catalog import names, prompts
from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion, RegisteredModel, Run
from apps.catalog.models.content import NamedFile
from apps.catalog.operations.sources import MOST_LINK
from apps.catalog.operations.versions import MOST_DESCRIPTION, next_number
from apps.catalog.sources import Found
from apps.catalog.store import StoreFull
from apps.core.clock import database_now
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from apps.integrations.mlflow_import import answers, files, labels, operations, places, runs
from apps.integrations.mlflow_import.client import LATER, Absent
from apps.integrations.mlflow_import.order import Order
from apps.integrations.mlflow_import.places import Origins
from apps.integrations.mlflow_import.report import Notes
from apps.integrations.mlflow_import.rows import ImportedModel, ImportedVersion

MOST_GAP = 10_000
"""How many numbers in a row may be missing; more is no registry somebody worked with."""
PROMPT_SOURCE = "dummy-source"

_RUN = re.compile(r"[0-9a-f]{32}")
_LOGGED = re.compile(r"m-[\w\-]{1,62}")
_FROM_LOGGED = re.compile(r"models:/+(m-[\w\-]{1,62})")
STOPS = (*LATER, NotAllowed, StoreFull, files.NoUpload)
"""What settles nothing about a version, so that the import stops in front of it."""


@dataclass(frozen=True)
class Said:
    """The source and the tags of a version, as they may be here."""

    source: str
    tags: Mapping[str, str]


def bring_version(order: Order, origin: ImportedModel, told: answers.Version) -> None:
    """Bring a version, unless it is here already or its number belongs to another one."""
    notes = order.notes(origin.name, told.version)
    row = origin.versions.filter(number=told.version).select_related("version").first()
    if row is not None and row.done_at is not None:
        notes.was_there("versions")
        return
    is_registered = row is not None and row.version is not None
    if not is_registered and not _is_next(order, origin, told, notes):
        return
    row = row or origin.versions.get_or_create(number=told.version)[0]
    source = _source(origin.model, told, notes)
    tags = labels.version_tags(notes, told, source=source)
    if not is_registered:
        _register(order, row, told, Said(source, tags))
    if row.version is not None:
        labels.set_other_version_tags(order, row.version, tags)
        row.done_at = database_now()
    files.forget(row)
    row.save(update_fields=["upload", "done_at"])


# -- numbers ---------------------------------------------------------------------------------------


def _is_next(order: Order, origin: ImportedModel, told: answers.Version, notes: Notes) -> bool:
    """Say whether a version can have its number, once those that are missing are used up."""
    model, following = origin.model, next_number(origin.model)
    if told.version < following:
        _note_taken(model, told, notes)
        return False
    if told.version - following > MOST_GAP:
        raise RuleBroken(f"Version {told.version} follows a gap of more than {MOST_GAP:,} numbers.")
    while following < told.version:
        catalog.note_missing_version(model, by=order.by, reason=order.reason)
        notes.took("missing_versions")
        following += 1
    return True


def _note_taken(model: RegisteredModel, told: answers.Version, notes: Notes) -> None:
    there = model.versions.filter(number=told.version).first()
    if there is not None and there.deleted_at is not None:
        notes.leave("version", "The version of this number was deleted here, or was missing.")
    elif there is not None and _is_same(there, told):
        notes.was_there("versions")
    else:
        notes.leave("version", f"{model} has another version of this number.")


def _is_same(there: ModelVersion, told: answers.Version) -> bool:
    """Say whether a version came from where the other says it did, so it holds the same."""
    return bool(told.source) and (there.source, there.run_uid) == (told.source, told.run_id or "")


# -- registering -----------------------------------------------------------------------------------


def _register(order: Order, row: ImportedVersion, told: answers.Version, said: Said) -> None:
    """Register a version; one that is refused for good leaves its number used and a note."""
    notes = order.notes(row.origin.name, told.version)
    tags = labels.first(said.tags)
    try:
        found = _found(order, row, told, said.source)
        version = operations.import_version(
            row,
            found,
            by=order.by,
            reason=order.reason,
            run_link=labels.text_or_blank(notes, "link to the run", told.run_link, MOST_LINK),
            description=labels.text_or_blank(
                notes, "description", told.description, MOST_DESCRIPTION
            ),
            tags=tags,
        )
    except (*STOPS, operations.NumberMoved):
        raise
    except DomainError as refusal:
        notes.leave("version", str(refusal))
        catalog.note_missing_version(row.origin.model, by=order.by, reason=order.reason)
        notes.took("missing_versions")
        return
    notes.took("versions")
    notes.took("tags", len(tags))
    notes.took("files", version.file_count)
    notes.took("bytes", version.byte_count)


def _found(order: Order, row: ImportedVersion, told: answers.Version, source: str) -> Found:
    """Return what a version is made of, as far as it can be had."""
    notes = order.notes(row.origin.name, told.version)
    origins, logged_uid = _origins(order, told, notes)
    run = _run(order, origins, notes)
    run_uid = origins.run.info.run_id if origins.run else told.run_id or ""
    run_uid = run_uid if _RUN.fullmatch(run_uid) else ""
    if prompts.is_prompt(row.origin.model):
        tags = {tag.key: tag.value for tag in told.tags}
        return Found(source, run=run, run_uid=run_uid, prompt=prompts.content(tags))
    fetched = tuple(_files(order, row, told, origins))
    return Found(source, fetched, run, run_uid, logged_uid)


def _origins(order: Order, told: answers.Version, notes: Notes) -> tuple[Origins, str]:
    """Return the run and the logged model of a version, as the server knows them."""
    named = _FROM_LOGGED.fullmatch(told.source or "")
    uid = told.model_id or (named[1] if named else "")
    uid = uid if _LOGGED.fullmatch(uid) else ""
    logged = None
    try:
        logged = order.client.logged_model(uid) if uid else None
    except Absent as trouble:
        notes.leave(f"logged model {uid}", str(trouble))
    run_uid = told.run_id or (logged.source_run_id if logged else "") or ""
    if run_uid and not _RUN.fullmatch(run_uid):
        notes.leave(f"run {run_uid}", "The id of a run is 32 hexadecimal digits.")
        run_uid = ""
    return Origins(runs.run_told(order.client, run_uid, notes), logged), uid


def _run(order: Order, origins: Origins, notes: Notes) -> Run | None:
    if origins.run is None:
        return None
    try:
        return runs.bring_run(order.client, origins.run, notes, by=order.by)
    except InputRefused as refusal:
        notes.leave(f"run {origins.run.info.run_id}", str(refusal))
        return None


def _source(model: RegisteredModel, told: answers.Version, notes: Notes) -> str:
    """Return the source as it may be here; one that may not be stays readable in a tag."""
    source = told.source or ""
    if prompts.is_prompt(model):
        return source if source in prompts.SOURCES else PROMPT_SOURCE
    try:
        names.require_source(source)
    except InputRefused as refusal:
        notes.leave("source", f"{refusal} It is kept as the tag {labels.SOURCE}.")
        return ""
    return source


def _files(
    order: Order, row: ImportedVersion, told: answers.Version, origins: Origins
) -> Sequence[NamedFile]:
    """Return the files of a version, or none and a note: it then waits for its bytes."""
    notes = order.notes(row.origin.name, told.version)
    try:
        address = order.client.download_address(row.origin.name, told.version)
        folder = places.folder_of(order.client, address, origins)
        return files.fetch(order.client, folder, row, by=order.by)
    except STOPS:
        raise
    except DomainError as refusal:
        notes.leave("files", f"{refusal} The version waits for them, and its gates are closed.")
        return ()
