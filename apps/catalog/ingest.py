"""Bytes come first: files wait in an upload that only its starter sees, until a version takes them.

Uploads are ordinary rows; what was taken from one is recorded with the version. Artifacts that no
version names in the end stay in the store.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, Sum

from apps.catalog import queries, store
from apps.catalog.manifest import LabelRefused, folded, require_label, require_labels
from apps.catalog.models import Artifact, Upload, UploadFile
from apps.catalog.receiving import SpooledFile
from apps.catalog.store import Expected, Source, StoredBytes
from apps.catalog.store.folder import clear_old_files
from apps.core import formats
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, NotFound, RuleBroken
from apps.core.inputs import require_text

REGISTER = "catalog.register_version"
MOST_OPEN_UPLOADS = 50
MOST_FOLDED = 1100
MOST_MEDIA_TYPE = 120
PLAIN = "application/octet-stream"


def start_upload(*, by: Actor) -> Upload:
    """Open an upload for somebody who may register versions of a model, or models."""
    if by.user_id is None or not _may_register(by):
        raise NotAllowed("You do not have the right to register versions of any model.")
    now = database_now()
    still_open = Upload.objects.filter(starter=by.user_id, taken_at=None, expires_at__gt=now)
    if still_open.count() >= MOST_OPEN_UPLOADS:
        raise RuleBroken(
            f"You have {MOST_OPEN_UPLOADS} uploads that no version took. Use one of them, or wait: "
            "they expire after a day."
        )
    return Upload.objects.create(
        starter_id=by.user_id, started_at=now, expires_at=now + settings.UPLOAD_HOLDS
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
    _require_path(path)
    require_text(media_type, "The media type", MOST_MEDIA_TYPE)
    expected = Expected(declared_sha256, declared_size, most=_room_in(upload, path))
    stored = _keep(source, expected)
    with transaction.atomic():
        return _name(upload, path, stored, by=by, media_type=media_type or PLAIN)


def remove_file(upload: Upload, path: str, *, by: Actor) -> None:
    """Take a file out of an upload again."""
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


def _may_register(by: Actor) -> bool:
    return by.may("catalog.add_registeredmodel") or queries.models_where(by, REGISTER).exists()


def _require_path(path: str) -> None:
    require_label(path)
    if len(folded(path)) > MOST_FOLDED:
        raise LabelRefused(f"The path {path!a:.200} is refused: it is too long to compare.")


def _room_in(upload: Upload, path: str) -> int:
    """Return how many bytes one more file may hold."""
    others = upload.files.exclude(path=path).aggregate(
        files=Count("pk"), held=Sum("artifact__size")
    )
    if others["files"] >= settings.MOST_FILES:
        raise RuleBroken(f"A version holds at most {settings.MOST_FILES:,} files.")
    left = settings.MOST_VERSION_BYTES - (others["held"] or 0)
    if left < 0:
        raise RuleBroken(
            f"The files of a version hold at most {formats.size(settings.MOST_VERSION_BYTES)}."
        )
    return int(min(settings.MOST_FILE_BYTES, left))


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
    _require_no_clash(held, path)
    artifact, _ = Artifact.objects.get_or_create(
        sha256=stored.sha256, defaults={"size": stored.size, "stored_at": now}
    )
    there = held.files.filter(path=path).select_related("artifact").first()
    if there is not None:
        if there.artifact_id != artifact.pk:
            raise RuleBroken(
                f"The upload holds another file as {path!a}. Remove that first to replace it."
            )
        return there
    if stored.size > _room_in(held, path):
        raise RuleBroken(
            f"The files of a version hold at most {formats.size(settings.MOST_VERSION_BYTES)}."
        )
    return UploadFile.objects.create(
        upload=held,
        path=path,
        folded_path=folded(path),
        artifact=artifact,
        media_type=media_type,
    )


def _require_no_clash(upload: Upload, path: str) -> None:
    """Refuse a path that differs from another only in case, or makes a file also a folder."""
    fold = folded(path)
    same = Q(folded_path=fold) & ~Q(path=path)
    nested = Q(folded_path__in=list(_parents(fold))) | Q(folded_path__startswith=f"{fold}/")
    for other in upload.files.filter(same | nested).values_list("path", flat=True)[:1]:
        require_labels([other, path])


def _parents(path: str) -> Iterable[str]:
    parts = path.split("/")
    return ("/".join(parts[:depth]) for depth in range(1, len(parts)))


def _locked(upload: Upload) -> Upload:
    held = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    if held is None:
        raise NotFound("There is no such upload.")
    return held
