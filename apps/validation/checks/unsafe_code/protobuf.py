"""Steps through protocol buffers field by field; nothing is decoded that nobody asks for."""

from collections.abc import Iterator
from dataclasses import dataclass

from apps.validation.checks.unsafe_code.limits import CannotTell, too_large
from apps.validation.checks.unsafe_code.pieces import Piece

LONGEST_TEXT = 4096
DEEPEST_GROUP = 32


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message: its number, how it is written, and where its content lies."""

    number: int
    wire: int
    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start

    @property
    def is_long(self) -> bool:
        """Say whether its content has a length of its own: a text, bytes or another message."""
        return self.wire == 2


def fields(piece: Piece, start: int, end: int) -> Iterator[Field]:
    """Yield the fields of the message between two places.

    Raises:
        CannotTell: when there is no message.
    """
    while start < end:
        key, start = varint(piece, start, end)
        number, wire = key >> 3, key & 7
        begin, after = _content(piece, start, end, wire, depth=0)
        if after > end or number == 0:
            raise _damaged()
        yield Field(number, wire, begin, after)
        start = after


def _content(piece: Piece, start: int, end: int, wire: int, *, depth: int) -> tuple[int, int]:
    """Return where a field's content begins, and where what follows it begins."""
    if wire == 0:
        return start, varint(piece, start, end)[1]
    if wire == 2:
        length, start = varint(piece, start, end)
        return start, start + length
    if wire in {1, 5}:
        return start, start + (8 if wire == 1 else 4)
    if wire == 3 and depth < DEEPEST_GROUP:
        return start, _after_group(piece, start, end, depth=depth + 1)
    raise _damaged()


def _after_group(piece: Piece, start: int, end: int, *, depth: int) -> int:
    """Step over a group, which is a message between two marks and nowhere in use any more."""
    while start < end:
        key, start = varint(piece, start, end)
        if key & 7 == 4:
            return start
        start = _content(piece, start, end, key & 7, depth=depth)[1]
    raise _damaged()


def text_of(piece: Piece, field: Field) -> str:
    """Return a short text."""
    if field.size > LONGEST_TEXT:
        raise too_large("a name in it is longer than is read")
    return piece.at(field.start, field.size).decode("utf-8", "replace")


def value_of(piece: Piece, field: Field) -> int:
    """Return a plain number; nought for a field that is written in another way."""
    return varint(piece, field.start, field.end)[0] if field.wire == 0 else 0


def varint(piece: Piece, at: int, end: int) -> tuple[int, int]:
    """Return a number of variable length, and where the next thing begins."""
    value = 0
    for index, byte in enumerate(piece.at(at, min(10, end - at))):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, at + index + 1
    raise _damaged()


def _damaged() -> CannotTell:
    return CannotTell("unreadable_model", "its structure is damaged")
