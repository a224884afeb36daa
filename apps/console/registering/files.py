"""Files that come by page: kept in an upload of the person until a version takes them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

from django.db.models import Count, QuerySet, Sum
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from apps.catalog import ingest, queries
from apps.catalog.manifest import label_problem
from apps.catalog.models import Upload, UploadFile
from apps.catalog.receiving import SpooledFile
from apps.core import formats
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import DomainError, NotFound
from apps.core.inputs import InputRefused

MOST_LISTED = 100
MOST_REFUSALS = 20


@dataclass
class Received:
    """The files there are for a version, and what kept others out."""

    upload: Upload | None = None
    refusals: list[str] = field(default_factory=list)

    @property
    def held(self) -> QuerySet[UploadFile]:
        return UploadFile.objects.filter(upload=self.upload)

    @property
    def listed(self) -> QuerySet[UploadFile]:
        """The first files, to be shown."""
        return self.held.select_related("artifact").order_by("path")[:MOST_LISTED]

    @property
    def summary(self) -> str:
        """How many there are and how large, in words."""
        held = self.held.aggregate(files=Count("pk"), size=Sum("artifact__size"))
        files = "1 file" if held["files"] == 1 else f"{formats.grouped(held['files'])} files"
        return f"{files}, {formats.size(held['size'])}"

    @property
    def has_files(self) -> bool:
        return self.held.exists()

    @property
    def has_more(self) -> bool:
        return self.held.count() > MOST_LISTED

    def refuse(self, words: str) -> None:
        """Keep why a file did not come in; of very many, the first are enough."""
        if len(self.refusals) < MOST_REFUSALS:
            self.refusals.append(words)


def receive(typed: QueryDict, sent: MultiValueDict[str, SpooledFile], *, by: Actor) -> Received:
    """Take the files of a form into the upload the form names, or into a new one."""
    received = Received()
    try:
        received.upload = _kept(typed.get("upload", ""), by=by)
        _leave_out(received.upload, typed.getlist("leave_out"), by=by)
        files = _named(typed.getlist("path"), cast(list[SpooledFile], sent.getlist("files")))
        if files and received.upload is None:
            received.upload = ingest.start_upload(by=by)
    except DomainError as refusal:
        received.refuse(str(refusal))
        return received
    for path, file in files:
        _take(received, path, file, by=by)
    if not (received.has_files or received.refusals):
        received.refuse("Choose the files of the model: a version needs at least one.")
    return received


def _kept(sent_id: str, *, by: Actor) -> Upload | None:
    """Return the upload that an earlier try left, as long as it can still be used."""
    if not sent_id:
        return None
    upload = _upload_or_none(sent_id, by=by)
    if upload is None:
        raise NotFound("The files sent before are no longer there. Choose them again.")
    ingest.require_open(upload, by=by, at=database_now())
    return upload


def _upload_or_none(sent_id: str, *, by: Actor) -> Upload | None:
    try:
        return queries.upload_or_none(by, UUID(sent_id))
    except ValueError:
        return None


def _leave_out(upload: Upload | None, paths: Sequence[str], *, by: Actor) -> None:
    """Take files out of the upload; paths it does not hold are passed over."""
    if upload is None:
        return
    asked = [path for path in paths if label_problem(path) is None]
    for path in list(upload.files.filter(path__in=asked).values_list("path", flat=True)):
        ingest.remove_file(upload, path, by=by)


def _named(paths: Sequence[str], files: Sequence[SpooledFile]) -> list[tuple[str, SpooledFile]]:
    """Return each file with its path: the one the page found, or its plain name."""
    paths = paths or [file.name or "" for file in files]
    if len(paths) != len(files):
        raise InputRefused("Some files came without their paths. Choose the files again.")
    twice = [path for path, count in Counter(paths).items() if count > 1]
    if twice:
        raise InputRefused(f"Two files have the path {twice[0]!a:.200}. Choose one of them.")
    return list(zip(paths, files, strict=True))


def _take(received: Received, path: str, file: SpooledFile, *, by: Actor) -> None:
    """Take one file; it replaces one that an earlier try left under the same path."""
    assert received.upload is not None
    try:
        _leave_out(received.upload, [path], by=by)
        ingest.add_file(received.upload, path, file, by=by, media_type=file.content_type or "")
    except DomainError as refusal:
        received.refuse(str(refusal))
