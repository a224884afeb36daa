"""Checks an exported log: entries, tree, tiles, checkpoint, and checkpoints kept elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from apps.audit.verifier.entries import Chains, read_entry
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
from apps.audit.verifier.tree import leaf_of


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

    def entries(self) -> Iterator[tuple[int, bytes, bytes] | Finding]:
        """Yield each entry with its number and leaf, and what is wrong with the tree on the way."""
        for n in range((self.size + WIDTH - 1) // WIDTH):
            width = min(WIDTH, self.size - n * WIDTH)
            for raw in self._bundle(n, width):
                leaf = leaf_of(raw)
                yield self.shape.size, raw, leaf
                yield from self.shape.push(leaf)
        yield from self.shape.finish()
        yield from self._extra()

    def _bundle(self, n: int, width: int) -> Iterator[bytes]:
        place = f"tile/entries/{numbered(n, width)}"
        data, at = self._read(place), 0
        if data is None:
            raise Bad(f"{place} is missing")
        for _ in range(width):
            length = int.from_bytes(data[at : at + 2], "big")
            raw = data[at + 2 : at + 2 + length]
            if len(data) < at + 2 or len(raw) != length:
                raise Bad(f"{place} is cut short")
            yield raw
            at += 2 + length
        if at != len(data):
            raise Bad(f"{place} goes on after its last entry")

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
    try:
        for each in export.entries():
            if isinstance(each, Finding):
                report.findings.append(each)
                continue
            ring.glance(each[0], each[1])
            if not hashes_only:
                _read_one(each, chains, epochs, report)
    except Bad as problem:
        report.findings.append(Finding("event.missing", "tile/entries", str(problem)))


def _read_one(each: Any, chains: Chains, epochs: Epochs, report: Report) -> None:
    seq, raw, leaf = each
    try:
        entry = read_entry(raw)
    except Bad as problem:
        report.findings.append(Finding("event.noncanonical", f"entry {seq}", str(problem)))
        return
    epochs.take(seq, entry)
    report.take(chains.take(seq, entry, leaf))
