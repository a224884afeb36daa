"""What the API says about models, versions and uploads."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from pydantic import BaseModel, ConfigDict

from apps.catalog.models import ModelVersion, RegisteredModel, Upload, UploadFile, VersionFile
from apps.catalog.queries import Summary
from apps.validation.models import CheckRun


class Answer(BaseModel):
    """Something the API says."""

    model_config = ConfigDict(frozen=True)


class Model(Answer):
    """A registered model."""

    name: str
    title: str
    kind: str
    owner: str
    team: str | None
    domain: str
    method: str
    flags: list[str]
    intended_use: str
    out_of_scope_uses: str
    limitations: str
    latest_version: int | None
    champion: int | None
    registered_at: datetime
    touched_at: datetime
    url: str

    @classmethod
    def of(cls, summary: Summary) -> "Model":
        model: RegisteredModel = summary.model
        return cls(
            name=model.name,
            title=model.title,
            kind=model.kind,
            owner=model.owner.username,
            team=model.team.name if model.team else None,
            domain=model.domain,
            method=model.method,
            flags=model.flags,
            intended_use=model.intended_use,
            out_of_scope_uses=model.out_of_scope_uses,
            limitations=model.limitations,
            latest_version=summary.latest.number if summary.latest else None,
            champion=summary.champion.number if summary.champion else None,
            registered_at=model.created_at,
            touched_at=model.touched_at,
            url=reverse("v1:model", args=[model.name]),
        )


class ModelPage(Answer):
    """Some models, the one touched last first; ``next`` leads on, or is nothing."""

    models: list[Model]
    next: str | None


class File(Answer):
    """A file of a version or an upload."""

    path: str
    sha256: str
    size: int
    media_type: str

    @classmethod
    def of(cls, file: VersionFile | UploadFile) -> "File":
        artifact = file.artifact
        return cls(
            path=file.path,
            sha256=artifact.sha256,
            size=artifact.size,
            media_type=file.media_type,
        )


class Check(Answer):
    """The newest run of one check."""

    name: str
    state: str
    run: str
    examined_digest: str
    summary: str
    finished_at: datetime | None

    @classmethod
    def of(cls, run: CheckRun) -> "Check":
        return cls(
            name=run.check_name,
            state=run.state,
            run=run.record_id,
            examined_digest=run.examined_digest,
            summary=run.summary,
            finished_at=run.finished_at,
        )


class Code(Answer):
    """Where the code of a version lies."""

    repository: str
    commit: str
    is_dirty: bool


class VersionLine(Answer):
    """A version in a list."""

    model: str
    number: int
    stage: str
    readiness: str
    digest: str
    change_class: str
    registered_at: datetime
    url: str

    @classmethod
    def of(cls, version: ModelVersion) -> "VersionLine":
        return cls(**_line(version))


class VersionPage(Answer):
    """Some versions of a model, the newest first; ``next`` leads on, or is nothing."""

    versions: list[VersionLine]
    next: str | None


class Version(VersionLine):
    """A version whole: what it is made of, where it stands, and how its checks stand."""

    facts_digest: str
    description: str
    registered_by: str
    contributors: list[str]
    aliases: list[str]
    source: str
    framework: str
    flavors: list[str]
    python_version: str
    packages: list[str]
    code: Code
    container_digest: str
    base_version: int | None
    run: str | None
    byte_count: int
    files: list[File]
    checks: list[Check]

    @classmethod
    def whole(cls, version: ModelVersion, checks: Iterable[CheckRun]) -> "Version":
        """Return a version with its files, aliases and the newest runs of its checks."""
        base, run = version.base_version, version.run
        return cls(
            **_line(version),
            facts_digest=version.facts_digest,
            description=version.description,
            registered_by=version.created_by.username,
            contributors=version.contributors,
            aliases=sorted(alias.name for alias in version.aliases.all()),
            source=version.source,
            framework=version.framework,
            flavors=version.flavors,
            python_version=version.python_version,
            packages=version.packages,
            code=Code(
                repository=version.code_repository,
                commit=version.code_commit,
                is_dirty=version.code_is_dirty,
            ),
            container_digest=version.container_digest,
            base_version=base.number if base else None,
            run=run.uid if run else None,
            byte_count=version.byte_count,
            files=[
                File.of(file)
                for file in version.files.select_related("artifact").order_by("path", "pk")
            ],
            checks=[Check.of(found) for found in checks],
        )


def _line(version: ModelVersion) -> dict[str, Any]:
    return {
        "model": version.model.name,
        "number": version.number,
        "stage": version.stage,
        "readiness": version.readiness,
        "digest": version.content_digest,
        "change_class": version.change_class,
        "registered_at": version.created_at,
        "url": reverse("v1:version", args=[version.model.name, version.number]),
    }


class UploadAnswer(Answer):
    """An upload with the files it holds so far."""

    id: UUID
    started_at: datetime
    expires_at: datetime
    taken_at: datetime | None
    files: list[File]

    @classmethod
    def of(cls, upload: Upload) -> "UploadAnswer":
        return cls(
            id=upload.pk,
            started_at=upload.started_at,
            expires_at=upload.expires_at,
            taken_at=upload.taken_at,
            files=[
                File.of(file)
                for file in upload.files.select_related("artifact").order_by("path", "pk")
            ],
        )
