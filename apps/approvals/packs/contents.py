"""The files of a pack while it is made, and the archive they become: the same files, same bytes."""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from types import TracebackType
from typing import Any, BinaryIO, Self, cast
from uuid import UUID

from apps.approvals.packs.told import ToldFile
from apps.core import formats
from apps.core.digests import utc_text
from apps.core.errors import RuleBroken

MOST_BYTES, MOST_FILES = 2_000_000_000, 60_000
"""Both short of where an archive takes another form (ZIP64), which the verifier does not read."""
MANIFEST = "pack.json"
_PIECE = 2**18
_MOMENT = (1980, 1, 1, 0, 0, 0)
_FILE = 0o100644 << 16
_UNIX = 3


class Contents:
    """Files by path, spooled to one temporary file that is gone with the process."""

    def __init__(self) -> None:
        self._spool = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - closed by its block
        self._places: dict[str, tuple[int, ToldFile]] = {}
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._spool.close()

    def add(self, path: str, data: bytes | Iterable[bytes]) -> str:
        """Add a file and return its path.

        Raises:
            RuleBroken: when the pack grows larger than packs may be.
        """
        assert path not in self._places, path
        if len(self._places) >= MOST_FILES:
            raise RuleBroken(
                f"A pack holds at most {MOST_FILES:,} files. Order several smaller ones."
            )
        start, hashed = self._size, hashlib.sha256()
        self._spool.seek(start)
        for piece in (data,) if isinstance(data, bytes) else data:
            self._size += len(piece)
            if self._size > MOST_BYTES:
                raise RuleBroken(
                    f"A pack holds at most {formats.size(MOST_BYTES)}. Order several smaller ones."
                )
            hashed.update(piece)
            self._spool.write(piece)
        told = ToldFile(path, self._size - start, hashed.hexdigest())
        self._places[path] = start, told
        return path

    def add_known(self, path: str, data: Iterable[bytes], sha256: str) -> bool:
        """Add a file whose digest is known, unless it turns out to be another one."""
        start = self._size
        self.add(path, data)
        if self._places[path][1].sha256 == sha256:
            return True
        del self._places[path]
        self._size = start
        return False

    def add_json(self, path: str, value: object) -> str:
        """Add what can be told in JSON, in one form: keys in order, a line each."""
        return self.add(path, json_of(value))

    def clear(self) -> None:
        """Begin anew."""
        self._places.clear()
        self._size = 0

    def files(self) -> list[ToldFile]:
        """Return every file so far, in order of its path."""
        return [told for _, (_, told) in sorted(self._places.items())]

    def write_to(self, out: BinaryIO, beside: dict[str, bytes]) -> None:
        """Write an archive of all files and some beside them: stored plainly, in order of path."""
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            for path in sorted([*self._places, *beside]):
                info = zipfile.ZipInfo(path, _MOMENT)
                info.create_system, info.external_attr = _UNIX, _FILE
                if path in beside:
                    archive.writestr(info, beside[path])
                    continue
                start, told = self._places[path]
                info.file_size = told.size
                with archive.open(info, "w") as written:
                    for piece in self._pieces(start, told.size):
                        written.write(piece)

    def _pieces(self, start: int, size: int) -> Iterator[bytes]:
        self._spool.seek(start)
        while size:
            piece = self._spool.read(min(size, _PIECE))
            size -= len(piece)
            yield piece


def json_of(value: object) -> bytes:
    """Return a value as JSON in one form."""
    text = json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True, default=_told)
    return f"{text}\n".encode()


def _told(value: Any) -> object:
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, date | UUID | Decimal):
        return str(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"{type(value).__name__} is not told in a pack")
