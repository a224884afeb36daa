"""Universal Binary JSON, as XGBoost writes it: walked through without keeping the numbers.

What is kept is the shape: maps as maps, lists of things as lists, and of lists of numbers only
their length.
"""

import struct
from dataclasses import dataclass
from typing import Any

from apps.validation.checks.format_validity.findings import Broken, damaged, too_large
from apps.validation.checks.unsafe_code.limits import MIB
from apps.validation.checks.unsafe_code.pieces import Piece

MOST_DEPTH = 24
MOST_VALUES = 2_000_000
LONGEST_TEXT = 4 * MIB
_WHOLE = {b"i": ">b", b"U": ">B", b"I": ">h", b"l": ">i", b"L": ">q"}
_SIZES = {b"i": 1, b"U": 1, b"I": 2, b"l": 4, b"L": 8, b"d": 4, b"D": 8, b"C": 1}
_WORDS = {b"Z": None, b"T": True, b"F": False}


@dataclass(frozen=True, slots=True)
class Numbers:
    """A list of numbers, of which only the length is kept."""

    count: int

    def __len__(self) -> int:
        return self.count


class Reader:
    """Reads one value from the beginning of a piece to its end."""

    def __init__(self, piece: Piece) -> None:
        piece.rewind()
        self._stream, self._left = piece.stream, piece.require_seekable()
        self._values = 0

    def read(self) -> Any:
        """Return the value.

        Raises:
            Broken: when it is damaged, or goes beyond what is read.
        """
        value = self._value(self._take(1), 0)
        if self._left:
            raise damaged(f"{self._left:,} bytes follow its end.")
        return value

    def _take(self, size: int) -> bytes:
        if size > self._left:
            raise Broken("truncated", "The file ends in the middle of a value.")
        data = self._stream.read(size)
        if len(data) < size:
            raise Broken("truncated", "The file ends in the middle of a value.")
        self._left -= size
        return data

    def _skip(self, size: int) -> None:
        while size > 0:
            size -= len(self._take(min(size, MIB)))

    def _value(self, mark: bytes, depth: int) -> Any:
        self._values += 1
        if self._values > MOST_VALUES or depth > MOST_DEPTH:
            raise too_large("it holds more values, or deeper ones, than are read.")
        if mark == b"{":
            return self._map(depth)
        if mark == b"[":
            return self._list(depth)
        if mark in _WORDS:
            return _WORDS[mark]
        if mark == b"S":
            return self._text()
        if mark in _WHOLE:
            return self._whole(mark)
        if mark in _SIZES:
            self._skip(_SIZES[mark])
            return 0.0
        raise damaged(f"It holds a value of unknown type {mark!a}.")

    def _whole(self, mark: bytes) -> int:
        number: int = struct.unpack(_WHOLE[mark], self._take(_SIZES[mark]))[0]
        return number

    def _length(self) -> int:
        mark = self._take(1)
        if mark not in _WHOLE:
            raise damaged("A length in it is no whole number.")
        length = self._whole(mark)
        if length < 0:
            raise damaged("A length in it is negative.")
        return length

    def _text(self) -> str:
        size = self._length()
        if size > LONGEST_TEXT:
            raise too_large(f"a text in it has {size:,} bytes.")
        return self._take(size).decode("utf-8", "replace")

    def _map(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while (mark := self._take(1)) != b"}":
            if mark not in _WHOLE:
                raise damaged("A name in it has no length.")
            size = self._whole(mark)
            if not 0 <= size <= LONGEST_TEXT:
                raise damaged("A name in it has a length that cannot be.")
            name = self._take(size).decode("utf-8", "replace")
            if name in found:
                raise damaged(f"The name {name:.100} is given twice.")
            found[name] = self._value(self._take(1), depth + 1)
        return found

    def _list(self, depth: int) -> Any:
        mark = self._take(1)
        if mark == b"$":
            return self._typed()
        if mark == b"#":
            count = self._length()
            if count > MOST_VALUES:
                raise too_large(f"a list in it has {count:,} items.")
            return [self._value(self._take(1), depth + 1) for _ in range(count)]
        found = []
        while mark != b"]":
            found.append(self._value(mark, depth + 1))
            mark = self._take(1)
        return found

    def _typed(self) -> Numbers:
        kind, counts = self._take(1), self._take(1)
        if kind not in _SIZES or counts != b"#":
            raise damaged("A list in it has items of unknown type.")
        count = self._length()
        self._skip(count * _SIZES[kind])
        return Numbers(count)
