"""safetensors: a JSON header, then tensors that fill the rest without gap or overlap."""

import json
import math
from typing import Any

from apps.validation.checks.unsafe_code.limits import CannotTell, too_large
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import REPACK, Scan

BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8, "I16": 16, "U16": 16, "F16": 16, "BF16": 16, "I32": 32, "U32": 32, "F32": 32,
    "I64": 64, "U64": 64, "F64": 64, "F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "C64": 64,
}  # fmt: skip
"""Bits of one number, by the name of its type."""


def examine(scan: Scan, piece: Piece) -> None:
    """Compare a safetensors header with the bytes that follow it."""
    size = piece.require_seekable()
    length = int.from_bytes(piece.at(0, 8), "little")
    if 8 + length > size:
        text = f"The header says it is {length} bytes long, and {size - 8} follow."
        scan.report("lying_header", piece.place, text, REPACK)
        return
    if length > scan.limits.document:
        raise too_large("the header is longer than is read")
    spans = sorted(_spans(_header(piece.at(8, length))))
    at = 0
    for start, end in spans:
        if start != at:
            break
        at = end
    else:
        if at == size - 8 - length:
            return
    text = "The tensors leave gaps, overlap or do not fill the file, so something can hide there."
    scan.report("hidden_data", piece.place, text, REPACK)


def _header(data: bytes) -> dict[str, Any]:
    try:
        header = json.loads(data.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _damaged() from error
    if not isinstance(header, dict):
        raise _damaged()
    return header


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _spans(header: dict[str, Any]) -> list[tuple[int, int]]:
    spans = []
    for name, tensor in header.items():
        if name == "__metadata__":
            continue
        try:
            bits = BITS[tensor["dtype"]] * math.prod(tensor["shape"])
            start, end = tensor["data_offsets"]
            is_right = 0 <= start <= end and (end - start) * 8 == bits
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged() from error
        if not is_right:
            raise _damaged()
        spans.append((start, end))
    return spans


def _damaged() -> CannotTell:
    return CannotTell("unreadable_header", "the header of the tensors is damaged")
