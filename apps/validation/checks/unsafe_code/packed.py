"""Unpacks compressed bytes piece by piece, without trusting what they say about themselves."""

import bz2
import lzma
import zlib
from collections.abc import Iterable, Iterator
from typing import Protocol

from apps.validation.checks.unsafe_code.formats import Kind
from apps.validation.checks.unsafe_code.limits import MIB, CannotTell
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import REPACK, Scan

AT_ONCE = 256 * 1024
XZ_MEMORY = 96 * MIB
_TROUBLE = (zlib.error, lzma.LZMAError, EOFError, OSError, ValueError)


class Ratio:
    """Counts what goes into an unpacker and comes out, and refuses a bomb."""

    def __init__(self, scan: Scan, place: str) -> None:
        self._scan, self._place = scan, place
        self._packed = self._unpacked = 0

    def packed(self, size: int) -> None:
        """Count bytes that go in."""
        self._packed += size

    def unpacked(self, data: bytes) -> bytes:
        """Count bytes that come out."""
        self._unpacked += len(data)
        self._scan.spend_unpacked(len(data), self._place)
        limits = self._scan.limits
        is_large = self._unpacked > limits.ratio_floor
        if is_large and self._unpacked > limits.ratio * max(self._packed, 1):
            text = f"it unpacks to more than {limits.ratio} times its size"
            raise CannotTell("unpacks_too_much", text)
        return data


class Unpacker(Protocol):
    """What the unpackers of the standard library have in common, or are given here."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def some(self, data: bytes) -> Iterator[bytes]:
        """Yield what comes out for some packed bytes, a little at a time."""
        ...


class Deflated:
    """Unpacks zlib, gzip and the raw stream inside zip archives."""

    def __init__(self, window: int) -> None:
        self._inner = zlib.decompressobj(window)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def some(self, data: bytes) -> Iterator[bytes]:
        """Yield what comes out for some packed bytes, a little at a time."""
        while data and not self._inner.eof:
            yield self._inner.decompress(data, AT_ONCE)
            data = self._inner.unconsumed_tail


class Blockwise:
    """Unpacks bzip2, xz and lzma."""

    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inner = inner

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def some(self, data: bytes) -> Iterator[bytes]:
        """Yield what comes out for some packed bytes, a little at a time."""
        yield self._inner.decompress(data, AT_ONCE)
        while not self._inner.eof and not self._inner.needs_input:
            yield self._inner.decompress(b"", AT_ONCE)


def unpacker(kind: Kind) -> Unpacker:
    """Return a fresh unpacker for a kind of packed bytes."""
    match kind:
        case Kind.GZIP:
            return Deflated(31)
        case Kind.ZLIB:
            return Deflated(15)
        case Kind.BZIP2:
            return Blockwise(bz2.BZ2Decompressor())
        case Kind.XZ:
            return Blockwise(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY))
        case _:
            return Blockwise(lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=XZ_MEMORY))


def chunks(
    packed: Iterable[bytes], inner: Unpacker, ratio: Ratio, leftover: bytearray
) -> Iterator[bytes]:
    """Yield unpacked bytes of one stream; what follows it is left in ``leftover``."""
    for data in packed:
        ratio.packed(len(data))
        for chunk in _guarded(inner, data):
            yield ratio.unpacked(chunk)
        if inner.eof:
            leftover += inner.unused_data
            return
    raise CannotTell("truncated", "the packed bytes end too early")


def _guarded(inner: Unpacker, data: bytes) -> Iterator[bytes]:
    """Yield what comes out, with every unpacker's way of failing made one."""
    coming = inner.some(data)
    while True:
        try:
            chunk = next(coming, None)
        except _TROUBLE as error:
            raise CannotTell("unreadable_archive", "the packed bytes are damaged") from error
        except MemoryError as error:
            raise CannotTell("unreadable_archive", "unpacking takes too much memory") from error
        if chunk is None:
            return
        yield chunk


def member(scan: Scan, piece: Piece, kind: Kind) -> Piece:
    """Return what a compressed piece holds; several streams in a row are one, as for gzip."""
    scan.spend_member()
    place = piece.inside(kind.value)
    return Piece.of_chunks(scan, place, piece.depth + 1, _all_streams(scan, piece, kind))


def _all_streams(scan: Scan, piece: Piece, kind: Kind) -> Iterator[bytes]:
    piece.rewind()
    ratio = Ratio(scan, piece.place)
    packed: Iterator[bytes] = piece.rest()
    leftover = bytearray()
    while True:
        yield from chunks(packed, unpacker(kind), ratio, leftover)
        following = bytes(leftover) or next(packed, b"")
        leftover.clear()
        if not following:
            return
        if kind in {Kind.ZLIB, Kind.LZMA} or following[:2] not in _STREAM_BEGINS:
            text = "Something follows the packed bytes, and it cannot be told what it is."
            scan.report("trailing_data", piece.place, text, REPACK)
            return
        packed = _with_first(following, packed)


def _with_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


_STREAM_BEGINS = frozenset({b"\x1f\x8b", b"BZ", b"\xfd7"})
