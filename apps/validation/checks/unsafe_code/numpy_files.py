"""NumPy's own files: a header, then raw numbers, or a pickle when the array holds objects."""

import ast
import math
import re

from apps.validation.checks.unsafe_code.limits import CannotTell
from apps.validation.checks.unsafe_code.pickles import streams
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import REPACK, SAVE_SAFELY, Scan

LONGEST_HEADER = 64 * 1024
_ITEM = re.compile(r"[<>|=]?([?biufcmMSUVO])([0-9]{0,9})(\[[^\]]*\])?")
HEADER_TROUBLE = (ValueError, SyntaxError, RecursionError, MemoryError, TypeError)


def examine(scan: Scan, piece: Piece) -> None:
    """Compare a NumPy file with its header; follow the pickle inside, if there is one."""
    piece.rewind()
    shape, item = _read_header(piece)
    if item is None:
        text = "The array holds Python objects, which are stored as a pickle."
        scan.report("object_array", piece.place, text, SAVE_SAFELY)
        inner = Piece.of_chunks(scan, piece.inside("objects"), piece.depth + 1, piece.rest())
        streams.examine(scan, inner)
        return
    expected = math.prod(shape) * item
    found = 0
    for data in piece.rest():
        found += len(data)
        scan.announce(len(data), piece.place)
    if found != expected:
        text = f"The header of the array says {expected} bytes, and {found} follow."
        scan.report("wrong_size", piece.place, text, REPACK)


def _read_header(piece: Piece) -> tuple[tuple[int, ...], int | None]:
    """Return shape and item size; no size stands for Python objects."""
    begin = piece.stream.read(8)
    wide = begin[6:7] in {b"\x02", b"\x03"}
    size = int.from_bytes(piece.stream.read(4 if wide else 2), "little")
    if size > LONGEST_HEADER:
        raise CannotTell("unreadable_array", "the header of the array is too long")
    try:
        header = ast.literal_eval(piece.stream.read(size).decode("latin-1").strip())
        shape, kind = header["shape"], header["descr"]
        if not isinstance(shape, tuple) or not all(_is_size(one) for one in shape):
            raise ValueError("no shape")
        return shape, item_size(kind)
    except HEADER_TROUBLE as error:
        raise CannotTell("unreadable_array", "the header of the array is damaged") from error
    except KeyError as error:
        raise CannotTell("unreadable_array", "the header of the array lacks something") from error


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def item_size(kind: object) -> int | None:
    """Return the bytes of one item as a header describes it, or nothing for Python objects."""
    if isinstance(kind, str):
        known = _ITEM.fullmatch(kind)
        if known is None:
            raise ValueError("no type")
        if known[1] == "O":
            return None
        return 1 if known[1] == "?" else int(known[2]) * (4 if known[1] == "U" else 1)
    if isinstance(kind, tuple) and len(kind) == 2:
        return item_size(kind[0]) and _times(kind[0], kind[1])
    if not isinstance(kind, list):
        raise ValueError("no type")
    total = 0
    for field in kind:
        size = item_size(field[1])
        if size is None:
            return None
        total += size * math.prod(field[2] if len(field) > 2 else ())
    return total


def _times(kind: object, shape: object) -> int | None:
    size = item_size(kind)
    if size is None or not isinstance(shape, tuple) or not all(_is_size(one) for one in shape):
        raise ValueError("no type")
    return size * math.prod(shape)
