"""Pieces: a stored file, or something inside one, as bytes that are read with bounds."""

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from apps.validation.checks.unsafe_code.limits import KIB, MIB, too_large
from apps.validation.checks.unsafe_code.scan import Scan, shown

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BUFFER = 256 * KIB
HEAD = 64 * KIB


class Window(io.RawIOBase):
    """A stretch of a stream that can seek, itself readable and seekable."""

    def __init__(self, stream: BinaryIO | io.BufferedReader, start: int, size: int) -> None:
        self._stream, self._start, self._size, self._at = stream, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, origin + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), max(0, self._size - self._at))
        if wanted == 0:
            return 0
        self._stream.seek(self._start + self._at)
        data = self._stream.read(wanted)
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


class Forward(io.RawIOBase):
    """Bytes that come once, from a generator; what was read ahead can be read again."""

    def __init__(self, kept: bytes, rest: Iterator[bytes]) -> None:
        self._kept, self._rest = kept, rest
        self._at, self._left, self._is_spent = 0, b"", False

    def readable(self) -> bool:
        return True

    def rewind(self) -> None:
        """Go back to the beginning, as long as nothing is lost."""
        if self._is_spent:
            raise too_large("it is large, and its kind shows only after reading far into it")
        self._at = 0

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer).cast("B")
        if self._at < len(self._kept):
            data = self._kept[self._at : self._at + len(view)]
            self._at += len(data)
        else:
            self._is_spent = True
            while not self._left:
                chunk = next(self._rest, None)
                if chunk is None:
                    return 0
                self._left = chunk
            data, self._left = self._left[: len(view)], self._left[len(view) :]
        view[: len(data)] = data
        return len(data)


class Piece:
    """Bytes under examination: where they are, how deep inside archives, and a stream of them."""

    def __init__(self, place: str, depth: int, raw: io.RawIOBase, size: int | None) -> None:
        self.place, self.depth, self.size = place, depth, size
        self.is_torch = self.is_script = self.is_script_code = False
        """What PyTorch takes it for: a pickle that names tensors; part of a program; its text."""
        self.is_raw = False
        """Whether PyTorch takes it for a tensor's plain numbers."""
        self._raw = raw
        self.stream = io.BufferedReader(raw, BUFFER)

    @classmethod
    def of_stream(cls, place: str, stream: BinaryIO) -> "Piece":
        """Take a stored file."""
        size = stream.seek(0, io.SEEK_END)
        return cls(place, 0, Window(stream, 0, size), size)

    @classmethod
    def of_bytes(cls, place: str, depth: int, data: bytes) -> "Piece":
        """Take bytes held in memory."""
        return cls(place, depth, Window(io.BytesIO(data), 0, len(data)), len(data))

    @classmethod
    def of_chunks(cls, scan: Scan, place: str, depth: int, chunks: Iterable[bytes]) -> "Piece":
        """Take bytes as they are unpacked, held in memory if they are few enough."""
        rest = iter(chunks)
        kept = bytearray()
        for chunk in rest:
            kept += chunk
            if len(kept) > scan.limits.held:
                return cls(place, depth, Forward(bytes(kept), rest), None)
        return cls.of_bytes(place, depth, bytes(kept))

    def inside(self, name: str) -> str:
        """Return the place of something inside this piece."""
        return f"{self.place}!{shown(name)}"

    def rewind(self) -> None:
        """Make the stream begin again."""
        if isinstance(self._raw, Forward):
            self._raw.rewind()
            self.stream.detach()
            self.stream = io.BufferedReader(self._raw, BUFFER)
        else:
            self.stream.seek(0)

    def head(self) -> bytes:
        """Return the first bytes, and begin again."""
        self.rewind()
        data = self.stream.read(HEAD)
        self.rewind()
        return data

    def at(self, offset: int, size: int) -> bytes:
        """Return bytes from anywhere in a piece that can seek."""
        self.stream.seek(offset)
        return self.stream.read(size)

    def require_seekable(self) -> int:
        """Return the size of a piece whose kind has to be read in any order."""
        if self.size is None:
            raise too_large("it is too large to be held in memory, and packed inside another file")
        return self.size

    def rest(self) -> Iterator[bytes]:
        """Yield what is left of the stream."""
        while data := self.stream.read(MIB):
            yield data
