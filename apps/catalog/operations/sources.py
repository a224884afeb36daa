"""A version is registered from a source: where a client says its files are."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import mlmodel, places, prompts, search, store
from apps.catalog.code import Code, code_of
from apps.catalog.lifecycle import Readiness
from apps.catalog.models import ModelVersion, RegisteredModel, Run, VersionFile
from apps.catalog.models.content import NamedFile
from apps.catalog.operations.labels import tag_new_version
from apps.catalog.operations.observing import observe_run_inputs
from apps.catalog.operations.registering import NO_TAGS
from apps.catalog.operations.versions import (
    MOST_DESCRIPTION,
    REGISTER_VERSION,
    content_digest,
    name_files,
    next_number,
    require_declarations,
)
from apps.catalog.sources import Claim, Found, find
from apps.catalog.store import Expected
from apps.catalog.training import facts_digest
from apps.core.actors import BY_WORKER, Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import require_text

COMPLETE_VERSION = Action("version.complete", permission=BY_WORKER)
DESCRIBE_VERSION = Action(
    "version.describe",
    permission="catalog.change_registeredmodel",
    refusal="You do not have the right to describe this model.",
)

MOST_LINK = 500
_COPIED = (
    "signature",
    "input_example",
    "framework",
    "flavors",
    "python_version",
    "packages",
    "code_repository",
    "code_commit",
    "code_is_dirty",
    "container_digest",
)


def register_from_source(
    model: RegisteredModel,
    source: str,
    *,
    by: Actor,
    run_uid: str = "",
    logged_model_uid: str = "",
    run_link: str = "",
    description: str = "",
    tags: Mapping[str, str] = NO_TAGS,
) -> ModelVersion:
    """Register what a source leads to as the next version of a model.

    A version whose bytes lie elsewhere waits for them, and every gate is closed until then.
    """
    found = find(model, Claim(source, run_uid, logged_model_uid), tags, by=by)
    return register_found(
        model, found, by=by, run_link=run_link, description=description, tags=tags
    )


def register_found(
    model: RegisteredModel,
    found: Found,
    *,
    by: Actor,
    run_link: str = "",
    description: str = "",
    tags: Mapping[str, str] = NO_TAGS,
) -> ModelVersion:
    """Register what ``sources.find`` found, so that nothing is read while the model is locked."""
    declared = _declared(found)
    with change(REGISTER_VERSION, model, by=by) as record:
        if by.user_id is None:
            raise NotAllowed("Only a person or a service account registers versions.")
        require_text(run_link, "The link to the run", MOST_LINK)
        version = ModelVersion(
            model=model,
            number=next_number(model),
            description=description,
            source=found.source,
            run_uid=found.run_uid,
            run_link=run_link,
            logged_model_uid=found.logged_model_uid,
            contributors=_contributors(found, by=by),
            created_at=record.time,
            touched_at=record.time,
            created_by_id=by.user_id,
            **declared,
        )
        _require_declarations(version)
        _take_run(version, found.run)
        files = _files(found, at=record.time)
        if files:
            _take_files(version, files)
            version.readiness, version.ready_at = Readiness.READY, record.time
        version.facts_digest = facts_digest(version)
        version.save()
        name_files(version, files)
        tag_new_version(version, tags)
        model.touch()
        observe_run_inputs(version, by=by)
        search.take_in(version)
        record.about(version)
        record.note(number=version.number, tags=len(tags), **_summary(version))
    return version


def complete_version(
    version: ModelVersion, files: Sequence[NamedFile], *, by: Actor, run: Run | None = None
) -> ModelVersion:
    """Give a version whose bytes lay elsewhere its content, which never changes from then on."""
    declared = _declared(Found(version.source, tuple(files), run or version.run))
    with change(COMPLETE_VERSION, version, by=by) as record:
        if version.readiness != Readiness.PENDING:
            raise RuleBroken(f"{version} has its content already.")
        if not any(file.artifact.size for file in files):
            raise RuleBroken("There is no file with anything in it.")
        for name, value in declared.items():
            setattr(version, name, value)
        _require_declarations(version)
        _take_run(version, run or version.run)
        _take_files(version, files)
        version.readiness, version.ready_at = Readiness.READY, record.time
        version.facts_digest = facts_digest(version)
        version.touch()
        version.save()
        name_files(version, files)
        version.model.touch()
        observe_run_inputs(version, by=by)
        search.refresh(version.model)
        record.note(number=version.number, **_summary(version))
    return version


def describe_version(version: ModelVersion, *, by: Actor, description: str) -> ModelVersion:
    """Change the words that describe a version."""
    with change(DESCRIBE_VERSION, version, by=by) as record:
        require_text(description, "The description", MOST_DESCRIPTION, lines=True)
        is_changed = version.description != description
        if is_changed:
            version.description = description
            version.touch()
            version.save()
        record.note(changed=["description"] if is_changed else [])
    return version


def _files(found: Found, *, at: datetime) -> Sequence[NamedFile]:
    """Return the files of a new version; the one of a prompt is stored by that."""
    if not found.prompt:
        return found.files
    artifact = places.artifact_of(store.artifacts().receive([found.prompt], Expected()), at=at)
    path = prompts.FILE
    return [VersionFile(path=path, folded_path=path, artifact=artifact, media_type=prompts.TYPE)]


def _declared(found: Found) -> dict[str, Any]:
    """Return what a version declares: as the one it copies, or as its model folder says."""
    if found.copied is not None:
        return {name: getattr(found.copied, name) for name in _COPIED}
    code = code_of(found.run) if found.run else Code()
    return {
        **vars(mlmodel.read(found.files)),
        "code_repository": code.repository,
        "code_commit": code.commit,
    }


def _contributors(found: Found, *, by: Actor) -> list[str]:
    """Return who built a version: registered, trained or logged it, or built what it copies."""
    known = {by.id, found.logged_by, found.run.starter_id if found.run else ""}
    return sorted((known | set(found.copied.contributors if found.copied else ())) - {""})


def _require_declarations(version: ModelVersion) -> None:
    """Refuse declarations as for any version; the placeholder of a prompt is no address."""
    source = version.source
    if prompts.is_prompt(version.model):
        version.source = ""
    require_declarations(version)
    version.source = source


def _take_run(version: ModelVersion, run: Run | None) -> None:
    version.run = run
    version.run_revision = run.revision if run else 0


def _take_files(version: ModelVersion, files: Sequence[NamedFile]) -> None:
    version.content_digest = content_digest(files)
    version.file_count = len(files)
    version.byte_count = sum(file.artifact.size for file in files)


def _summary(version: ModelVersion) -> dict[str, Any]:
    return {
        "content": version.content_digest,
        "facts": version.facts_digest,
        "files": version.file_count,
        "bytes": version.byte_count,
    }
