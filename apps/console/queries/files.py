"""The files of a version as a tree: whole when it is small, else folder by folder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from apps.catalog.models import ModelVersion, VersionFile

MOST_AT_ONCE = 200
"""Up to how many files are shown with all folders open; of more, one folder's names a page."""

MOST_TEXT = 2**18
DEEPEST = 8
"""How deep the page indents; folders further down stay at that depth."""


@dataclass(frozen=True)
class Line:
    """A folder with how much is in it, or a file."""

    path: str
    depth: int
    size: int
    files: int = 0
    sha256: str = ""
    media_type: str = ""
    is_quarantined: bool = False
    disposed_at: datetime | None = None

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def is_folder(self) -> bool:
        return not self.sha256

    @property
    def indent(self) -> int:
        return min(self.depth, DEEPEST)


@dataclass(frozen=True)
class Listing:
    """What a page shows of a folder, and the name after which the next page goes on."""

    folder: str
    lines: Sequence[Line]
    after: str = ""

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The folder and those above it, each with its path, the topmost first."""
        parts = self.folder.split("/") if self.folder else []
        return [(part, "/".join(parts[: place + 1])) for place, part in enumerate(parts)]


@dataclass(frozen=True)
class _File:
    path: str
    sha256: str
    size: int
    media_type: str
    quarantined_at: datetime | None
    disposed_at: datetime | None


def listing(version: ModelVersion, folder: str = "", after: str = "") -> Listing:
    """Return what is in a folder of a version, in one query; nothing when there is no such."""
    below = f"{folder}/" if folder else ""
    columns = (
        "path",
        "artifact__sha256",
        "artifact__size",
        "media_type",
        "artifact__quarantined_at",
        "artifact__disposed_at",
    )
    rows = VersionFile.objects.filter(version=version, path__startswith=below)
    found = sorted(
        (
            _File(*values)
            for values in rows.values_list(*columns)
            if values[0].startswith(below)  # SQLite looks past case
        ),
        key=lambda file: file.path.split("/"),
    )
    if len(found) <= MOST_AT_ONCE:
        return Listing(folder, list(_tree(found, below, 0)))
    return _page(folder, list(_children(found, below)), after)


def text_of(content: bytes) -> str | None:
    """Return the beginning of a file as text, or None when it is none."""
    shown = content[:MOST_TEXT]
    cuts = 4 if len(shown) == MOST_TEXT else 1  # the last letter may be cut in the middle
    for cut in range(cuts):
        try:
            text = shown[: len(shown) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _page(folder: str, lines: Sequence[Line], after: str) -> Listing:
    rest = [line for line in lines if line.name > after] if after else list(lines)
    shown = rest[:MOST_AT_ONCE]
    return Listing(folder, shown, shown[-1].name if len(rest) > len(shown) else "")


def _tree(files: Sequence[_File], below: str, depth: int) -> Iterator[Line]:
    """Yield a folder's names, each folder followed by what is in it."""
    for line, inside in _grouped(files, below, depth):
        yield line
        if line.is_folder:
            yield from _tree(inside, f"{line.path}/", depth + 1)


def _children(files: Sequence[_File], below: str) -> Iterator[Line]:
    return (line for line, _ in _grouped(files, below, 0))


def _grouped(
    files: Sequence[_File], below: str, depth: int
) -> Iterator[tuple[Line, Sequence[_File]]]:
    for name, group in groupby(files, key=lambda file: file.path[len(below) :].split("/", 1)[0]):
        inside = list(group)
        first = inside[0]
        if first.path == below + name:
            yield (
                Line(
                    first.path,
                    depth,
                    first.size,
                    0,
                    first.sha256,
                    first.media_type,
                    first.quarantined_at is not None,
                    first.disposed_at,
                ),
                inside,
            )
        else:
            size = sum(file.size for file in inside)
            yield Line(below + name, depth, size, len(inside)), inside
