"""MessagePack, in which Flax keeps its numbers: maps, lists, texts and arrays; nothing runs."""

from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import Scan

_MAP_BEGINS = frozenset({*range(0x81, 0x90), 0xDE, 0xDF})
_FIXED = {
    0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8,
    0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8,
}  # fmt: skip
_LONG = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
_EXTENDED = {0xC7: 1, 0xC8: 2, 0xC9: 4}
_FIXED_EXTENDED = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}
_LISTS, _MAPS = {0xDC: 2, 0xDD: 4}, {0xDE: 2, 0xDF: 4}
_ARRAYS = frozenset({1, 2, 3, 255})
"""Kinds of extended values that are arrays, numbers and moments; others are a program's own."""


class _NotPacked(Exception):
    """The bytes are no MessagePack."""


def looks_like_msgpack(scan: Scan, piece: Piece) -> bool:
    """Say whether a piece reads as one MessagePack map from its first byte to its last."""
    if piece.size is None or _begin(piece) not in _MAP_BEGINS:
        return False
    try:
        return _end(scan, piece, piece.size) == piece.size
    except _NotPacked:
        return False


def _begin(piece: Piece) -> int:
    return int.from_bytes(piece.at(0, 1), "big")


def _end(scan: Scan, piece: Piece, size: int) -> int:
    """Step over one value and all inside it; return where it ends."""
    at, waiting = 0, 1
    while waiting:
        scan.spend_operations(1)
        code = _number(piece, at, 1)
        waiting -= 1
        at, more = _step(piece, at + 1, code)
        waiting += more
        if at > size or waiting > size:
            raise _NotPacked
    return at


def _step(piece: Piece, at: int, code: int) -> tuple[int, int]:
    """Return where a value's own bytes end, and how many values are inside it."""
    if code in _FIXED or code <= 0x7F or code >= 0xE0:
        return at + _FIXED.get(code, 0), 0
    if code <= 0x9F:
        return at, (code & 0x0F) * (2 if code <= 0x8F else 1)
    for widths, times in ((_LISTS, 1), (_MAPS, 2)):
        if code in widths:
            return at + widths[code], times * _number(piece, at, widths[code])
    if code <= 0xBF:
        return at + (code & 0x1F), 0
    return _step_over_bytes(piece, at, code), 0


def _step_over_bytes(piece: Piece, at: int, code: int) -> int:
    if code in _LONG:
        return at + _LONG[code] + _number(piece, at, _LONG[code])
    if code in _FIXED_EXTENDED:
        _require_array(_number(piece, at, 1))
        return at + 1 + _FIXED_EXTENDED[code]
    if code in _EXTENDED:
        width = _EXTENDED[code]
        _require_array(_number(piece, at + width, 1))
        return at + width + 1 + _number(piece, at, width)
    raise _NotPacked


def _require_array(kind: int) -> None:
    if kind not in _ARRAYS:
        raise _NotPacked


def _number(piece: Piece, at: int, width: int) -> int:
    data = piece.at(at, width)
    if len(data) < width:
        raise _NotPacked
    return int.from_bytes(data, "big")
