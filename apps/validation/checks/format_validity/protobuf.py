"""Protocol buffers, stepped through field by field without a schema."""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.validation.checks.format_validity.findings import damaged, too_large
from apps.validation.checks.unsafe_code.pieces import Piece

LONGEST_TEXT = 4096
_VARINT, _FIXED_64, _LENGTH, _FIXED_32 = 0, 1, 2, 5


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message: its number, its value if it is one, and where its content lies."""

    number: int
    value: int
    start: int
    end: int
    has_length: bool

    @property
    def size(self) -> int:
        return self.end - self.start


def fields(piece: Piece, start: int, end: int) -> Iterator[Field]:
    """Yield the fields of the message between two places.

    Raises:
        Broken: when it is no message.
    """
    while start < end:
        key, start = varint(piece, start, end)
        number, wire = key >> 3, key & 7
        value = 0
        if wire == _VARINT:
            begin = start
            value, start = varint(piece, start, end)
        elif wire == _LENGTH:
            length, begin = varint(piece, start, end)
            start = begin + length
        elif wire in {_FIXED_64, _FIXED_32}:
            begin, start = start, start + (8 if wire == _FIXED_64 else 4)
        else:
            raise damaged("Its structure is damaged.")
        if start > end or number == 0:
            raise damaged("Its structure is damaged.")
        yield Field(number, value, begin, start, wire == _LENGTH)


def varint(piece: Piece, at: int, end: int) -> tuple[int, int]:
    """Return a number of variable length, and where the next thing begins."""
    value = 0
    for index, byte in enumerate(piece.at(at, min(10, end - at))):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, at + index + 1
    raise damaged("Its structure is damaged.")


def text(piece: Piece, field: Field) -> str:
    """Return a field as text."""
    if field.size > LONGEST_TEXT:
        raise too_large("a name in it is longer than is read.")
    return piece.at(field.start, field.size).decode("utf-8", "replace")


def numbers(piece: Piece, field: Field, most: int = 64) -> list[int]:
    """Return the numbers of a field that may be packed."""
    if not field.has_length:
        return [field.value]
    found, at = [], field.start
    while at < field.end:
        value, at = varint(piece, at, field.end)
        found.append(value)
        if len(found) > most:
            raise too_large("a list in it is longer than is read.")
    return found
