"""Artifacts in a folder: written aside, synced, then given their name in one step."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from apps.catalog.store.contract import (
    Expected,
    Intake,
    Said,
    Source,
    StoredBytes,
    StoreFull,
    key_of,
)

LEAST_FREE_SHARE = 0.05
BYTES_BETWEEN_LOOKS = 64 * 2**20
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


class FolderStore:
    """Keeps each artifact as a file that only this account reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.incoming = folder / "incoming"

    def receive(self, source: Source, expected: Expected) -> StoredBytes:
        intake = Intake(source, expected)
        with refused_when_full():
            require_room(self.folder, expected.size or 0)
            aside = self._aside()
            try:
                self._write(aside, intake)
                stored = intake.stored()
                self._name(aside, stored)
            finally:
                aside.unlink(missing_ok=True)
        return stored

    def adopt(self, path: Path, stored: StoredBytes) -> None:
        with refused_when_full():
            try:
                self._take(path, stored)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                with path.open("rb") as elsewhere:
                    self.receive(elsewhere, Expected(stored.sha256, stored.size))
        path.unlink(missing_ok=True)

    def open(self, sha256: str) -> BinaryIO:
        return self._place(sha256).open("rb")

    def address(self, sha256: str, *, seconds: int, said: Said) -> str | None:
        return None

    def exists(self, sha256: str) -> bool:
        return self._place(sha256).is_file()

    def remove(self, sha256: str) -> None:
        place = self._place(sha256)
        if place.is_file():
            place.unlink(missing_ok=True)
            sync(place.parent)

    def clear_unfinished(self, before: datetime) -> int:
        return clear_old_files(self.incoming, before)

    def _place(self, sha256: str) -> Path:
        return self.folder / key_of(sha256)

    def _aside(self) -> Path:
        """Return a fresh empty file, mode 0600, on the file system the artifacts are on."""
        make_folder(self.incoming)
        handle, name = tempfile.mkstemp(dir=self.incoming)
        os.close(handle)
        return Path(name)

    def _write(self, aside: Path, intake: Intake) -> None:
        unseen = 0
        with aside.open("wb") as file:
            for piece in intake:
                file.write(piece)
                unseen += len(piece)
                if unseen >= BYTES_BETWEEN_LOOKS:
                    require_room(self.folder)
                    unseen = 0
            file.flush()
            os.fsync(file.fileno())

    def _take(self, path: Path, stored: StoredBytes) -> None:
        """Move a file in and then name it, so that a crash leaves it named whole or not at all."""
        aside = self._aside()
        try:
            path.rename(aside)
            aside.chmod(0o600)
            sync(aside)
            self._name(aside, stored)
        finally:
            aside.unlink(missing_ok=True)

    def _name(self, aside: Path, stored: StoredBytes) -> None:
        """Give a synced file its name, unless a whole one has it; damaged ones are replaced."""
        place = self.folder / stored.key
        make_folder(place.parent)
        if not (place.is_file() and place.stat().st_size == stored.size):
            aside.rename(place)
        sync(place.parent)


@contextmanager
def refused_when_full() -> Iterator[None]:
    """Turn "no space left on device" into words."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StoreFull from error
        raise


def require_room(folder: Path, size: int = 0) -> None:
    """Refuse to fill the last twentieth of a disk, which the database may be on too."""
    make_folder(folder)
    disk = shutil.disk_usage(folder)
    if disk.free - size < disk.total * LEAST_FREE_SHARE:
        raise StoreFull


def make_folder(folder: Path) -> None:
    """Make a folder only this account enters, and its parents, each synced into its parent."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync(folder.parent)


def sync(path: Path) -> None:
    """Wait until a file or folder is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clear_old_files(folder: Path, before: datetime) -> int:
    """Remove the files of a folder last written before a time; return how many there were."""
    old = [
        path
        for path in (folder.iterdir() if folder.is_dir() else ())
        if path.is_file() and path.stat().st_mtime < before.timestamp()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
