"""A folder of backups: each in a folder of its own, the files of all of them together.

``<time>/manifest.json``, ``<time>/files.txt`` and the dump; ``files/aa/bb/<sha256>`` for all. What
is being made lies in ``unfinished/`` and gets its name when it is whole.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Self

from apps.catalog.backups import listing, manifest
from apps.catalog.backups.manifest import Manifest, Tagged
from apps.catalog.backups.problems import NotABackup
from apps.catalog.store.folder import FolderStore, clear_old_files, make_folder, sync
from apps.core.clock import database_now
from apps.core.errors import RuleBroken

FILES = "files"
UNFINISHED = "unfinished"
_LOCK = "backups.lock"


@dataclass(frozen=True)
class Backup:
    """One finished backup: where it lies, and what it says of itself."""

    place: Path
    tagged: Tagged

    @property
    def manifest(self) -> Manifest:
        return self.tagged.manifest

    @property
    def dump(self) -> Path:
        return self.place / self.manifest.dump.file

    @property
    def list(self) -> Path:
        return self.place / listing.NAME

    @cached_property
    def files(self) -> FolderStore:
        return FolderStore(self.place.parent / FILES)

    @classmethod
    def at(cls, place: Path) -> Self:
        """Return the backup in a folder, or the newest one of a folder of backups.

        Raises:
            NotABackup: when there is none that was finished.
        """
        if not (place / manifest.NAME).is_file():
            finished = _finished(place)
            if not finished:
                raise NotABackup(_why_none(place))
            place = finished[-1]
        return cls(place, Tagged.read(place / manifest.NAME))


class BackupFolder:
    """A folder that backups are added to, by one process at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.files = FolderStore(self.folder / FILES)

    @contextmanager
    def alone(self) -> Iterator[Path]:
        """Hold the folder, and give an empty one in it to work in; what broke off there is gone.

        Raises:
            RuleBroken: when another backup goes on there, or the folder holds something else.
        """
        make_folder(self.folder)
        lock = self.folder / _LOCK
        if not lock.exists() and any(self.folder.iterdir()):
            raise RuleBroken(f"{self.folder} holds other things. Name a folder for backups alone.")
        with lock.open("a") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RuleBroken(f"Another backup into {self.folder} goes on.") from None
            yield self._fresh()

    def finish(self, work: Path, told: Manifest, *, at: datetime) -> Backup:
        """Write the manifest, and give the whole backup its name in one step."""
        place = self.folder / f"{at:%Y%m%dT%H%M%S.%fZ}"
        with (work / manifest.NAME).open("xb") as file:
            file.write(told.written())
            file.flush()
            os.fsync(file.fileno())
        sync(work)
        work.rename(place)
        sync(self.folder)
        return Backup.at(place)

    def _fresh(self) -> Path:
        work = self.folder / UNFINISHED
        if work.exists():
            shutil.rmtree(work)
        clear_old_files(self.files.incoming, database_now())
        work.mkdir(mode=0o700)
        return work


def _finished(folder: Path) -> Sequence[Path]:
    """Return the backups of a folder, oldest first."""
    return sorted(
        place.parent
        for place in folder.glob(f"*/{manifest.NAME}")
        if place.parent.name != UNFINISHED
    )


def _why_none(folder: Path) -> str:
    if not folder.is_dir():
        return f"{folder} is not there."
    if folder.name == UNFINISHED or (folder / UNFINISHED).is_dir():
        return (
            f"{folder} holds no backup that was finished: the last one broke off. "
            "Run manage.py backup again; it goes on from the files that are there."
        )
    return f"{folder} is not a backup: it has no {manifest.NAME}."
