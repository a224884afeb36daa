"""What every store of artifacts keeps to, whatever it keeps them in."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from apps.core import formats
from apps.core.errors import RuleBroken
from apps.core.inputs import InputRefused

PIECE = 2**18
"""How many bytes are read at once: few enough that the next come in while these are kept."""
Source = BinaryIO | Iterable[bytes]


class BytesRefused(InputRefused):
    """The bytes are not those that were announced, or more than there may be."""

    code = "bytes_refused"


class StoreFull(RuleBroken):
    """There is no room for more files."""

    code = "store_full"

    def __init__(self) -> None:
        super().__init__(
            "The artifact store is nearly full, so no file was kept. Ask the operator for room."
        )


@dataclass(frozen=True)
class StoredBytes:
    """What a store knows of a file: its SHA-256 in hexadecimal, and its size."""

    sha256: str
    size: int

    @property
    def key(self) -> str:
        """Where the file lies in the store: ``aa/bb/<sha256>``."""
        return key_of(self.sha256)


@dataclass(frozen=True)
class Expected:
    """What a sender announces about a file, and the most it may hold."""

    sha256: str | None = None
    size: int | None = None
    most: int | None = None

    def __post_init__(self) -> None:
        if self.sha256 is not None and not is_sha256(self.sha256):
            raise BytesRefused("A digest is 64 hexadecimal digits.")
        if self.size is not None:
            self.require_room(self.size)

    def require_room(self, size: int) -> None:
        """Refuse more bytes than there may be."""
        if self.most is not None and size > self.most:
            raise BytesRefused(
                f"The file is larger than the {formats.size(self.most)} that are left for it."
            )

    def require(self, stored: StoredBytes) -> None:
        """Refuse bytes other than announced."""
        if self.size is not None and stored.size != self.size:
            how = "was cut off" if stored.size < self.size else "went on"
            raise BytesRefused(
                f"The file {how}: {self.size:,} bytes were announced, {stored.size:,} came."
            )
        if self.sha256 is not None and not hmac.compare_digest(self.sha256.lower(), stored.sha256):
            raise BytesRefused(
                f"The file has the digest {stored.sha256}, not the one announced. Send it again."
            )


@dataclass(frozen=True)
class Said:
    """What an answer with kept bytes says of them in its headers."""

    media_type: str
    disposition: str
    caching: str


class Intake:
    """Bytes on their way in: counted and hashed as they pass, and held to what was announced.

    Whole pieces are hashed by a thread beside the one that writes them. Each is hashed before the
    next is read, so at most one is held; a shorter one is hashed sooner than it is handed over.
    """

    def __init__(self, source: Source, expected: Expected) -> None:
        self._source, self._expected = source, expected
        self._hashed, self._size = hashlib.sha256(), 0

    def __iter__(self) -> Iterator[bytes]:
        with ThreadPoolExecutor(1, "hashing") as beside:
            for piece in self._held_to_announced():
                if len(piece) < PIECE:
                    self._hashed.update(piece)
                    yield piece
                else:
                    hashing = beside.submit(self._hashed.update, piece)
                    yield piece
                    hashing.result()

    def _held_to_announced(self) -> Iterator[bytes]:
        announced = self._expected.size
        for piece in pieces(self._source):
            self._size += len(piece)
            self._expected.require_room(self._size)
            yield piece
            if announced is not None and self._size > announced:
                break

    def stored(self) -> StoredBytes:
        """Return what passed, once it has ended and is what was announced."""
        stored = StoredBytes(self._hashed.hexdigest(), self._size)
        self._expected.require(stored)
        return stored


class ArtifactStore(Protocol):
    """Keeps bytes under their digest: what has a name there is whole, and never changes."""

    def receive(self, source: Source, expected: Expected) -> StoredBytes:
        """Keep bytes as they come in, in constant memory; nothing is named until all is there."""
        ...

    def adopt(self, path: Path, stored: StoredBytes) -> None:
        """Keep a local file that is hashed already; the file is gone afterwards."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Open kept bytes for reading and seeking; FileNotFoundError when there are none."""
        ...

    def address(self, sha256: str, *, seconds: int, said: Said) -> str | None:
        """Return an address that opens kept bytes for some seconds, if this store gives any."""
        ...

    def exists(self, sha256: str) -> bool:
        """Say whether bytes with this digest are kept."""
        ...

    def remove(self, sha256: str) -> None:
        """Remove kept bytes for good; nothing happens when there are none."""
        ...

    def clear_unfinished(self, before: datetime) -> int:
        """Remove what broke off on its way in before a time; return how many there were."""
        ...


def pieces(source: Source) -> Iterator[bytes]:
    """Yield the bytes of a stream, or of something that yields bytes already."""
    read = getattr(source, "read", None)
    if read is None:
        yield from source
        return
    while piece := read(PIECE):
        yield piece


def key_of(sha256: str) -> str:
    """Return the place of a digest, which must be one: it becomes a path."""
    if not is_sha256(sha256):
        raise FileNotFoundError(f"{sha256!a:.80} is no digest")
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def is_sha256(text: str) -> bool:
    """Say whether a text is 64 small hexadecimal digits, or capital ones."""
    return len(text) == 64 and set(text) <= set("0123456789abcdefABCDEF")
