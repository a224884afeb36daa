"""Follows the keys of a log: a new one is believed when a known one sealed the entry naming it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.audit.verifier.entries import read_entry
from apps.audit.verifier.notes import Bad, Checkpoint, Key, open_checkpoint, read_key

ROTATED = "log.key"
MARK = b'"action":"log.key"'
"""Stands in every entry that names a key."""
_LOG_KEY = 1


class KeyRing:
    """The keys that were given, and those that the log is seen to have named under them.

    An entry that names a key says which ones it replaces, so that whoever was given the new one
    alone still reads what the old ones signed.
    """

    def __init__(self, keys: list[Key], kind: type[Key] = Key) -> None:
        self.keys = [kind(*key) for key in keys]
        self._kind = kind
        self._named: list[tuple[int, str, list[Key]]] = []

    def take(self, seq: int, entry: dict[str, Any]) -> None:
        """Take note of an entry that names a key."""
        link = entry["chain"]
        if entry["action"] != ROTATED or entry["outcome"] != "done" or not link:
            return
        replaced = entry["detail"].get("replaces")
        texts = [entry["detail"].get("key"), *(replaced if isinstance(replaced, list) else [])]
        keys = []
        for text in texts:
            try:
                keys.append(self._kind(*read_key(str(text))))
            except Bad:
                return
        origins = {key.name for key in keys if key.kind == _LOG_KEY}
        if origins == {link["root"][len("log:") :]} and link["root"].startswith("log:"):
            self._named.append((seq, keys[0].name, keys))

    def glance(self, seq: int, raw: bytes) -> None:
        """Take note of an entry by its bytes, where nothing else of it is read."""
        if MARK in raw:
            try:
                self.take(seq, read_entry(raw))
            except Bad:
                return

    def open(self, notes: list[str], roots: Mapping[int, bytes]) -> list[Checkpoint | Bad]:
        """Return the checkpoint in each note, or why it is not believed.

        ``roots`` are those the entries lead to: a key is believed when the checkpoint that seals
        the entry naming it agrees with them.
        """
        found: list[Checkpoint | Bad] = [Bad("no key is known")] * len(notes)
        waiting = list(range(len(notes)))
        while waiting:
            known, left = len(self.keys), []
            for place in waiting:
                try:
                    found[place] = checkpoint = open_checkpoint(notes[place], self.keys)
                except Bad as problem:
                    found[place] = problem
                    left.append(place)
                    continue
                self._learn(checkpoint, roots)
            waiting = left if len(self.keys) > known else []
        return found

    def _learn(self, checkpoint: Checkpoint, roots: Mapping[int, bytes]) -> None:
        if not self._named or roots.get(checkpoint.size) != checkpoint.root:
            return
        for seq, origin, keys in self._named:
            if seq < checkpoint.size and origin == checkpoint.origin:
                self.keys += [key for key in keys if key not in self.keys]
