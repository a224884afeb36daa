"""NumPy arrays: a header in Python's words, then the numbers; and zip archives of such arrays."""

import ast
import math
from typing import Any

from apps.validation.checks.format_validity.bounded import Archive
from apps.validation.checks.format_validity.findings import Broken, damaged
from apps.validation.checks.unsafe_code.numpy_files import (
    HEADER_TROUBLE,
    LONGEST_HEADER,
    item_size,
)
from apps.validation.checks.unsafe_code.pieces import Piece

_MAGIC = b"\x93NUMPY"


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
        return shape, item_size(kind)
    except (*HEADER_TROUBLE, LookupError) as error:
        raise damaged("Its header does not say shape, type and order.") from error


def _is_size(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**63
