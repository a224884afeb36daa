"""What a run event says, in the words of lineage: which job read and made what."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

from apps.api.openlineage.naming import (
    NamedVersion,
    asset_name,
    named_version,
    require_seen,
)
from apps.api.v1.asked.run_events import RunEvent, ToldDataset, ToldJob
from apps.catalog.models import Asset
from apps.catalog.operations import SeenAsset
from apps.core.inputs import InputRefused, require_text

Facets: TypeAlias = Mapping[str, Any]

MOST_DESCRIPTION = 5000
MOST_VERSION = 120
ENDLESS = frozenset({"STREAMING", "SERVICE"})
"""Kinds of jobs that never complete, as the facet ``jobType`` says."""
RUN_KEY = "mlflow.runId"
"""The key of a tag of a run that names the MLflow run it is."""
OWNERS = {"user": "owner", "team": "team"}
"""How owners are written (``user:olivia``, ``team:Imaging``), and what they are to an asset."""
MOST_OWNER = 256


Named: TypeAlias = SeenAsset | NamedVersion


@dataclass(frozen=True)
class ReadEvent:
    """One event of a run."""

    run: UUID
    job: SeenAsset
    read: Sequence[Named] = ()
    made: Sequence[Named] = ()
    training_runs: Sequence[str] = ()
    """The ids of MLflow runs this may be, whose versions the run made."""


def read_event(event: RunEvent) -> ReadEvent:
    """Return what an event says.

    What a run made counts once it completed, or while it runs if its job never completes. A run
    that failed or was aborted adds nothing.
    """
    if event.run is None or event.job is None:
        raise InputRefused(
            "Signet takes run events: what a run of a job was seen to do, with “run” and “job”. "
            "Declare what holds by design at /lineage/assets and /lineage/edges."
        )
    job = _job(event.job)
    if event.event_type in {"ABORT", "FAIL"}:
        return ReadEvent(event.run.run_id, job)
    read = _once_each(map(_dataset, event.inputs or ()))
    if not _has_made(event, event.job):
        return ReadEvent(event.run.run_id, job, read)
    return ReadEvent(
        event.run.run_id,
        job,
        read,
        _once_each(map(_dataset, event.outputs or ())),
        _once_each([*_training_run(event.run.facets), event.run.run_id.hex]),
    )


def _has_made(event: RunEvent, job: ToldJob) -> bool:
    if event.event_type == "COMPLETE":
        return True
    kind = _facet(job.facets, "jobType").get("processingType")
    return event.event_type == "RUNNING" and kind in ENDLESS


def _job(job: ToldJob) -> SeenAsset:
    return SeenAsset(
        Asset.Kind.PIPELINE,
        asset_name("the job", job.namespace, job.name),
        location=_text(job.facets, "sourceCodeLocation", "url"),
        description=_description(job.facets),
        **_owners(job.facets),
    )


def _dataset(dataset: ToldDataset) -> Named:
    version = named_version(dataset.namespace, dataset.name)
    if version is not None:
        return version
    return SeenAsset(
        Asset.Kind.DATASET,
        asset_name("a dataset", dataset.namespace, dataset.name),
        _version(dataset.facets),
        location=_text(dataset.facets, "dataSource", "uri"),
        description=_description(dataset.facets),
        **_owners(dataset.facets),
    )


def _once_each(things: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(things))


def _version(facets: Facets | None) -> str:
    """Return the version of a dataset; it is part of what names it, so none is cut or left out."""
    version = _text(facets, "version", "datasetVersion")
    require_text(version, "The version of a dataset", MOST_VERSION)
    require_seen("The version of a dataset", version)
    return version


def _description(facets: Facets | None) -> str:
    """Return what is said about something, unless it is longer than Signet keeps."""
    text = _text(facets, "documentation", "description")
    try:
        require_text(text, "The description", MOST_DESCRIPTION, lines=True)
    except InputRefused:
        return ""
    return text


def _owners(facets: Facets | None) -> dict[str, str]:
    """Return the first person and the first team among the owners, by their names."""
    owners = _facet(facets, "ownership").get("owners")
    found: dict[str, str] = {}
    for owner in owners if isinstance(owners, list) else ():
        name = owner.get("name") if isinstance(owner, dict) else None
        kind, _, who = name.partition(":") if isinstance(name, str) else ("", "", "")
        if kind in OWNERS and len(who) <= MOST_OWNER:
            found.setdefault(OWNERS[kind], who)
    return found


def _training_run(facets: Facets | None) -> Iterator[str]:
    """Yield the id of the MLflow run that the facet ``mlflow``, or a tag, names."""
    if told := _text(facets, "mlflow", "runId"):
        yield told
    tags = _facet(facets, "tags").get("tags")
    for tag in tags if isinstance(tags, list) else ():
        value = tag.get("value") if isinstance(tag, dict) and tag.get("key") == RUN_KEY else None
        if isinstance(value, str):
            yield value


def _facet(facets: Facets | None, name: str) -> Facets:
    """Return a facet, or an empty one where there is none or it was taken away."""
    found = (facets or {}).get(name)
    is_there = isinstance(found, dict) and found.get("_deleted") is not True
    return found if is_there and isinstance(found, dict) else {}


def _text(facets: Facets | None, name: str, key: str) -> str:
    """Return a text of a facet without blanks around it, or nothing."""
    found = _facet(facets, name).get(key)
    return found.strip() if isinstance(found, str) else ""
