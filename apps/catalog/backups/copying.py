"""Copies stored files from one place to another, each read to its end and held to its digest."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from apps.catalog.backups.problems import CouldNot
from apps.catalog.backups.progress import Tell
from apps.catalog.store import ArtifactStore, BytesRefused, Expected, StoredBytes, StoreFull, pieces


@dataclass(frozen=True)
class Course:
    """What is being done to files, how many bytes of them there are, and who is told."""

    doing: str
    total: int
    tell: Tell

    def of(self, files: Iterable[StoredBytes]) -> Iterator[StoredBytes]:
        """Yield files, and tell how far it is."""
        done = 0
        for stored in files:
            self.tell(self.doing, done, self.total)
            yield stored
            done += stored.size
        self.tell(self.doing, done, self.total)


def copy(
    files: Iterable[StoredBytes], source: ArtifactStore, target: ArtifactStore, course: Course
) -> list[str]:
    """Copy what the target does not hold whole; return the digests it still lacks then.

    Raises:
        CouldNot: when there is no room, or a store is away.
    """
    with _told_plainly():
        return [
            stored.sha256
            for stored in course.of(files)
            if not (is_whole(target, stored) or _brought(stored, source, target))
        ]


def untrue(files: Iterable[StoredBytes], store: ArtifactStore, course: Course) -> list[str]:
    """Read files again; return the digests of those a store does not hold whole.

    Raises:
        CouldNot: when the store is away.
    """
    with _told_plainly():
        return [stored.sha256 for stored in course.of(files) if not is_whole(store, stored)]


def is_whole(store: ArtifactStore, stored: StoredBytes) -> bool:
    """Say whether a store holds exactly these bytes."""
    hashed, size = hashlib.sha256(), 0
    try:
        with store.open(stored.sha256) as stream:
            for piece in _readable(stream):
                hashed.update(piece)
                size += len(piece)
    except (FileNotFoundError, BytesRefused):
        return False
    return (hashed.hexdigest(), size) == (stored.sha256, stored.size)


def _brought(stored: StoredBytes, source: ArtifactStore, target: ArtifactStore) -> bool:
    """Bring a file over; other bytes under its name make way, once the true ones are at hand."""
    if target.exists(stored.sha256):
        if not is_whole(source, stored):
            return False
        target.remove(stored.sha256)
    try:
        with source.open(stored.sha256) as stream:
            target.receive(_readable(stream), Expected(stored.sha256, stored.size))
    except (FileNotFoundError, BytesRefused):
        return False
    return True


def _readable(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the bytes of a stream; a disk that cannot read them has other bytes, for all we know.

    Raises:
        BytesRefused: when it cannot be read to its end.
    """
    try:
        yield from pieces(stream)
    except (ConnectionError, TimeoutError):
        raise
    except OSError as problem:
        raise BytesRefused(f"The file cannot be read to its end: {problem}") from problem


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except StoreFull:
        raise CouldNot("There is no room left for more files where they are to go.") from None
    except Exception as problem:
        if type(problem).__module__.partition(".")[0] in {"botocore", "boto3", "s3transfer"}:
            raise CouldNot(f"The bucket did not answer as it should: {problem}") from problem
        raise
