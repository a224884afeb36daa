"""Reads zip archives member by member, as strictly as the laxest of their readers is lax.

Unzippers disagree about archives that contradict themselves, and attackers know it. So everything
that two readers could see differently is a problem: what lies between members, members that share
bytes, names that differ between a member and the directory, checksums that do not fit.
"""

import bz2
import lzma
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from apps.validation.checks.unsafe_code.limits import (
    MIB,
    CannotTell,
    Exhausted,
    too_large,
)
from apps.validation.checks.unsafe_code.names import NameRules
from apps.validation.checks.unsafe_code.packed import (
    XZ_MEMORY,
    Blockwise,
    Deflated,
    Ratio,
    Unpacker,
    chunks,
)
from apps.validation.checks.unsafe_code.pieces import Piece, Window
from apps.validation.checks.unsafe_code.scan import REPACK, Scan
from apps.validation.checks.unsafe_code.torch_zip import TorchLayout
from apps.validation.checks.unsafe_code.zip_directory import Directory, Entry, read_directory

STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14
_DESCRIPTOR = b"PK\x07\x08"


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a member's header begins, its data begins and ends, and the next thing may begin."""

    start: int
    data: int
    end: int
    followed: bool


def members(scan: Scan, piece: Piece) -> Iterator[Piece]:
    """Yield what a zip archive holds; report whatever is odd about the archive itself."""
    size = piece.require_seekable()
    directory = read_directory(scan, piece, size)
    names = NameRules(scan, piece.place)
    extents = []
    torch = TorchLayout(entry.name for entry in directory.entries)
    for entry in directory.entries:
        scan.spend_member()
        names.require_clean(entry.name, is_link=entry.is_link)
        extent = _extent(scan, piece, entry)
        if extent is None:
            continue
        extents.append(extent)
        if not entry.name.endswith("/") or entry.size:
            inner = _member_or_none(scan, piece, entry, extent)
            if inner is not None:
                torch.note(inner, entry.name)
                yield inner
    _require_gapless(scan, piece, directory, extents)


def _extent(scan: Scan, piece: Piece, entry: Entry) -> Extent | None:
    place = piece.inside(entry.name)
    header = piece.at(entry.offset, 30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        text = "The archive lists this member, but it is not where the archive says."
        scan.report("unreadable_archive", place, text, REPACK)
        return None
    flags, method = struct.unpack("<HH", header[6:10])
    name_size, extra_size = struct.unpack("<HH", header[26:30])
    name = piece.at(entry.offset + 30, name_size)
    if name != entry.raw_name or method != entry.method:
        text = "The member and the archive's directory disagree about its name or packing."
        scan.report("contradicting_archive", place, text, REPACK)
    if (flags | entry.flags) & 0x41:
        text = "The archive says that this member is encrypted, so other tools may skip it."
        scan.report("encrypted_member", place, text, REPACK)
    start = entry.offset + 30 + name_size + extra_size
    return Extent(entry.offset, start, start + entry.packed_size, bool(flags & 8))


def _member_or_none(scan: Scan, piece: Piece, entry: Entry, extent: Extent) -> Piece | None:
    """Return a member; a damaged one is reported, and the others are still looked at."""
    try:
        return _member(scan, piece, entry, extent)
    except Exhausted:
        raise
    except CannotTell as trouble:
        scan.cannot_tell(trouble, piece.inside(entry.name))
        return None


def _member(scan: Scan, piece: Piece, entry: Entry, extent: Extent) -> Piece:
    place = piece.inside(entry.name)
    if entry.method == STORED:
        _require_checksum(scan, piece, entry, extent)
        window = Window(piece.stream, extent.data, entry.packed_size)
        return Piece(place, piece.depth + 1, window, entry.packed_size)
    unpacked = _unpacked(scan, piece, entry, extent)
    return Piece.of_chunks(scan, place, piece.depth + 1, unpacked)


def _unpacked(scan: Scan, piece: Piece, entry: Entry, extent: Extent) -> Iterator[bytes]:
    place = piece.inside(entry.name)
    inner, start = _unpacker(piece, entry, extent)
    packed = _stretch(piece, start, extent.end)
    leftover = bytearray()
    checksum = size = 0
    for chunk in chunks(packed, inner, Ratio(scan, place), leftover):
        checksum = zlib.crc32(chunk, checksum)
        size += len(chunk)
        yield chunk
    if leftover or next(packed, b""):
        text = "The member is longer than what it unpacks from."
        scan.report("trailing_data", place, text, REPACK)
    if (checksum, size) != (entry.checksum, entry.size):
        _wrong_checksum(scan, place)


def _unpacker(piece: Piece, entry: Entry, extent: Extent) -> tuple[Unpacker, int]:
    if entry.method == DEFLATED:
        return Deflated(-15), extent.data
    if entry.method == BZIP2:
        return Blockwise(bz2.BZ2Decompressor()), extent.data
    if entry.method == LZMA:
        return _zip_lzma(piece, extent)
    raise CannotTell("unreadable_archive", "a member is packed in a way that is not known here")


def _zip_lzma(piece: Piece, extent: Extent) -> tuple[Unpacker, int]:
    """Read the properties a zip archive puts before lzma data."""
    begin = piece.at(extent.data, 9)
    if len(begin) < 9 or begin[2:4] != b"\x05\x00":
        raise CannotTell("unreadable_archive", "a member's lzma properties are not known here")
    bits, dictionary = begin[4], int.from_bytes(begin[5:9], "little")
    if dictionary > XZ_MEMORY or bits >= 225:
        raise too_large("a member needs more memory to unpack than is given")
    chain = [
        {
            "id": lzma.FILTER_LZMA1,
            "lc": bits % 9,
            "lp": bits // 9 % 5,
            "pb": bits // 45,
            "dict_size": max(dictionary, 4096),
        }
    ]
    try:
        inner = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain)
    except lzma.LZMAError as error:
        raise CannotTell("unreadable_archive", "a member's lzma properties are wrong") from error
    return Blockwise(inner), extent.data + 9


def _require_checksum(scan: Scan, piece: Piece, entry: Entry, extent: Extent) -> None:
    checksum = size = 0
    place = piece.inside(entry.name)
    for data in _stretch(piece, extent.data, extent.end):
        checksum = zlib.crc32(data, checksum)
        size += len(data)
        scan.spend_unpacked(len(data), place)
    if (checksum, size) != (entry.checksum, entry.size):
        _wrong_checksum(scan, place)


def _wrong_checksum(scan: Scan, place: str) -> None:
    text = "The member has another checksum or size than the archive says."
    scan.report("wrong_checksum", place, text, REPACK)


def _stretch(piece: Piece, start: int, end: int) -> Iterator[bytes]:
    """Yield a stretch of a piece, seeking each time since others read the piece in between."""
    while start < end:
        data = piece.at(start, min(MIB, end - start))
        if not data:
            return
        start += len(data)
        yield data


def _require_gapless(scan: Scan, piece: Piece, directory: Directory, extents: list[Extent]) -> None:
    at = directory.prefix
    for extent in sorted(extents, key=lambda extent: extent.start):
        if extent.start < at:
            text = "Members of the archive share bytes, so readers can see different things."
            scan.report("overlapping_members", piece.place, text, REPACK)
        elif extent.start > at:
            _hidden(scan, piece, at)
        at = max(at, extent.end + _descriptor_size(piece, extent))
    if at < directory.start:
        _hidden(scan, piece, at)
    elif at > directory.start:
        text = "A member of the archive reaches into its directory."
        scan.report("overlapping_members", piece.place, text, REPACK)
    if directory.prefix:
        _hidden(scan, piece, 0)


def _descriptor_size(piece: Piece, extent: Extent) -> int:
    """Return the size of the record that may repeat checksum and sizes after a member."""
    if not extent.followed:
        return 0
    record = piece.at(extent.end, 24)
    signature = 4 if record[:4] == _DESCRIPTOR else 0
    after_short = record[signature + 12 : signature + 16]
    return signature + (12 if after_short[:2] == b"PK" or len(after_short) < 4 else 20)


def _hidden(scan: Scan, piece: Piece, at: int) -> None:
    text = "The archive holds bytes that belong to none of its members."
    scan.report("hidden_data", f"{piece.place}, byte {at}", text, REPACK)
