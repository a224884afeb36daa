"""Checks an exported log: entries, tree, tiles, checkpoint, and checkpoints kept elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps.audit.verifier.entries import Chains, read_entry
from apps.audit.verifier.epochs import Epochs
from apps.audit.verifier.notes import (
    Bad,
    Checkpoint,
    Finding,
    Key,
    open_checkpoint,
    read_checkpoint,
)
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
    checkpoint = _own_checkpoint(note, keys, report)
    kept = dict(_opened(outside, keys, report))
    export = Export(folder, checkpoint.size, {each.size for each in kept.values()})
    epochs, roots = Epochs(checkpoint), export.shape.roots
    _read_all(export, epochs, report, hashes_only=hashes_only)
    report.size, report.checkpoint, report.outside = checkpoint.size, checkpoint, len(kept)
    if roots.get(checkpoint.size, checkpoint.root) != checkpoint.root:
        words = "the entries lead to another root than the checkpoint names"
        report.findings.append(Finding("checkpoint.root", "checkpoint", words))
    for place, each in kept.items():
        report.take(epochs.hold(place, each, roots))
    report.gaps = epochs.gaps
    return report


def _own_checkpoint(note: str, keys: list[Key], report: Report) -> Checkpoint:
    try:
        return open_checkpoint(note, keys)
    except Bad as problem:
        report.findings.append(Finding("checkpoint.signature", "checkpoint", str(problem)))
    try:
        return read_checkpoint(note.partition("\n\n")[0] + "\n")
    except Bad:
        raise Missing("The checkpoint cannot be read.") from None


def _opened(
    outside: dict[str, str], keys: list[Key], report: Report
) -> Iterator[tuple[str, Checkpoint]]:
    for place, note in outside.items():
        try:
            yield place, open_checkpoint(note, keys)
        except Bad as problem:
            report.findings.append(Finding("checkpoint.signature", place, str(problem)))


def _read_all(export: Export, epochs: Epochs, report: Report, *, hashes_only: bool) -> None:
    chains = Chains()
    try:
        for each in export.entries():
            if isinstance(each, Finding):
                report.findings.append(each)
            elif not hashes_only:
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
