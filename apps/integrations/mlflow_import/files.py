"""Fetches the files of a version into an upload, where they wait until all are there."""

import time
from collections.abc import Sequence

from django.conf import settings

from apps.catalog import ingest
from apps.catalog.manifest import require_labels
from apps.catalog.models import Upload, UploadFile
from apps.core import formats
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import RuleBroken
from apps.core.outbound import NotReached
from apps.integrations.mlflow_import.client import Busy, Client, ForeignFile
from apps.integrations.mlflow_import.rows import ImportedVersion, ImportJob


class NoFiles(RuleBroken):
    """There is nothing to fetch."""

    code = "no_files"


class NoUpload(RuleBroken):
    """No upload can be opened now; it can once others are taken or have expired."""

    code = "no_upload"


def fetch(
    client: Client, folder: str, row: ImportJob | ImportedVersion, *, by: Actor
) -> Sequence[UploadFile]:
    """Return all files below a folder, fetched but for those an earlier try has fetched.

    Raises:
        NoFiles: when there are none, or only empty ones.
        RuleBroken: when they are too many or too large, or their paths are not what may be.
    """
    listed = surveyed(client, folder)
    upload = upload_of(row, by=by)
    there = dict(upload.files.values_list("path", "artifact__size"))
    for path in there.keys() - {file.path for file in listed}:
        ingest.remove_file(upload, path, by=by)
    for file in listed:
        if file.path not in there or file.size not in {None, there[file.path]}:
            _fetch(client, folder, file, upload, by=by)
    files = list(upload.files.select_related("artifact").order_by("path"))
    if not any(file.artifact.size for file in files):
        raise NoFiles("All its files are empty.")
    return files


def surveyed(client: Client, folder: str) -> list[ForeignFile]:
    """Return what is below a folder, provided a version may hold as much."""
    listed: list[ForeignFile] = []
    size = 0
    for file in client.files(folder):
        listed.append(file)
        size += file.size or 0
        if len(listed) > settings.MOST_FILES:
            raise RuleBroken(f"A version holds at most {settings.MOST_FILES:,} files.")
        if (file.size or 0) > settings.MOST_FILE_BYTES:
            most = formats.size(settings.MOST_FILE_BYTES)
            raise RuleBroken(f"A file holds at most {most}; {file.path!a:.200} is larger.")
        if size > settings.MOST_VERSION_BYTES:
            most = formats.size(settings.MOST_VERSION_BYTES)
            raise RuleBroken(f"The files of a version hold at most {most}.")
    if not listed:
        raise NoFiles("The server has no files there.")
    require_labels(file.path for file in listed)
    return sorted(listed, key=lambda file: file.path)


def upload_of(row: ImportJob | ImportedVersion, *, by: Actor) -> Upload:
    """Return the upload of an earlier try while it can be used, or another one."""
    held = row.upload
    if held is None or held.starter_id != by.user_id or held.expires_at <= database_now():
        try:
            held = ingest.start_upload(by=by)
        except RuleBroken as refusal:
            raise NoUpload(str(refusal)) from None
        row.upload = held
        row.save(update_fields=["upload"])
    return held


def forget(row: ImportJob | ImportedVersion) -> None:
    """Let go of the upload of a row: a version has the files now, or nobody wants them."""
    if row.upload is not None:
        row.upload.delete()
        row.upload = None


def _fetch(client: Client, folder: str, file: ForeignFile, upload: Upload, *, by: Actor) -> None:
    """Fetch one file, again after a pause when it breaks off."""
    if upload.files.filter(path=file.path).exists():
        ingest.remove_file(upload, file.path, by=by)
    for pause in client.bounds.pauses:
        try:
            return _fetch_once(client, folder, file, upload, by=by)
        except (NotReached, Busy):
            time.sleep(pause)
    return _fetch_once(client, folder, file, upload, by=by)


def _fetch_once(
    client: Client, folder: str, file: ForeignFile, upload: Upload, *, by: Actor
) -> None:
    with client.file(f"{folder}/{file.path}") as flow:
        ingest.add_file(upload, file.path, flow.chunks, by=by, declared_size=flow.length)
