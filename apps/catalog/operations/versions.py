"""A version is registered in one change: its number, files, digest, and what it declares."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from apps.accounts.models import User
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import disposal, ingest, names, search
from apps.catalog.lifecycle import Readiness
from apps.catalog.manifest import manifest_digest
from apps.catalog.models import ModelVersion, RegisteredModel, Run, Upload, VersionFile
from apps.catalog.models.content import NamedFile
from apps.catalog.operations.observing import observe_run_inputs
from apps.catalog.training import (
    RunFacts,
    facts_digest,
    record_run,
    require_declared,
    require_run,
)
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused, require_text
from apps.core.prepared import Prepared, Slot

REGISTER_VERSION = Action(
    "version.register",
    permission="catalog.register_version",
    refusal="You do not have the right to register versions of this model.",
)

MOST_DESCRIPTION = 5000
MOST_PACKAGES = 1000
MOST_CONTRIBUTORS = 100
_COMMIT = re.compile(r"[0-9a-fA-F]{7,64}|")
_CONTAINER = re.compile(r"sha256:[0-9a-f]{64}|")

_HIGHEST: Prepared[ModelVersion] = Prepared(
    lambda: ModelVersion.objects.filter(model=Slot()).order_by("-number").values_list("number")[:1]
)


def register_version(
    model: RegisteredModel,
    *,
    by: Actor,
    upload: Upload,
    run: Run | RunFacts | None = None,
    signature: object = None,
    input_example: object = None,
    description: str = "",
    source: str = "",
    framework: str = "",
    flavors: Collection[str] = (),
    python_version: str = "",
    packages: Sequence[str] = (),
    code_repository: str = "",
    code_commit: str = "",
    code_is_dirty: bool = False,
    container_digest: str = "",
    base_version: ModelVersion | None = None,
    change_class: str = "",
    contributors: Collection[User] = (),
) -> ModelVersion:
    """Register what an upload holds as the next version of a model, complete from the start.

    Raises:
        RuleBroken: when the upload cannot be taken, or what is declared is not what may be.
    """
    with change(REGISTER_VERSION, model, by=by) as record:
        if by.user_id is None:
            raise NotAllowed("Only a person or a service account registers versions.")
        files = ingest.take(upload, by=by, at=record.time)
        version = ModelVersion(
            model=model,
            number=next_number(model),
            readiness=Readiness.READY,
            description=description,
            source=source,
            signature=signature,
            input_example=input_example,
            framework=framework,
            flavors=sorted(set(flavors)),
            python_version=python_version,
            packages=list(packages),
            code_repository=code_repository,
            code_commit=code_commit.lower(),
            code_is_dirty=code_is_dirty,
            container_digest=container_digest,
            base_version=base_version,
            change_class=change_class,
            contributors=_contributors(by, contributors),
            file_count=len(files),
            byte_count=sum(file.artifact.size for file in files),
            created_at=record.time,
            touched_at=record.time,
            created_by_id=by.user_id,
            ready_at=record.time,
        )
        require_declarations(version)
        version.run = _run(run, by=by, version=version)
        version.run_uid = version.run.uid if version.run else ""
        version.content_digest = content_digest(files)
        version.run_revision = version.run.revision if version.run else 0
        version.facts_digest = facts_digest(version)
        version.save()
        name_files(version, files)
        model.touch()
        observe_run_inputs(version, by=by)
        search.take_in(version)
        record.about(version)
        record.note(
            number=version.number,
            content=version.content_digest,
            facts=version.facts_digest,
            files=version.file_count,
            bytes=version.byte_count,
            empty_files=sum(file.artifact.size == 0 for file in files),
        )
    return version


@dataclass(frozen=True)
class _Entry:
    """A file as the manifest wants it."""

    path: str
    sha256: str
    size: int


def content_digest(files: Sequence[NamedFile]) -> str:
    """Return the digest over the files of a version."""
    return manifest_digest(
        _Entry(file.path, file.artifact.sha256, file.artifact.size) for file in files
    )


def next_number(model: RegisteredModel) -> int:
    """Return the number after the highest; the model is locked, so there is no other taker."""
    for (highest,) in _HIGHEST.tuples(model.pk):
        return int(highest) + 1
    return 1


def _contributors(by: Actor, others: Collection[User]) -> list[str]:
    if len(others) > MOST_CONTRIBUTORS:
        raise InputRefused(f"A version names at most {MOST_CONTRIBUTORS} contributors.")
    return sorted({by.id, *(person.record_id for person in others)})


def _run(run: Run | RunFacts | None, *, by: Actor, version: ModelVersion) -> Run | None:
    if not isinstance(run, RunFacts):
        return run
    require_run(run)
    return None if run.is_empty else record_run(run, by=by, at=version.created_at)


def name_files(version: ModelVersion, files: Sequence[NamedFile]) -> None:
    """Let a version name its files; their artifacts are shared, never copied."""
    disposal.keep_after_all([file.artifact for file in files])
    VersionFile.objects.bulk_create(
        (
            VersionFile(
                version=version,
                path=file.path,
                folded_path=file.folded_path,
                artifact=file.artifact,
                media_type=file.media_type,
            )
            for file in files
        ),
        batch_size=500,
    )


def require_declarations(version: ModelVersion) -> None:
    """Refuse declarations no page could show, no database keep and no digest cover."""
    require_text(version.description, "The description", MOST_DESCRIPTION, lines=True)
    names.require_source(version.source)
    require_text(version.framework, "The framework", 120)
    require_text(version.python_version, "The Python version", 20)
    require_text(version.code_repository, "The repository", 500)
    if version.signature is not None:
        require_declared(version.signature, "The signature")
        if not isinstance(version.signature, dict):
            raise InputRefused("A signature is an object with inputs and outputs.")
    if version.input_example is not None:
        require_declared(version.input_example, "The input example")
    _require_lists(version)
    _require_codes(version)
    _require_base(version)


def _require_lists(version: ModelVersion) -> None:
    for label, words in (("flavors", version.flavors), ("packages", version.packages)):
        if len(words) > MOST_PACKAGES:
            raise InputRefused(f"A version names at most {MOST_PACKAGES:,} {label}.")
        for word in words:
            require_text(word, f"Each of the {label}", 500)


def _require_codes(version: ModelVersion) -> None:
    if not _COMMIT.fullmatch(version.code_commit):
        raise InputRefused("A commit is given by 7 to 64 hexadecimal digits.")
    if not _CONTAINER.fullmatch(version.container_digest):
        raise InputRefused("A container is given by its digest: sha256: and 64 small digits.")
    if version.change_class and version.change_class not in ModelVersion.ChangeClass.values:
        known = ", ".join(ModelVersion.ChangeClass.values)
        raise InputRefused(f"The class of a change is one of {known}.")


def _require_base(version: ModelVersion) -> None:
    base = version.base_version
    if base is not None and not base.is_ready:
        raise RuleBroken(f"{base} has no complete content, so nothing can be based on it.")
