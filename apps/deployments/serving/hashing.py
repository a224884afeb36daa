"""What lies in a folder, as a version's manifest has it: the digest is of the bytes themselves."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Hashed:
    """One file: its path within the folder, digest and size in bytes."""

    path: str
    sha256: str
    size: int


def files_of(contents: Path) -> Iterator[Hashed]:
    """Yield every file below a folder with the digest of its bytes."""
    for file in sorted(contents.rglob("*")):
        if file.is_file():
            with file.open("rb") as read:
                digest = hashlib.file_digest(read, "sha256").hexdigest()
            yield Hashed(file.relative_to(contents).as_posix(), digest, file.stat().st_size)
