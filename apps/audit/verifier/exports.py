"""Checks an exported log: entries, tree, tiles, checkpoint, and checkpoints kept elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from apps.audit.verifier.bundles import Bundle, bundles, place_of
from apps.audit.verifier.entries import Chains
from apps.audit.verifier.epochs import Epochs
from apps.audit.verifier.notes import (
    Bad,
    Checkpoint,
    Finding,
    Key,
    read_checkpoint,
)
from apps.audit.verifier.rotations import KeyRing
from apps.audit.verifier.shape import WIDTH, Shape, numbered


class Missing(Exception):
    """What is needed to check at all is not there."""


class Report:
    """What was looked at and what was found."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.size = 0
        self.outside = 0
        self.checkpoint: Checkpoint | None = None
        self.gaps: list[str] = []

    def take(self, found: Iterator[Finding]) -> None:
        self.findings.extend(found)


class Export:
    """A folder with a log in it, read from its first entry to its last."""

    def __init__(self, folder: Path, size: int, wanted: set[int]) -> None:
        self.folder = folder
        self.size = size
        self.shape = Shape(self._tile, wanted)
        self._seen: set[str] = set()

    def bundles(self, *, hashes_only: bool) -> Iterator[tuple[int, Bundle]]:
        """Yield the entries by bundles, each with the number of its first."""
        with closing(bundles(self.folder, self.size, hashes_only=hashes_only)) as found:
            for n, bundle in enumerate(found):
                self._seen.add(place_of(n, self.size))
                yield n * WIDTH, bundle

    def grow(self, bundle: Bundle) -> Iterator[Finding]:
        """Yield what is wrong with the tree once the entries of a bundle are in it."""
        if bundle.root:
            yield from self.shape.fill(bundle.leaves, bundle.root)
            return
        for leaf in bundle.leaves:
            yield from self.shape.push(leaf)

    def finish(self) -> Iterator[Finding]:
        """Yield what is wrong with the end of the tree, and which files belong to no log."""
        yield from self.shape.finish()
        yield from self._extra()

    def _tile(self, level: int, n: int, width: int) -> bytes | None:
        return self._read(f"tile/{level}/{numbered(n, width)}")

    def _read(self, place: str) -> bytes | None:
        self._seen.add(place)
        try:
            return (self.folder / place).read_bytes()
        except OSError:
            return None

    def _extra(self) -> Iterator[Finding]:
        for path in sorted((self.folder / "tile").rglob("*")):
            place = path.relative_to(self.folder).as_posix()
            if path.is_file() and place not in self._seen:
                yield Finding("tile.extra", place, "it belongs to no log of this size")


def verify_export(
    folder: Path, keys: list[Key], outside: dict[str, str], *, hashes_only: bool = False
) -> Report:
    """Check an exported log; ``outside`` holds notes kept elsewhere, by where they were.

    Raises:
        Missing: when there is no checkpoint to hold the log to.
    """
    report = Report()
    try:
        note = (folder / "checkpoint").read_bytes().decode("utf-8")
    except (OSError, UnicodeError):
        raise Missing(f"{folder} holds no checkpoint.") from None
    checkpoint = stated(note)
    if checkpoint is None:
        raise Missing("The checkpoint cannot be read.")
    own = {"checkpoint": note, **_from_rotations(folder)}
    told = [stated(each) for each in [*own.values(), *outside.values()]]
    export = Export(folder, checkpoint.size, {each.size for each in told if each})
    epochs, ring, roots = Epochs(checkpoint), KeyRing(keys), export.shape.roots
    _read_all(export, epochs, ring, report, hashes_only=hashes_only)
    opened = iter(ring.open([*own.values(), *outside.values()], roots))
    for place in own:
        report.take(_own(place, next(opened), roots))
    kept = dict(_believed(((place, next(opened)) for place in outside), report))
    report.size, report.checkpoint, report.outside = checkpoint.size, checkpoint, len(kept)
    for place, each in kept.items():
        report.take(epochs.hold(place, each, roots))
    report.gaps = epochs.gaps
    return report


def stated(note: str) -> Checkpoint | None:
    """Return what a note says of the log, whoever signed it."""
    try:
        return read_checkpoint(note.partition("\n\n")[0] + "\n")
    except Bad:
        return None


def _from_rotations(folder: Path) -> dict[str, str]:
    """Return the checkpoints under which each new key was named, by where they are."""
    found = {}
    for path in sorted((folder / "keys").glob("*.note")):
        place = f"keys/{path.name}"
        try:
            found[place] = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeError):
            found[place] = ""
    return found


def _own(place: str, found: Checkpoint | Bad, roots: dict[int, bytes]) -> Iterator[Finding]:
    if isinstance(found, Bad):
        yield Finding("checkpoint.signature", place, str(found))
    elif roots.get(found.size, found.root) != found.root:
        words = "the entries lead to another root than the checkpoint names"
        yield Finding("checkpoint.root", place, words)


def _believed(
    opened: Iterable[tuple[str, Checkpoint | Bad]], report: Report
) -> Iterator[tuple[str, Checkpoint]]:
    for place, found in opened:
        if isinstance(found, Bad):
            report.findings.append(Finding("checkpoint.signature", place, str(found)))
        else:
            yield place, found


def _read_all(
    export: Export, epochs: Epochs, ring: KeyRing, report: Report, *, hashes_only: bool
) -> None:
    chains = Chains()
    for first, bundle in export.bundles(hashes_only=hashes_only):
        for at, raw in bundle.again:
            ring.glance(first + at, raw)
            if not hashes_only:
                epochs.glance(first + at, raw)
        report.take(_linked(first, bundle, chains))
        report.take(export.grow(bundle))
        if bundle.problem:
            report.findings.append(Finding("event.missing", "tile/entries", bundle.problem))
            return
    report.take(export.finish())


def _linked(first: int, bundle: Bundle, chains: Chains) -> Iterator[Finding]:
    for seq, link in enumerate(bundle.links, first):
        if isinstance(link, str):
            yield Finding("event.noncanonical", f"entry {seq}", link)
        else:
            yield from chains.follow(seq, link, bundle.leaves[seq - first])
