"""Takes files that come by page: spooled aside and hashed as they arrive, so read only once."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser

from apps.catalog.store.contract import PIECE, StoredBytes
from apps.catalog.store.folder import (
    BYTES_BETWEEN_LOOKS,
    make_folder,
    refused_when_full,
    require_room,
)
from apps.core import formats
from apps.core.errors import DomainError
from apps.core.inputs import InputRefused

View = TypeVar("View", bound=Callable[..., Any])


def takes_files(view: View) -> View:
    """Let a view receive files; those sent to any other page are dropped unread."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


class SpooledFile(UploadedFile):  # type: ignore[type-arg]
    """A file that comes by page: where it waits, what it holds, or why it was refused."""

    def __init__(self, name: str, content_type: str, path: Path) -> None:
        super().__init__(None, name, content_type, 0)
        self.path = path
        self.hashed = hashlib.sha256()
        self.refusal: DomainError | None = None

    def require_whole(self) -> StoredBytes:
        """Return what the file holds, or raise why it was refused while it came in."""
        if self.refusal is not None:
            raise self.refusal
        return StoredBytes(self.hashed.hexdigest(), self.size or 0)

    def close(self) -> None:
        """Remove the file, unless the store has taken it."""
        self.path.unlink(missing_ok=True)


class HashingUploadHandler(FileUploadHandler):
    """Spools the files of a form, and sees to it that a form that breaks off leaves none."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 - the base class names it so
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> Any:
        """Read the whole form; Django's reader alone would forget a file cut off in the middle."""
        spool = Spool(self.request)
        try:
            return MultiPartParser(META, input_data, [spool], encoding).parse()
        finally:
            spool.drop_unfinished()


class Spool(FileUploadHandler):
    """Writes one file after the other to the folder for incoming ones, mode 0600, and hashes it.

    Nothing is buffered, so that a full disk shows in the write and not when a file is closed, and
    no file stays open, since thousands may come.
    """

    chunk_size = PIECE

    def __init__(self, request: HttpRequest | None) -> None:
        super().__init__(request)
        self._coming: tuple[SpooledFile, int] | None = None
        self._unseen = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if not self._is_welcome():
            raise SkipFile
        folder = Path(settings.INCOMING)
        make_folder(folder)
        handle, name = tempfile.mkstemp(dir=folder, prefix="page-")
        file = SpooledFile(self.file_name or "", self.content_type or "", Path(name))
        self._coming, self._unseen = (file, handle), BYTES_BETWEEN_LOOKS

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep the next bytes; once a file is refused, its rest is read past and forgotten."""
        assert self._coming is not None
        file, handle = self._coming
        if file.refusal is not None:
            return
        try:
            self._require_room(start + len(raw_data), len(raw_data))
            with refused_when_full():
                _write(handle, raw_data)
        except DomainError as refusal:
            file.refusal = refusal
            os.ftruncate(handle, 0)
        else:
            file.hashed.update(raw_data)

    def file_complete(self, file_size: int) -> SpooledFile:
        assert self._coming is not None
        file, handle = self._coming
        self._coming = None
        os.close(handle)
        file.size = file_size
        return file

    def drop_unfinished(self) -> None:
        """Leave nothing of a file whose sender went away."""
        if self._coming is not None:
            file, handle = self._coming
            os.close(handle)
            file.close()

    def _is_welcome(self) -> bool:
        match = getattr(self.request, "resolver_match", None)
        actor = getattr(self.request, "actor", None)
        return bool(actor and actor.is_person and getattr(match and match.func, "takes_files", 0))

    def _require_room(self, size: int, more: int) -> None:
        most: int = settings.MOST_FILE_BYTES
        if size > most:
            raise InputRefused(f"A file holds at most {formats.size(most)}.")
        self._unseen += more
        if self._unseen >= BYTES_BETWEEN_LOOKS:
            require_room(Path(settings.INCOMING))
            self._unseen = 0


def _write(handle: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]
