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
from apps.audit.verifier.tree import HASH, Tree, leaf_of

WIDTH = 256


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


def numbered(n: int, width: int) -> str:
    """Return the place of a tile: ``x001/x234/067``, or ``067.p/44`` when it is not full."""
    groups = [f"{n % 1000:03}"]
    while n >= 1000:
        n //= 1000
        groups.append(f"x{n % 1000:03}")
    return "/".join(reversed(groups)) + ("" if width == WIDTH else f".p/{width}")


class Export:
    """A folder with a log in it, read from its first entry to its last."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.size = size
        self.tree = Tree()
        self.roots: dict[int, bytes] = {0: self.tree.root()}
        self.seen = {"checkpoint"}
        self._levels: list[list[bytes]] = []
        self._whole: list[int] = []

    def entries(self, wanted: set[int]) -> Iterator[tuple[int, bytes, bytes] | Finding]:
        """Yield each entry with its number and leaf, and what is wrong with the tree on the way.

        The roots at the wanted sizes are kept.
        """
        for n in range((self.size + WIDTH - 1) // WIDTH):
            width = min(WIDTH, self.size - n * WIDTH)
            leaves: list[bytes] = []
            for raw in self._bundle(n, width):
                leaf = leaf_of(raw)
                yield n * WIDTH + len(leaves), raw, leaf
                leaves.append(leaf)
                self._push(leaf, n * WIDTH + len(leaves), wanted)
            yield from self._complete(0, n, leaves)
        for level, hashes in enumerate(self._levels):
            if level and hashes:
                yield from self._tile(level, self._whole[level], hashes)
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

    def _push(self, leaf: bytes, size: int, wanted: set[int]) -> None:
        self.tree.push(leaf)
        if size in wanted:
            self.roots[size] = self.tree.root()

    def _complete(self, level: int, n: int, hashes: list[bytes]) -> Iterator[Finding]:
        """Hold a tile to its hashes, and its root to the tile above once that is full."""
        yield from self._tile(level, n, hashes)
        if len(hashes) < WIDTH:
            return
        tree = Tree()
        for each in hashes:
            tree.push(each)
        while len(self._levels) < level + 2:
            self._levels.append([])
            self._whole.append(0)
        above = self._levels[level + 1]
        above.append(tree.root())
        if len(above) == WIDTH:
            self._levels[level + 1] = []
            self._whole[level + 1] += 1
            yield from self._complete(level + 1, self._whole[level + 1] - 1, above)

    def _tile(self, level: int, n: int, hashes: list[bytes]) -> Iterator[Finding]:
        place = f"tile/{level}/{numbered(n, len(hashes))}"
        data = self._read(place)
        if data is None:
            yield Finding("tile", place, "it is missing")
        elif data != b"".join(hashes):
            wrong = [i for i, each in enumerate(hashes) if data[i * HASH :][:HASH] != each]
            yield Finding("tile", place, f"it holds other hashes, the first at {wrong[:1]}")

    def _read(self, place: str) -> bytes | None:
        self.seen.add(place)
        try:
            return (self.folder / place).read_bytes()
        except OSError:
            return None

    def _extra(self) -> Iterator[Finding]:
        for path in sorted((self.folder / "tile").rglob("*")):
            place = path.relative_to(self.folder).as_posix()
            if path.is_file() and place not in self.seen:
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
    export = Export(folder, checkpoint.size)
    epochs = Epochs(checkpoint)
    wanted = {checkpoint.size} | {each.size for each in kept.values()}
    _read_all(export, wanted, epochs, report, hashes_only=hashes_only)
    report.size, report.checkpoint, report.outside = checkpoint.size, checkpoint, len(kept)
    if checkpoint.size in export.roots and export.roots[checkpoint.size] != checkpoint.root:
        words = "the entries lead to another root than the checkpoint names"
        report.findings.append(Finding("checkpoint.root", "checkpoint", words))
    for place, each in kept.items():
        report.take(epochs.hold(place, each, export.roots))
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


def _read_all(
    export: Export, wanted: set[int], epochs: Epochs, report: Report, *, hashes_only: bool
) -> None:
    chains = Chains()
    try:
        for each in export.entries(wanted):
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
