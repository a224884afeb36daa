"""The files a database relies on, as a list that is written with its dump and read line by line."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from apps.catalog.backups.manifest import Listing
from apps.catalog.backups.problems import Damaged
from apps.catalog.models import Artifact
from apps.catalog.store import StoredBytes
from apps.catalog.store.contract import is_sha256
from apps.catalog.store.folder import sync

NAME = "files.txt"
_AT_ONCE = 2000


def expected() -> Iterator[StoredBytes]:
    """Yield all the store has to hold, by digest: every file but those that were disposed of.

    Whoever keeps bytes names an artifact, so this is what all apps rely on.
    """
    rows = Artifact.objects.filter(disposed_at=None).order_by("sha256")
    for sha256, size in rows.values_list("sha256", "size").iterator(chunk_size=_AT_ONCE):
        yield StoredBytes(sha256, size)


def write(place: Path, files: Iterable[StoredBytes]) -> Listing:
    """Write a list, and return what it holds."""
    hashed, count, size = hashlib.sha256(), 0, 0
    with place.open("xb") as file:
        for stored in files:
            line = f"{stored.sha256} {stored.size}\n".encode()
            file.write(line)
            hashed.update(line)
            count, size = count + 1, size + stored.size
    sync(place)
    return Listing(count, size, hashed.hexdigest())


def read(place: Path) -> Iterator[StoredBytes]:
    """Yield what a list names.

    Raises:
        Damaged: when a line names no file.
    """
    with place.open("rb") as file:
        for line in file:
            sha256, _, size = line.decode("ascii", "replace").rstrip("\n").partition(" ")
            if not (is_sha256(sha256) and size.isdecimal() and size.isascii()):
                raise Damaged(f"{place} is damaged: {line[:80]!r} names no file.")
            yield StoredBytes(sha256, int(size))


def require_true(place: Path, listing: Listing) -> None:
    """Refuse a list that is not as it was written."""
    try:
        with place.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise Damaged(f"{place} is missing.") from None
    if found != listing.sha256:
        raise Damaged(f"{place} is damaged: it is not as the manifest says.")
