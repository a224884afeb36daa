"""Looks through a backup without restoring it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from apps.catalog.backups import copying, listing
from apps.catalog.backups.copying import Course
from apps.catalog.backups.folders import Backup
from apps.catalog.backups.manifest import Dump
from apps.catalog.backups.problems import Damaged, DoesNotFit
from apps.catalog.backups.progress import Tell, silent


@dataclass(frozen=True)
class Flaw:
    """One thing that is wrong with a backup: its name, and in words."""

    name: str
    words: str

    def __str__(self) -> str:
        return f"{self.name}: {self.words}"


def look_through(backup: Backup, *, tell: Tell = silent) -> list[Flaw]:
    """Read all of a backup; return what is wrong with it.

    Raises:
        CouldNot: when its disk does not answer.
    """
    return list(_flaws(backup, tell))


def require_dump(backup: Backup) -> None:
    """Refuse a backup whose dump or list is not as it was written.

    Raises:
        Damaged: when one of them is not.
    """
    told: Dump = backup.manifest.dump
    try:
        with backup.dump.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise Damaged(f"{backup.dump} is missing.") from None
    if found != told.sha256:
        raise Damaged(f"{backup.dump} is damaged: it is not as the manifest says.")
    listing.require_true(backup.list, backup.manifest.files)


def _flaws(backup: Backup, tell: Tell) -> Iterator[Flaw]:
    try:
        backup.tagged.require_own()
    except DoesNotFit as problem:
        yield Flaw("manifest", str(problem))
    try:
        require_dump(backup)
        files = listing.read(backup.list)
        course = Course("Reading files", backup.manifest.files.bytes, tell)
        lacking = copying.untrue(files, backup.files, course)
    except Damaged as problem:
        yield Flaw("dump", str(problem))
        return
    known = set(backup.manifest.lacking)
    for sha256 in lacking:
        words = "the store could not give it" if sha256 in known else "it is missing or damaged"
        yield Flaw("file", f"{backup.files.folder}: sha256:{sha256}: {words}")
