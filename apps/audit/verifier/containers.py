"""Opens a pack: an archive in the one form packs have, or the folder it was unpacked to.

An archive is read only where nothing about it can do harm: stored plainly, each file once, under a
plain path, one after the other without a byte between them.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from apps.audit.verifier.notes import Bad, Finding

MOST_FILES = 65_000
_PATH = re.compile(r"(?!\.)[A-Za-z0-9._-]{1,120}(?:/(?!\.)[A-Za-z0-9._-]{1,120}){0,9}")
_AT_ONCE = 2**18
_HEADER = "<4s2B4HL2L2H"
_HEADER_SIZE, _ENTRY_SIZE, _END_SIZE = 30, 46, 22
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644
_UNIX_SYSTEM, _ZIP_VERSION, _ENCRYPTED = 3, 20, 1


class Refused(Bad):
    """The pack cannot be read any further; ``finding`` says where and why."""

    def __init__(self, name: str, place: str, words: str) -> None:
        super().__init__(f"{place}: {words}")
        self.finding = Finding(name, place, words)


class Container:
    """The files of a pack by their paths, each read when it is needed."""

    def __init__(self, paths: list[str], opened: Callable[[str], IO[bytes]], digest: str) -> None:
        self.paths = paths
        self.digest = digest
        self._opened = opened
        self._known = set(paths)
        self._measured: dict[str, tuple[int | None, str]] = {}

    def read(self, path: str) -> bytes | None:
        """Return the bytes of a file, or None when it is not there or cannot be read."""
        if path not in self._known:
            return None
        try:
            with self._opened(path) as data:
                return data.read()
        except (OSError, zipfile.BadZipFile):
            return None

    def measured(self, path: str) -> tuple[int | None, str]:
        """Return the size and the SHA-256 of a file; no size when it cannot be read."""
        if path not in self._measured:
            self._measured[path] = self._measure(path)
        return self._measured[path]

    def _measure(self, path: str) -> tuple[int | None, str]:
        if path not in self._known:
            return None, ""
        try:
            with self._opened(path) as data:
                return _hashed(data)
        except (OSError, zipfile.BadZipFile):
            return None, ""


@contextmanager
def opened_container(place: Path) -> Iterator[Container]:
    """Open a pack.

    Raises:
        Refused: when it is not in the one form packs have.
        OSError: when there is nothing to open.
    """
    if place.is_dir():
        yield Container(sorted(_walked(place)), lambda path: (place / path).open("rb"), "")
        return
    with place.open("rb") as file:
        _, digest = _hashed(file)
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, RuntimeError):
            words = "it is no archive, or is cut short"
            raise Refused("pack.archive", place.name, words) from None
        with archive:
            _require_plain(archive, file, place)
            yield Container(archive.namelist(), archive.open, f"sha256:{digest}")


def _walked(folder: Path) -> Iterator[str]:
    """Yield the files of a folder; what is neither a file nor a folder is refused."""
    for root, folders, names in os.walk(folder):
        for name in [*folders, *names]:
            path = Path(root, name)
            place, mode = path.relative_to(folder).as_posix(), path.lstat().st_mode
            if stat.S_ISREG(mode):
                _require_path(place)
                yield place
            elif not stat.S_ISDIR(mode):
                raise Refused("pack.path", place, "it is a link, or no file at all")


def _require_path(path: str) -> None:
    if not _PATH.fullmatch(path):
        raise Refused("pack.path", ascii(path), "this is no path of a file in a pack")


def _require_plain(archive: zipfile.ZipFile, file: IO[bytes], place: Path) -> None:
    """Refuse an archive that is not byte for byte as packs are written."""
    at, last = 0, ""
    infos = archive.infolist()
    if len(infos) > MOST_FILES:
        raise Refused("pack.archive", place.name, f"it holds more than {MOST_FILES:,} files")
    for info in infos:
        _require_path(info.orig_filename)
        _require_form(info)
        if info.filename == last:
            raise Refused("pack.path", info.filename, "it is there twice")
        if info.filename < last:
            raise Refused("pack.path", info.filename, f"it stands after {last}")
        file.seek(at)
        if info.header_offset != at or file.read(_HEADER_SIZE) != _header(info):
            words = "its header is not the one it is listed with"
            raise Refused("pack.archive", info.filename, words)
        at, last = at + _HEADER_SIZE + len(info.filename) + info.file_size, info.filename
    listed = sum(_ENTRY_SIZE + len(info.filename) for info in infos)
    whole = at + listed + _END_SIZE
    if archive.start_dir != at or archive.comment or file.seek(0, os.SEEK_END) != whole:
        raise Refused("pack.archive", place.name, "it holds bytes that belong to no file")


def _require_form(info: zipfile.ZipInfo) -> None:
    problem = None
    if info.flag_bits & _ENCRYPTED:
        problem = "it is encrypted"
    elif stat.S_ISLNK(info.external_attr >> 16):
        problem = "it is a link"
    elif info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
        problem = "it is compressed: the files of a pack are stored plainly"
    elif (
        info.external_attr != _PLAIN_FILE << 16
        or info.create_system != _UNIX_SYSTEM
        or info.date_time != _FIRST_DAY
        or info.flag_bits
        or info.extra
        or info.comment
    ):
        problem = "it is stored in another way than the files of a pack"
    if problem:
        raise Refused("pack.path", info.filename, problem)


def _header(info: zipfile.ZipInfo) -> bytes:
    """Return the header a file of a pack begins with."""
    size, day = info.file_size, 1 << 5 | 1
    return struct.pack(
        _HEADER,
        b"PK\x03\x04",
        _ZIP_VERSION,
        0,
        0,
        zipfile.ZIP_STORED,
        0,
        day,
        info.CRC,
        size,
        size,
        len(info.filename),
        0,
    )


def _hashed(data: IO[bytes]) -> tuple[int, str]:
    size, hashed = 0, hashlib.sha256()
    while True:
        piece = data.read(_AT_ONCE)
        if not piece:
            return size, hashed.hexdigest()
        size += len(piece)
        hashed.update(piece)
