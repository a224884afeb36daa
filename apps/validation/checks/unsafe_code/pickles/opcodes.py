"""Reads the operations of a pickle one by one, with bounded memory.

This reader takes everything the real unpicklers take, and more. Where :mod:`pickletools` gives up
on an odd number or a text in another encoding, an unpickler told to be lenient would go on, and so
does this reader: nothing may hide behind an operation that only a scanner cannot read.
"""

import codecs
import pickletools
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress

from apps.validation.checks.unsafe_code.limits import MIB, Limits, too_large
from apps.validation.checks.unsafe_code.pickles.symbols import UNKNOWN, Unknown
from apps.validation.checks.unsafe_code.pieces import Piece

KEPT_TEXT = 256
KEPT_DIGITS = 40
EMBEDDED = 16 * MIB

Argument = Unknown | str | int | bytes | None
Operation = tuple[str, Argument, int]


class Broken(Exception):
    """No unpickler would go beyond this place."""


class Truncated(Broken):
    """The bytes end in the middle of an operation."""


class OperationReader:
    """An iterator over operations that can also step over bytes between them."""

    def __init__(self, piece: Piece, limits: Limits) -> None:
        self.position = 0
        self._stream = piece.stream
        self._total = piece.size
        self._limits = limits
        self._end = limits.pickle_bytes

    def operations(self) -> Iterator[Operation]:
        """Yield name, argument and position of each operation until STOP, which is the last."""
        self._end = self.position + self._limits.pickle_bytes
        name = ""
        while name != "STOP":
            position = self.position
            code = self.exactly(1)
            known = _READERS.get(code)
            if known is None:
                raise Broken(f"there is no operation {code!r}")
            name, read = known
            yield name, None if read is None else read(self), position

    def begins_with_operation(self) -> bool:
        """Say whether the next byte is an operation at all."""
        return self._stream.peek(1)[:1] in _READERS

    def exactly(self, size: int) -> bytes:
        """Read so many bytes of operations."""
        self.position += size
        if self.position > self._end:
            raise too_large("a pickle is longer than is examined")
        data = self._stream.read(size)
        if len(data) < size:
            raise Truncated("it ends in the middle of an operation")
        return data

    def line(self) -> bytes:
        """Read up to a line's end, which is left out."""
        data = self._stream.readline(self._limits.line)
        self.position += len(data)
        if data.endswith(b"\n"):
            return data[:-1]
        if len(data) < self._limits.line:
            raise Truncated("it ends in the middle of an operation")
        raise too_large("a line of a pickle is longer than is read")

    def skip(self, size: int) -> None:
        """Step over bytes of an operation's argument."""
        self._require_left(size)
        while size > 0:
            size -= len(self.exactly(min(size, MIB)))

    def skip_array(self, size: int) -> None:
        """Step over the bytes of an array that lies between operations."""
        self._require_left(size)
        while size > 0:
            size -= len(self.array_bytes(min(size, MIB)))

    def array_bytes(self, size: int) -> bytes:
        """Read bytes of an array that lies between operations."""
        self.position += size
        self._end += size
        data = self._stream.read(size)
        if len(data) < size:
            raise Truncated("it ends in the middle of an array")
        return data

    def read_to_end(self) -> int:
        """Read everything that is left; return how much that was."""
        size = 0
        while data := self._stream.read(MIB):
            size += len(data)
        return size

    def is_at_end(self) -> bool:
        """Say whether nothing follows."""
        return not self._stream.peek(1)

    def _require_left(self, size: int) -> None:
        if self._total is not None and self.position + size > self._total:
            raise Truncated("it ends in the middle of an operation")


def _number(size: int, *, signed: bool = False) -> Callable[[OperationReader], int]:
    def read(reader: OperationReader) -> int:
        return int.from_bytes(reader.exactly(size), "little", signed=signed)

    return read


def _text(size_of_length: int, encoding: str) -> Callable[[OperationReader], Argument]:
    def read(reader: OperationReader) -> Argument:
        size = int.from_bytes(reader.exactly(size_of_length), "little")
        if size > KEPT_TEXT:
            reader.skip(size)
            return UNKNOWN
        return _decoded(reader.exactly(size), encoding)

    return read


def _bytes(size_of_length: int) -> Callable[[OperationReader], Argument]:
    def read(reader: OperationReader) -> Argument:
        size = int.from_bytes(reader.exactly(size_of_length), "little")
        if size <= EMBEDDED:
            return reader.exactly(size)
        begin = reader.exactly(2)
        reader.skip(size - 2)
        if looks_like_pickle(begin):
            raise too_large("a pickle inside a pickle is longer than is examined")
        return UNKNOWN

    return read


def looks_like_pickle(data: bytes) -> bool:
    """Say whether bytes begin as pickles of protocol 2 and later do."""
    return len(data) >= 2 and data[0] == 0x80 and data[1] <= 5


def _decoded(data: bytes, encoding: str) -> Argument:
    try:
        return data.decode(encoding, "surrogatepass" if encoding == "utf-8" else "strict")
    except UnicodeDecodeError:
        return UNKNOWN


def _long(size_of_length: int) -> Callable[[OperationReader], Argument]:
    def read(reader: OperationReader) -> Argument:
        size = int.from_bytes(reader.exactly(size_of_length), "little")
        if size > 16:
            reader.skip(size)
            return UNKNOWN
        return int.from_bytes(reader.exactly(size), "little", signed=True)

    return read


def _decimal_line(reader: OperationReader) -> Argument:
    line = reader.line().strip()
    if line in {b"00", b"01"}:
        return line == b"01"
    return _integer(line)


def _long_line(reader: OperationReader) -> Argument:
    return _integer(reader.line().strip().removesuffix(b"L"))


def _index_line(reader: OperationReader) -> Argument:
    try:
        return int(reader.line(), 10)
    except ValueError as error:
        raise Broken("a place in the memo is no number") from error


def _integer(digits: bytes) -> Argument:
    if len(digits) > KEPT_DIGITS:
        return UNKNOWN
    for base in (0, 10):
        with suppress(ValueError):
            return int(digits, base)
    return UNKNOWN


def _float_line(reader: OperationReader) -> Argument:
    reader.line()
    return UNKNOWN


def _eight_bytes(reader: OperationReader) -> Argument:
    reader.exactly(8)
    return UNKNOWN


def _quoted_line(reader: OperationReader) -> Argument:
    line = reader.line().strip()
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in {b"'", b'"'}:
        raise Broken("a text has no quotes around it")
    try:
        with warnings.catch_warnings(action="ignore"):  # unpicklers take escapes that are none
            return codecs.escape_decode(line[1:-1])[0]
    except ValueError:
        return UNKNOWN


def _unicode_line(reader: OperationReader) -> Argument:
    line = reader.line()
    return UNKNOWN if len(line) > KEPT_TEXT else _decoded(line, "raw-unicode-escape")


def _persistent_line(reader: OperationReader) -> Argument:
    reader.line()
    return UNKNOWN


def _two_lines(reader: OperationReader) -> Argument:
    module, name = reader.line(), reader.line()
    return f"{module.decode('utf-8', 'replace')}\n{name.decode('utf-8', 'replace')}"


_BY_KIND: dict[str, Callable[[OperationReader], Argument]] = {
    "decimalnl_short": _index_line,
    "decimalnl_long": _long_line,
    "int4": _number(4, signed=True),
    "uint1": _number(1),
    "uint2": _number(2),
    "uint4": _number(4),
    "uint8": _number(8),
    "long1": _long(1),
    "long4": _long(4),
    "stringnl": _quoted_line,
    "stringnl_noescape": _persistent_line,
    "stringnl_noescape_pair": _two_lines,
    "string1": _bytes(1),
    "string4": _bytes(4),
    "bytes1": _bytes(1),
    "bytes4": _bytes(4),
    "bytes8": _bytes(8),
    "bytearray8": _bytes(8),
    "unicodestringnl": _unicode_line,
    "unicodestring1": _text(1, "utf-8"),
    "unicodestring4": _text(4, "utf-8"),
    "unicodestring8": _text(8, "utf-8"),
    "floatnl": _float_line,
    "float8": _eight_bytes,
}


_Read = Callable[[OperationReader], Argument]


def _reader_of(code: pickletools.OpcodeInfo) -> _Read | None:
    if code.name == "INT":
        return _decimal_line
    return None if code.arg is None else _BY_KIND[code.arg.name]


_READERS: dict[bytes, tuple[str, _Read | None]] = {
    code.code.encode("latin-1"): (code.name, _reader_of(code)) for code in pickletools.opcodes
}
