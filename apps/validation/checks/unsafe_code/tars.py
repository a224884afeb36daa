"""Reads tar archives forward, member by member, and never writes any of them."""

import io
import tarfile
from collections import deque
from collections.abc import Iterator

from apps.validation.checks.unsafe_code.limits import MIB, CannotTell, too_large
from apps.validation.checks.unsafe_code.names import NameRules
from apps.validation.checks.unsafe_code.pieces import Piece
from apps.validation.checks.unsafe_code.scan import REPACK, Scan

_TROUBLE = (tarfile.TarError, ValueError, EOFError, OverflowError, UnicodeError)


class _Bounded(io.RawIOBase):
    """A stream for tarfile that refuses to be read for long while a header is looked for."""

    def __init__(self, piece: Piece, allowance: int) -> None:
        super().__init__()
        self._piece = piece
        self.allowance: int | None = allowance

    def read(self, size: int = -1) -> bytes:
        """Read some bytes."""
        if self.allowance is not None:
            self.allowance -= size
            if self.allowance < 0:
                raise too_large("a record of the archive is larger than is read")
        return self._piece.stream.read(size)


def members(scan: Scan, piece: Piece) -> Iterator[Piece]:
    """Yield what a tar archive holds; report whatever is odd about the archive itself."""
    piece.rewind()
    names = NameRules(scan, piece.place)
    stream = _Bounded(piece, scan.limits.directory)
    archive = _open(stream)
    while True:
        stream.allowance = scan.limits.directory
        entry = _next(archive)
        stream.allowance = None
        if entry is None:
            break
        scan.spend_member()
        is_plain = entry.isreg() and not entry.issparse()
        names.require_clean(entry.name, is_link=not (is_plain or entry.isdir()))
        if is_plain:
            place = piece.inside(entry.name)
            content = _content(scan, place, archive, entry)
            yield Piece.of_chunks(scan, place, piece.depth + 1, content)
            deque(content, maxlen=0)  # so that the next header is all that is left to read
    _require_end(scan, piece, archive)


def _open(stream: _Bounded) -> tarfile.TarFile:
    try:
        return tarfile.open(fileobj=stream, mode="r|", bufsize=64 * 1024)
    except _TROUBLE as error:
        raise _damaged() from error


def _next(archive: tarfile.TarFile) -> tarfile.TarInfo | None:
    try:
        return archive.next()
    except _TROUBLE as error:
        raise _damaged() from error


def _content(
    scan: Scan, place: str, archive: tarfile.TarFile, entry: tarfile.TarInfo
) -> Iterator[bytes]:
    stream = archive.extractfile(entry)
    left = entry.size
    while stream is not None and left > 0:
        try:
            data = stream.read(min(left, MIB))
        except _TROUBLE as error:
            raise _damaged() from error
        if not data:
            raise _damaged()
        left -= len(data)
        scan.spend_unpacked(len(data), place)
        yield data


def _require_end(scan: Scan, piece: Piece, archive: tarfile.TarFile) -> None:
    """Report anything but zeros after the archive's end."""
    while data := archive.fileobj.read(MIB):
        if data.strip(b"\0"):
            text = "Something follows the archive's end, and it cannot be told what it is."
            scan.report("trailing_data", piece.place, text, REPACK)
            return


def _damaged() -> CannotTell:
    return CannotTell("unreadable_archive", "the archive is damaged")
