"""Versions with their files, and uploads."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.api.v1.answers.checks import Check
from apps.catalog.models import ModelVersion, Upload, UploadFile, VersionFile
from apps.validation.models import CheckRun


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
    tags: dict[str, str]
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
    page: str

    @classmethod
    def whole(cls, version: ModelVersion, checks: Iterable[CheckRun]) -> "Version":
        """Return a version with its files, aliases, tags and the newest runs of its checks."""
        base, run = version.base_version, version.run
        return cls(
            **_line(version),
            facts_digest=version.facts_digest,
            description=version.description,
            registered_by=version.created_by.username,
            contributors=version.contributors,
            aliases=sorted(alias.name for alias in version.aliases.all()),
            tags=dict(version.tags.order_by("key").values_list("key", "value")),
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
            base_version=base.number if base and base.model_id == version.model_id else None,
            run=run.uid if run else None,
            byte_count=version.byte_count,
            files=[
                File.of(file)
                for file in version.files.select_related("artifact").order_by("path", "pk")
            ],
            checks=[Check.of(found) for found in checks],
            page=version.get_absolute_url(),
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
