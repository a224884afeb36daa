"""Stored bytes, and the names versions and uploads give them."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.catalog.models.runs import LoggedModel, Run
from apps.catalog.models.versions import ModelVersion


class Artifact(models.Model):
    """One stored file, addressed by its SHA-256 and kept once however often it is named."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    stored_at = models.DateTimeField()
    verified_at = models.DateTimeField()
    """When its bytes were last read whole and compared with the digest, on their way in at first.
    """
    quarantined_at = models.DateTimeField(null=True)
    """Since when the store holds other bytes, or none; until they are back, none go out."""
    disposed_at = models.DateTimeField(null=True)
    """Since when nothing that is kept names it, so that its bytes may go and none are handed out.
    """
    erased_at = models.DateTimeField(null=True)
    """When its bytes left the store; the digest stays."""

    class Meta:
        db_table = "catalog_artifact"
        indexes: ClassVar = [
            models.Index(fields=["verified_at", "id"], name="artifact_oldest_look"),
            models.Index(
                fields=["disposed_at"],
                condition=Q(disposed_at__isnull=False, erased_at=None),
                name="artifact_to_erase",
            ),
        ]

    def __str__(self) -> str:
        return f"sha256:{self.sha256}"


class NamedFile(models.Model):
    """A path and the artifact it stands for."""

    path = models.CharField(max_length=1024)
    folded_path = models.CharField(max_length=1100, editable=False)
    artifact = models.ForeignKey(Artifact, on_delete=models.PROTECT)
    media_type = models.CharField(max_length=120, default="application/octet-stream")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.path


class VersionFile(NamedFile):
    """A file of a version. The version's content digest covers it, so it needs no history."""

    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="files")

    class Meta:
        db_table = "catalog_version_file"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "folded_path"], name="version_file_once")
        ]


class DisposedVersion(models.Model):
    """A version whose files are not kept any more; its rows, manifest and digests are.

    Who decided so, and when, is recorded with its retirement.
    """

    version = models.OneToOneField(ModelVersion, on_delete=models.PROTECT, related_name="disposal")
    disposed_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_disposed_version"

    def __str__(self) -> str:
        return f"{self.version} disposed of"


class Upload(models.Model):
    """Files on their way in: seen only by who started it, until a version takes them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    starter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "catalog_upload"
        indexes: ClassVar = [
            models.Index(fields=["expires_at"], condition=Q(taken_at=None), name="upload_not_taken")
        ]

    def __str__(self) -> str:
        return str(self.id)


class UploadFile(NamedFile):
    """A file of an upload."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="files")

    class Meta:
        db_table = "catalog_upload_file"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["upload", "folded_path"], name="upload_file_once")
        ]


class TrackedFile(NamedFile):
    """A file a run wrote, or part of a model it logged. It may be written again.

    A version registered from it names the artifact, so it keeps what it was registered with.
    """

    run = models.ForeignKey(Run, on_delete=models.PROTECT, null=True, related_name="files")
    logged_model = models.ForeignKey(
        LoggedModel, on_delete=models.PROTECT, null=True, related_name="files"
    )
    written_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_tracked_file"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(run__isnull=False) ^ Q(logged_model__isnull=False),
                name="tracked_file_has_one_home",
            ),
            models.UniqueConstraint(fields=["run", "folded_path"], name="run_file_once"),
            models.UniqueConstraint(
                fields=["logged_model", "folded_path"], name="logged_model_file_once"
            ),
        ]
