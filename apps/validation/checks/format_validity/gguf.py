"""GGUF: metadata, then where each tensor lies, then the tensors at aligned places."""

import math
import struct
from dataclasses import dataclass
from typing import Any

from apps.validation.checks.format_validity.findings import Broken, damaged, too_large
from apps.validation.checks.unsafe_code.limits import MIB
from apps.validation.checks.unsafe_code.pieces import Piece

MOST_ENTRIES = 10_000
MOST_TENSORS = 100_000
MOST_VALUES = 5_000_000
LONGEST_NAME = 64 * 1024
_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_STRING, _ARRAY, _U32 = 8, 9, 4
_ALIGNMENT = b"general.alignment"
_BLOCKS = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34),
    9: (32, 36), 10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210),
    15: (256, 292), 16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18),
    21: (256, 110), 22: (256, 82), 23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8),
    28: (1, 8), 29: (256, 56), 30: (1, 2), 34: (256, 54), 35: (256, 66), 39: (32, 17),
}  # fmt: skip
"""Values in a block and bytes of it, by the number of the type in ggml."""


@dataclass(frozen=True, slots=True)
class _Tensor:
    name: str
    offset: int
    size: int | None


def read(piece: Piece) -> dict[str, Any]:
    """Compare the list of tensors with the file.

    Raises:
        Broken: when a tensor does not lie in it, or the list cannot be read.
    """
    size = piece.require_seekable()
    piece.rewind()
    reading = _Reading(piece, size)
    magic, version, tensors, entries = struct.unpack("<4sIQQ", reading.take(24))
    if magic != b"GGUF" or version not in {2, 3}:
        raise damaged(f"Version {version} of the format is not known here; 2 and 3 are.")
    if entries > MOST_ENTRIES or tensors > MOST_TENSORS:
        text = f"it says it has {entries:,} entries of metadata and {tensors:,} tensors."
        raise too_large(text)
    for _ in range(entries):
        reading.entry()
    found = [reading.tensor() for _ in range(tensors)]
    _require_inside(found, reading, size)
    unknown = sum(tensor.size is None for tensor in found)
    return {"version": version, "tensors": tensors, "tensors_of_unknown_type": unknown}


class _Reading:
    """Steps through a file from its beginning."""

    def __init__(self, piece: Piece, size: int) -> None:
        self._stream, self._size = piece.stream, size
        self.at = self._values = 0
        self.alignment = 32

    def take(self, size: int) -> bytes:
        if size > self._size - self.at:
            raise Broken("truncated", "The file ends in the middle of its header.")
        data = self._stream.read(size)
        if len(data) < size:
            raise Broken("truncated", "The file ends in the middle of its header.")
        self.at += size
        return data

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def text(self, most: int = 4 * MIB) -> bytes:
        size = self.number(8)
        if size > most:
            raise too_large(f"a text in its metadata has {size:,} bytes.")
        return self.take(size)

    def entry(self) -> None:
        """Step over one entry of metadata; keep the alignment."""
        name, kind = self.text(LONGEST_NAME), self.number(4)
        if name == _ALIGNMENT and kind == _U32:
            self.alignment = self.number(4)
            if not 1 <= self.alignment <= MIB or self.alignment % 8:
                raise damaged(f"An alignment of {self.alignment} is not allowed.")
            return
        self._skip(kind, depth=0)

    def _skip(self, kind: int, *, depth: int) -> None:
        if kind in _SIZES:
            self.take(_SIZES[kind])
        elif kind == _STRING:
            self.text()
        elif kind == _ARRAY and depth < 3:
            inner, count = struct.unpack("<IQ", self.take(12))
            self._values += count
            if self._values > MOST_VALUES:
                raise too_large(f"its metadata has more than {MOST_VALUES:,} values.")
            if inner in _SIZES:
                self.take(_SIZES[inner] * count)
                return
            for _ in range(count):
                self._skip(inner, depth=depth + 1)
        else:
            raise damaged(f"Its metadata has a value of unknown type {kind}.")

    def tensor(self) -> _Tensor:
        """Read where one tensor lies, and how large it must be."""
        name = self.text(LONGEST_NAME).decode("utf-8", "replace")
        dimensions = self.number(4)
        if dimensions > 8:
            raise damaged(f"The tensor {name:.100} has {dimensions} dimensions.")
        shape = [self.number(8) for _ in range(dimensions)]
        kind, offset = self.number(4), self.number(8)
        count, block = math.prod(shape), _BLOCKS.get(kind)
        if block is None:
            return _Tensor(name, offset, None)
        if shape and shape[0] % block[0]:
            raise damaged(f"A row of the tensor {name:.100} is not made of whole blocks.")
        return _Tensor(name, offset, count // block[0] * block[1])


def _require_inside(tensors: list[_Tensor], reading: _Reading, size: int) -> None:
    if not tensors:
        return
    begin = -(-reading.at // reading.alignment) * reading.alignment
    room, at = size - begin, 0
    for tensor in sorted(tensors, key=lambda tensor: tensor.offset):
        if tensor.offset % reading.alignment:
            raise damaged(f"The tensor {tensor.name:.100} does not lie at an aligned place.")
        if tensor.offset < at:
            raise Broken("overlap", f"The tensor {tensor.name:.100} shares bytes with another.")
        at = tensor.offset + (tensor.size or 0)
        if at > room:
            text = f"The tensor {tensor.name:.100} ends at byte {at:,} of {max(0, room):,}."
            raise Broken("truncated", text)
