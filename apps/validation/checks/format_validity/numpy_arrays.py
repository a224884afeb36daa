"""NumPy arrays: a header in Python's words, then the numbers; and zip archives of such arrays."""

import ast
import math
import re
from typing import Any

from apps.validation.checks.format_validity.bounded import Archive
from apps.validation.checks.format_validity.findings import Broken, damaged
from apps.validation.checks.unsafe_code.pieces import Piece

LONGEST_HEADER = 64 * 1024
_MAGIC = b"\x93NUMPY"
_ITEM = re.compile(r"[<>|=]?([?biufcmMSUVO])([0-9]{0,9})(?:\[[^\]]*\])?")
_TROUBLE = (ValueError, SyntaxError, RecursionError, MemoryError, TypeError)


def read(piece: Piece) -> dict[str, Any]:
    """Compare the header of an array with the bytes that follow.

    Raises:
        Broken: when they do not agree.
    """
    size = piece.require_seekable()
    begin = piece.at(0, min(size, LONGEST_HEADER + 12))
    return _read(begin, size)


def read_archive(archive: Archive) -> dict[str, Any]:
    """Compare every array of an archive with its header."""
    arrays = [name for name in archive.sizes if name.endswith(".npy")]
    for name in arrays:
        try:
            _read(archive.read(name, LONGEST_HEADER + 12), archive.sizes[name])
        except Broken as broken:
            raise Broken(broken.code, f"In {name:.100}: {broken.text}") from broken
    return {"arrays": len(arrays)}


def _read(begin: bytes, size: int) -> dict[str, Any]:
    if begin[:6] != _MAGIC or len(begin) < 10 or begin[6] not in {1, 2, 3}:
        raise damaged("It does not begin like a NumPy array.")
    width = 2 if begin[6] == 1 else 4
    length = int.from_bytes(begin[8 : 8 + width], "little")
    start = 8 + width + length
    if length > LONGEST_HEADER or start > len(begin):
        raise damaged("Its header is longer than the file, or than is read.")
    shape, item = _header(begin[8 + width : start])
    expected = math.prod(shape) * item if item is not None else None
    if expected is not None and size - start != expected:
        text = f"Its header says {expected:,} bytes follow, and {size - start:,} do."
        raise Broken("wrong_size", text)
    return {"shape": [str(one) for one in shape], "holds_objects": item is None}


def _header(data: bytes) -> tuple[tuple[int, ...], int | None]:
    try:
        header = ast.literal_eval(data.decode("latin-1").strip())
        shape, kind, order = header["shape"], header["descr"], header["fortran_order"]
        if not isinstance(shape, tuple) or len(shape) > 64 or not all(map(_is_size, shape)):
            raise ValueError("no shape")
        if not isinstance(order, bool):
            raise TypeError("no order")
        return shape, _item_size(kind)
    except (*_TROUBLE, LookupError) as error:
        raise damaged("Its header does not say shape, type and order.") from error


def _is_size(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**63


def _item_size(kind: Any) -> int | None:
    """Return the bytes of one item, or nothing for Python objects."""
    if isinstance(kind, str):
        known = _ITEM.fullmatch(kind)
        if known is None:
            raise ValueError("no type")
        if known[1] == "O":
            return None
        return 1 if known[1] == "?" else int(known[2]) * (4 if known[1] == "U" else 1)
    if isinstance(kind, tuple) and len(kind) == 2:
        inner = _item_size(kind[0])
        shape = kind[1] if isinstance(kind[1], tuple) else (kind[1],)
        return None if inner is None else inner * math.prod(shape)
    if not isinstance(kind, list):
        raise ValueError("no type")
    sizes = [_item_size(field[1:] if len(field) > 2 else field[1]) for field in kind]
    return None if None in sizes else sum(size for size in sizes if size is not None)
