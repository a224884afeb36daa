"""The files of evidence in a pack: each once, named by its digest; what stays outside says why.

A file goes in where its row is as the record left it, who ordered the pack may take it, and the
store hands it out. Its name is its digest, with an ending where one is harmless to open.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from apps.approvals.packs.contents import Contents
from apps.audit.governed import GovernedRow
from apps.catalog import outgoing
from apps.catalog.models import Artifact
from apps.core import formats
from apps.core.errors import DomainError

FOLDER = "evidence"
MOST_BYTES, MOST_FILES = 1_000_000_000, 20_000
"""Of all files of evidence together; the rest of a pack needs the room that is left."""
ENDINGS = frozenset("csv docx jpeg jpg json md odt ods parquet pdf png pptx txt xlsx zip".split())
"""Kinds of files that run nothing when somebody opens them; all others end in ``bin``."""
TOO_MUCH = (
    f"It had no room: one pack takes {MOST_FILES:,} files of evidence that hold "
    f"{formats.size(MOST_BYTES)} together. Order a pack of less."
)
NOT_AS_KEPT = "The store does not hold this file as it was given. Tell the operator."
_PIECE, _BEAT_EVERY = 2**18, 2**26


@dataclass(frozen=True)
class Placed:
    """Where the file of a row stands in the pack, or why it does not."""

    path: str = ""
    left_out: str = ""


@dataclass(frozen=True)
class NamedFile:
    """A file, with the row that names it and the name it came by."""

    row: GovernedRow
    artifact: Artifact
    name: str

    @property
    def path(self) -> str:
        """Return the path the file has in a pack."""
        ending = self.name.rpartition(".")[2].lower()
        return f"{FOLDER}/{self.artifact.sha256}.{ending if ending in ENDINGS else 'bin'}"


class Enclosed:
    """The files of evidence of one pack, while it is gathered."""

    def __init__(self, contents: Contents, beat: Callable[[], None]) -> None:
        self._contents, self._beat = contents, beat
        self._by_row: dict[str, Placed] = {}
        self._by_digest: dict[str, Placed] = {}
        self._listed: list[dict[str, object]] = []
        self._bytes = self._files = 0

    def add(self, file: NamedFile, *, why_not: str = "") -> None:
        """Put the file of a row into the pack once, unless something speaks against it."""
        placed = Placed(left_out=why_not) if why_not else self._placed(file)
        self._list(file.row, placed, file.artifact.size, file.artifact.sha256)

    def pass_over(self, row: GovernedRow, why: str) -> None:
        """Say why nothing is known of a file of a row, which may have none."""
        self._list(row, Placed(left_out=why), 0, "")

    def of(self, row: GovernedRow) -> Placed:
        """Return what became of the file of a row; nothing where it has none."""
        return self._by_row.get(row.record_ref, Placed())

    def told(self, row: GovernedRow) -> dict[str, str | None]:
        """Return that for a file that tells of the row."""
        placed = self.of(row)
        return {"file": placed.path or None, "left_out": placed.left_out or None}

    def listed(self) -> list[dict[str, Any]]:
        """Return every file with the row that names it, as the manifest lists them."""
        return sorted(self._listed, key=lambda one: str(one["row"]))

    def _list(self, row: GovernedRow, placed: Placed, size: int, sha256: str) -> None:
        self._by_row[row.record_ref] = placed
        told = {"row": row.record_ref, "path": placed.path, "size": size, "sha256": sha256}
        self._listed.append({**told, "left_out": placed.left_out})

    def _placed(self, file: NamedFile) -> Placed:
        digest = file.artifact.sha256
        if digest not in self._by_digest:
            self._by_digest[digest] = self._put(file)
        return self._by_digest[digest]

    def _put(self, file: NamedFile) -> Placed:
        if self._files >= MOST_FILES or self._bytes + file.artifact.size > MOST_BYTES:
            return Placed(left_out=TOO_MUCH)
        try:
            found = outgoing.opened(file.path, file.artifact)
        except DomainError as refusal:  # disposed of, damaged, or lost: its digest stays
            return Placed(left_out=str(refusal))
        with found.bytes as data:
            if not self._contents.add_known(file.path, self._pieces(data), found.sha256):
                return Placed(left_out=NOT_AS_KEPT)
        self._files, self._bytes = self._files + 1, self._bytes + found.size
        return Placed(file.path)

    def _pieces(self, data: BinaryIO) -> Iterator[bytes]:
        """Yield a file piece by piece, and say now and then that the work goes on."""
        since = 0
        while piece := data.read(_PIECE):
            yield piece
            since += len(piece)
            if since >= _BEAT_EVERY:
                self._beat()
                since = 0
