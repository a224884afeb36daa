"""safetensors: a JSON header, then the numbers of each tensor, one after the other, to the end."""

import math
from collections.abc import Mapping
from typing import Any

from apps.validation.checks.format_validity.bounded import exactly, mapping, strict_json
from apps.validation.checks.format_validity.findings import Broken, damaged
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.safetensors import BITS

MOST_HEADER = 100_000_000
"""Bytes the format itself allows the header."""
MOST_READ = 32 * 2**20


def read(piece: Piece) -> dict[str, Any]:
    """Compare a header with the bytes that follow it; return the names of the tensors.

    Raises:
        Broken: when they do not agree.
    """
    size = piece.require_seekable()
    if size < 8:
        raise Broken("truncated", "The file ends before its header.")
    length = int.from_bytes(exactly(piece, 0, 8), "little")
    if length > MOST_HEADER:
        raise damaged(f"The header says it has {length:,} bytes; {MOST_HEADER:,} are allowed.")
    if 8 + length > size:
        text = f"The header says it has {length:,} bytes, and {size - 8:,} follow."
        raise Broken("truncated", text)
    if length > MOST_READ:
        text = f"Cannot tell whether it is whole: its header has {length:,} bytes."
        raise Broken("too_large", text)
    header = mapping(strict_json(exactly(piece, 8, length)), "The header")
    _require_metadata(header.get("__metadata__"))
    tensors = {name: entry for name, entry in header.items() if name != "__metadata__"}
    _require_filled(
        sorted(_span(name, entry) for name, entry in tensors.items()), size - 8 - length
    )
    return {"tensors": len(tensors), "names": frozenset(tensors)}


def _require_metadata(metadata: object) -> None:
    if metadata is None:
        return
    texts = mapping(metadata, "The metadata")
    for key, value in texts.items():
        if not isinstance(value, str):
            raise damaged(f"The metadata {key:.100} is not text; the format allows only texts.")


def _span(name: str, entry: object) -> tuple[int, int, str]:
    described: Mapping[str, Any] = mapping(entry, f"The tensor {name:.100}")
    if set(described) != {"dtype", "shape", "data_offsets"}:
        raise damaged(f"The tensor {name:.100} does not say exactly type, shape and offsets.")
    bits = BITS.get(str(described["dtype"]))
    if bits is None:
        raise damaged(f"The tensor {name:.100} has an unknown type, {described['dtype']!a:.40}.")
    shape, offsets = described["shape"], described["data_offsets"]
    if not _are_sizes(shape) or not _are_sizes(offsets) or len(offsets) != 2:
        raise damaged(f"The tensor {name:.100} has a shape or offsets that are no sizes.")
    start, end = offsets
    if math.prod(shape) * bits != (end - start) * 8:
        text = f"The tensor {name:.100} has {end - start:,} bytes, other than its shape and type."
        raise Broken("wrong_size", text)
    return start, end, name


def _are_sizes(values: object) -> bool:
    return (
        isinstance(values, list)
        and len(values) <= 32
        and all(type(one) is int and 0 <= one < 2**63 for one in values)
    )


def _require_filled(spans: list[tuple[int, int, str]], size: int) -> None:
    at = 0
    for start, end, name in spans:
        if start < at:
            raise Broken("overlap", f"The tensor {name:.100} shares bytes with another.")
        if start > at:
            raise Broken(
                "gap", f"{start - at:,} bytes before the tensor {name:.100} are no tensor's."
            )
        if end > size:
            text = f"The tensor {name:.100} ends at byte {end:,} of {size:,}."
            raise Broken("truncated", text)
        at = end
    if at != size:
        raise Broken("gap", f"{size - at:,} bytes at the end are no tensor's.")
