"""GGUF: metadata and tensors of language models; a chat template in it is a small program."""

import struct
from collections.abc import Iterator

from apps.validation.checks.unsafe_code import templates
from apps.validation.checks.unsafe_code.limits import MIB, CannotTell, too_large
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import Scan

_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_STRING, _ARRAY = 8, 9


def examine(scan: Scan, piece: Piece) -> None:
    """Read the metadata and look at the templates in it for ways out of the template language."""
    piece.rewind()
    version, _, entries = struct.unpack("<IQQ", _exactly(piece, 24)[4:])
    if version not in {2, 3}:
        raise CannotTell("unreadable_header", "the version of the format is not known here")
    if entries > scan.limits.members:
        raise too_large("it has more metadata than is read")
    for _ in range(entries):
        name = _string(piece)
        (kind,) = struct.unpack("<I", _exactly(piece, 4))
        for text in list(_texts(scan, piece, kind, depth=0, keep=b"template" in name)):
            templates.examine(scan, piece.place, text.decode("utf-8", "replace"))


def _texts(scan: Scan, piece: Piece, kind: int, *, depth: int, keep: bool) -> Iterator[bytes]:
    """Step over a value; yield the texts in it when they are to be kept."""
    if kind in _SIZES:
        _exactly(piece, _SIZES[kind])
    elif kind == _STRING:
        text = _string(piece)
        if keep:
            yield text
    elif kind == _ARRAY and depth < 2:
        inner, count = struct.unpack("<IQ", _exactly(piece, 12))
        scan.spend_operations(min(count, scan.limits.operations + 1))
        for _ in range(count):
            yield from _texts(scan, piece, inner, depth=depth + 1, keep=keep)
    else:
        raise CannotTell("unreadable_header", "its metadata has a type that is not known here")


def _string(piece: Piece) -> bytes:
    (size,) = struct.unpack("<Q", _exactly(piece, 8))
    if size > 4 * MIB:
        raise too_large("a text in its metadata is longer than is read")
    return _exactly(piece, size)


def _exactly(piece: Piece, size: int) -> bytes:
    data = piece.stream.read(size)
    if len(data) < size:
        raise CannotTell("truncated", "it ends in the middle of its metadata")
    return data
