"""Bytes come first: files wait in an upload that only its starter sees, until a version takes them.

Uploads are ordinary rows; what was taken from one is recorded with the version. Artifacts that no
version names in the end stay in the store.
"""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from apps.catalog import places, queries, store
from apps.catalog.manifest import folded, require_labels
from apps.catalog.models import Upload, UploadFile
from apps.catalog.receiving import SpooledFile
from apps.catalog.store import Expected, Source, StoredBytes
from apps.catalog.store.folder import clear_old_files
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from apps.core.inputs import require_text

REGISTER = "catalog.register_version"
MOST_OPEN_UPLOADS = 50
MOST_MEDIA_TYPE = 120
PLAIN = "application/octet-stream"


def start_upload(*, by: Actor) -> Upload:
    """Open an upload for somebody who may register versions of a model, or models."""
    starter_id = _registrant(by)
    now = database_now()
    still_open = Upload.objects.filter(starter=starter_id, taken_at=None, expires_at__gt=now)
    if still_open.count() >= MOST_OPEN_UPLOADS:
        raise RuleBroken(
            f"You have {MOST_OPEN_UPLOADS} uploads that no version took. Use one of them, or wait: "
            "they expire after a day."
        )
    return Upload.objects.create(
        starter_id=starter_id, started_at=now, expires_at=now + settings.UPLOAD_HOLDS
    )


def add_file(
    upload: Upload,
    path: str,
    source: Source | SpooledFile,
    *,
    by: Actor,
    declared_sha256: str | None = None,
    declared_size: int | None = None,
    media_type: str = "",
) -> UploadFile:
    """Store a file and give it its path in the upload; the same file once more changes nothing.

    Raises:
        RuleBroken: when the path, the bytes, or their number and size are not what may be.
    """
    require_open(upload, by=by, at=database_now())
    _registrant(by)
    places.require_path(path)
    require_text(media_type, "The media type", MOST_MEDIA_TYPE)
    expected = Expected(
        declared_sha256, declared_size, most=places.room_in(upload.files.all(), path)
    )
    stored = _keep(source, expected)
    with transaction.atomic():
        return _name(upload, path, stored, by=by, media_type=media_type or PLAIN)


def remove_file(upload: Upload, path: str, *, by: Actor) -> None:
    """Take a file out of an upload again."""
    _registrant(by)
    with transaction.atomic():
        held = _locked(upload)
        require_open(held, by=by, at=database_now())
        if not held.files.filter(path=path).delete()[0]:
            raise NotFound("The upload holds no file of that path.")


def require_open(upload: Upload, *, by: Actor, at: datetime) -> None:
    """Refuse an upload of somebody else, or one that can no longer be used."""
    if upload.starter_id != by.user_id:
        raise NotFound("There is no such upload.")
    if upload.taken_at is not None:
        raise RuleBroken("A version took these files already. Start another upload.")
    if upload.expires_at <= at:
        raise RuleBroken("The upload has expired. Start another one and send the files again.")


def take(upload: Upload, *, by: Actor, at: datetime) -> list[UploadFile]:
    """Close an upload for the version that takes its files, and return them in order of path.

    Runs inside the change that registers the version, so that both happen or neither.
    """
    held = _locked(upload)
    require_open(held, by=by, at=at)
    files = list(held.files.select_related("artifact").order_by("path"))
    if not files:
        raise RuleBroken("The upload holds no file. Add the files of the model first.")
    if all(file.artifact.size == 0 for file in files):
        raise RuleBroken("Every file of the upload is empty. Add the files of the model again.")
    require_labels(file.path for file in files)
    held.files.all().delete()
    held.taken_at = at
    held.save(update_fields=["taken_at"])
    upload.taken_at = at
    return files


def may_register(by: Actor) -> bool:
    """Say whether somebody may register versions of a model, or models, and so upload."""
    return by.may("catalog.add_registeredmodel") or queries.models_where(by, REGISTER).exists()


def keep(source: Source | SpooledFile, *, most: int) -> StoredBytes:
    """Store a file that is no part of a version, such as evidence.

    What names it is written in a change afterwards; until then nobody can see it.

    Raises:
        BytesRefused: when it is larger than ``most`` bytes.
        StoreFull: when there is no room for it.
    """
    return _keep(source, Expected(most=most))


def clear_abandoned_uploads(now: datetime) -> int:
    """Forget expired uploads that no version took, and what broke off on its way in."""
    expired = Upload.objects.filter(taken_at=None, expires_at__lt=now)
    cleared = 0
    for pk in list(expired.order_by("expires_at", "pk").values_list("pk", flat=True)):
        with transaction.atomic():
            abandoned = expired.select_for_update().filter(pk=pk).first()
            if abandoned is not None:
                abandoned.delete()
                cleared += 1
    broken_off = now - settings.UPLOAD_HOLDS
    store.artifacts().clear_unfinished(broken_off)
    clear_old_files(Path(settings.INCOMING), broken_off)
    return cleared


def _registrant(by: Actor) -> int:
    """Return the account of who may register versions of a model, or models."""
    if by.user_id is None or not may_register(by):
        raise NotAllowed("You do not have the right to register versions of any model.")
    return by.user_id


def _keep(source: Source | SpooledFile, expected: Expected) -> StoredBytes:
    artifacts = store.artifacts()
    if not isinstance(source, SpooledFile):
        return artifacts.receive(source, expected)
    stored = source.require_whole()
    expected.require_room(stored.size)
    expected.require(stored)
    artifacts.adopt(source.path, stored)
    return stored


def _name(
    upload: Upload, path: str, stored: StoredBytes, *, by: Actor, media_type: str
) -> UploadFile:
    held, now = _locked(upload), database_now()
    require_open(held, by=by, at=now)
    places.require_no_clash(held.files.all(), path)
    artifact = places.artifact_of(stored, at=now)
    there = held.files.filter(path=path).select_related("artifact").first()
    if there is not None:
        if there.artifact_id != artifact.pk:
            raise RuleBroken(
                f"The upload holds another file as {path!a}. Remove that first to replace it."
            )
        return there
    places.require_room(held.files.all(), path, stored.size)
    return UploadFile.objects.create(
        upload=held,
        path=path,
        folded_path=folded(path),
        artifact=artifact,
        media_type=media_type,
    )


def _locked(upload: Upload) -> Upload:
    held = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    if held is None:
        raise NotFound("There is no such upload.")
    return held
