"""Which log a checkpoint kept elsewhere is of: this one, or one it went on from after a restore."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apps.audit.verifier.entries import read_entry
from apps.audit.verifier.notes import Bad, Checkpoint, Finding

OPENED = "log.open"


class Epochs:
    """The names a log had, and up to where each of them still holds."""

    def __init__(self, now: Checkpoint) -> None:
        self.now = now
        self.gaps: list[str] = []
        self._earlier: dict[str, tuple[int, int]] = {}

    def take(self, seq: int, entry: dict[str, Any]) -> None:
        """Take note of an entry with which a log was opened."""
        link = entry["chain"]
        if entry["action"] != OPENED or not link or not link["root"].startswith("log:"):
            return
        passed = entry["detail"].get("passed_over")
        for lost in (entry["detail"].get("previous"), *(passed if type(passed) is list else ())):
            if isinstance(lost, dict):
                self._lose(seq, lost)

    def glance(self, seq: int, raw: bytes) -> None:
        """Take note of an entry by its bytes."""
        try:
            self.take(seq, read_entry(raw))
        except Bad:
            return

    def _lose(self, seq: int, previous: dict[str, Any]) -> None:
        """Take note of a name that ended, and of what was lost with it."""
        origin, *ends = (previous.get(key) for key in ("origin", "restored", "anchored"))
        sizes = [
            end["size"] for end in ends if isinstance(end, dict) and type(end.get("size")) is int
        ]
        if isinstance(origin, str) and len(sizes) == len(ends):
            restored, anchored = sizes
            self._earlier[origin] = restored, max(restored, anchored)
            words = f"what {origin} held after entry {restored} until {anchored} was lost"
            self.gaps.append(f"{words}, as entry {seq} says")

    def hold(self, place: str, kept: Checkpoint, roots: dict[int, bytes]) -> Iterator[Finding]:
        """Hold the log to a checkpoint that was kept elsewhere."""
        if kept.origin == self.now.origin:
            holds_to, known_to = self.now.size, self.now.size
        elif kept.origin in self._earlier:
            holds_to, known_to = self._earlier[kept.origin]
        else:
            yield Finding("fork", place, f"it is of {kept.origin}, which this log never was")
            return
        if kept.size > known_to:
            words = f"it was signed at {kept.size} entries, and the log ends at {known_to}"
            yield Finding("rollback", place, words)
        elif kept.size <= holds_to and roots.get(kept.size, kept.root) != kept.root:
            words = f"the log has another root at {kept.size} entries"
            yield Finding("fork", place, words)
