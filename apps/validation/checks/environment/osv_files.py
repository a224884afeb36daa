"""The files advisories come in: a JSON array, JSON lines or a zip of JSON files, read piece by
piece and within limits."""

import codecs
import json
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from apps.core.inputs import InputRefused

Placed = tuple[str, object]
"""A value and its place in the file, in words."""

PIECE = 2**20
MOST_ENTRY = 8 * 2**20
MOST_ENTRIES = 1_000_000
MOST_MEMBERS = 200_000
MOST_UNPACKED = 4 * 2**30
_ZIP = b"PK"
_SPACE = re.compile(r"[\s]*")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What reading a broken zip ends with; one that lies about places ends with the last."""


def entries_of(source: BinaryIO) -> Iterator[Placed]:
    """Yield every value of a file that can be read from any place, each with its place.

    Raises:
        InputRefused: when the file is broken; the message says where.
    """
    start = source.read(2)
    source.seek(0)
    yield from _zipped(source) if start == _ZIP else _Values(source)


def _zipped(source: BinaryIO) -> Iterator[Placed]:
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                raise InputRefused(f"The zip holds more than {MOST_MEMBERS:,} files.")
            left = MOST_UNPACKED
            for member in members:
                if member.filename.endswith(".json"):
                    data = _member(archive, member)
                    left -= len(data)
                    if left < 0:
                        raise InputRefused("The zip unpacks to more than 4 GiB.")
                    place = f"The file {member.filename!a:.200}"
                    yield place, _decoded(data, place)
    except _BROKEN as error:
        raise InputRefused(f"The zip cannot be read: {error!s:.200}.") from None


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as stream:
        data = stream.read(MOST_ENTRY + 1)
    if len(data) > MOST_ENTRY:
        raise InputRefused(
            f"The file {member.filename!a:.200} is larger than {MOST_ENTRY // 2**20} MiB."
        )
    return data


def _decoded(data: bytes, place: str) -> object:
    try:
        return json.loads(data.decode("utf-8-sig"))
    except RecursionError:
        raise InputRefused(f"{place} is nested too deeply.") from None
    except UnicodeDecodeError:
        raise InputRefused(f"{place} is not text in UTF-8.") from None
    except ValueError as error:
        raise InputRefused(f"{place} is not JSON: {error!s:.200}.") from None


class _Values:
    """The values of a JSON array, or of lines with one value each, without reading all of it."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._json = json.JSONDecoder()
        self._text, self._at, self._count = "", 0, 0
        self._is_whole = False

    def __iter__(self) -> Iterator[Placed]:
        is_array = self._next_sign() == "["
        self._at += is_array
        closed = not is_array
        while sign := self._next_sign():
            if is_array and sign == "]":
                self._at += 1
                closed = True
                break
            if is_array and self._count:
                self._take_comma(sign)
            self._count += 1
            if self._count > MOST_ENTRIES:
                raise InputRefused(f"The file holds more than {MOST_ENTRIES:,} entries.")
            yield self._place, self._value()
        if not closed:
            raise InputRefused(f"The list is cut off after entry {self._count:,}.")
        if self._next_sign():
            raise InputRefused(f"Something follows the list after entry {self._count:,}.")

    @property
    def _place(self) -> str:
        return f"Entry {self._count:,}"

    def _take_comma(self, sign: str) -> None:
        if sign != ",":
            raise InputRefused(f"A comma is missing after entry {self._count:,}.")
        self._at += 1
        if self._next_sign() in {"]", ""}:
            raise InputRefused(f"Nothing follows the comma after entry {self._count:,}.")

    def _next_sign(self) -> str:
        """Skip white space and return the sign that follows; nothing at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if self._is_whole:
                return ""
            self._read_on()

    def _value(self) -> object:
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
            except RecursionError:
                raise InputRefused(f"{self._place} is nested too deeply.") from None
            except ValueError as error:
                self._require_more(error)
                continue
            self._at = end
            return value

    def _require_more(self, error: ValueError) -> None:
        """Read on, since a value that breaks off looks like one that is wrong."""
        if len(self._text) - self._at > MOST_ENTRY:
            raise InputRefused(
                f"{self._place} is not JSON, or longer than {MOST_ENTRY:,} characters."
            ) from None
        if self._is_whole:
            words = getattr(error, "msg", str(error))
            raise InputRefused(f"{self._place} is not JSON: {words:.200}.") from None
        self._read_on()

    def _read_on(self) -> None:
        data = self._source.read(PIECE)
        self._is_whole = not data
        try:
            more = self._decoder.decode(data, final=not data)
        except UnicodeDecodeError:
            where = f"after entry {self._count:,}" if self._count else "at its beginning"
            raise InputRefused(f"The file is not text in UTF-8 {where}.") from None
        self._text, self._at = self._text[self._at :] + more, 0
