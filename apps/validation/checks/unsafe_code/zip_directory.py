"""Reads the directory at the end of a zip archive, within bounds."""

import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from apps.validation.checks.unsafe_code.limits import CannotTell, too_large
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import REPACK, Scan

_END, _END64, _LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_ENTRY = struct.Struct("<4s4B4HL2L5H2L")
_WHOLE = 0xFFFFFFFF
_UNIX = (3, 19)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the directory says about one member."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    checksum: int
    packed_size: int
    size: int
    offset: int
    is_link: bool


@dataclass(frozen=True, slots=True)
class Directory:
    """The members of an archive, where the directory begins, and what lies before the archive."""

    entries: tuple[Entry, ...]
    start: int
    prefix: int


@dataclass(frozen=True, slots=True)
class _End:
    at: int
    count: int
    size: int
    offset: int


def read_directory(scan: Scan, piece: Piece, size: int) -> Directory:
    """Read the directory of a zip archive.

    Raises:
        CannotTell: when there is none, or it is too large.
    """
    end = _read_end(scan, piece, size)
    if end.count > scan.limits.members or end.size > scan.limits.directory:
        raise too_large(f"it holds more than {scan.limits.members} members")
    start = end.at - end.size
    prefix = start - end.offset
    if start < 0 or prefix < 0:
        raise _damaged("the directory of the archive is not where it should be")
    entries = tuple(_entries(piece.at(start, end.size), prefix))
    if len(entries) != end.count:
        raise _damaged("the directory of the archive has another length than it says")
    return Directory(entries, start, prefix)


def _damaged(text: str) -> CannotTell:
    return CannotTell("unreadable_archive", text)


def _read_end(scan: Scan, piece: Piece, size: int) -> _End:
    begin = max(0, size - 65_557)
    tail = piece.at(begin, size - begin)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        raise _damaged("the archive has no end")
    disk, first, here, count, length, offset, comment = struct.unpack(
        "<4H2LH", tail[at + 4 : at + 22]
    )
    if disk or first or here != count:
        raise _damaged("the archive is split into several files")
    if at + 22 + comment != len(tail):
        text = "Something follows the archive's end, and it cannot be told what it is."
        scan.report("trailing_data", piece.place, text, REPACK)
    large = _read_large_end(piece, begin + at)
    return large or _End(begin + at, count, length, offset)


def _read_large_end(piece: Piece, at: int) -> _End | None:
    """Read the end of an archive beyond 4 GiB or 65,535 members, which precedes the plain one."""
    locator = piece.at(max(0, at - 20), 20)
    if at < 20 or locator[:4] != _LOCATOR64:
        return None
    said = int.from_bytes(locator[8:16], "little")
    for start in (said, at - 20 - 56):
        record = piece.at(start, 56) if 0 <= start <= at - 76 else b""
        if record[:4] == _END64 and len(record) == 56:
            here, count, length, offset = struct.unpack("<4Q", record[24:56])
            if here == count:
                return _End(start, count, length, offset)
    raise _damaged("the large end of the archive is not where it should be")


def _entries(data: bytes, prefix: int) -> Iterator[Entry]:
    at = 0
    while at < len(data):
        if len(data) - at < _ENTRY.size or data[at : at + 4] != b"PK\x01\x02":
            raise _damaged("an entry of the archive's directory is damaged")
        fields = _ENTRY.unpack(data[at : at + _ENTRY.size])
        made_on, flags, method = fields[2], fields[5], fields[6]
        checksum, packed, size = fields[9:12]
        name_size, extra_size, comment_size = fields[12:15]
        attributes, offset = fields[17], fields[18]
        at += _ENTRY.size
        raw_name = data[at : at + name_size]
        extra = data[at + name_size : at + name_size + extra_size]
        size, packed, offset = _large_fields(extra, size, packed, offset)
        mode = attributes >> 16 if made_on in _UNIX else 0
        yield Entry(
            name=raw_name.decode("utf-8" if flags & 0x800 else "cp437", "replace"),
            raw_name=raw_name,
            flags=flags,
            method=method,
            checksum=checksum,
            packed_size=packed,
            size=size,
            offset=offset + prefix,
            is_link=bool(mode) and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and mode > 0o7777,
        )
        at += name_size + extra_size + comment_size


def _large_fields(extra: bytes, *fields: int) -> tuple[int, int, int]:
    """Return size, packed size and offset, from the extra field where the plain ones are full."""
    found = b""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack("<HH", extra[at : at + 4])
        if kind == 1:
            found = extra[at + 4 : at + 4 + length]
        at += 4 + length
    values = list(fields)
    for index, value in enumerate(fields):
        if value == _WHOLE and len(found) >= 8:
            values[index], found = int.from_bytes(found[:8], "little"), found[8:]
    return values[0], values[1], values[2]
