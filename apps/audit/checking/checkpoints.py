"""Holds the log to every checkpoint: those it signed, and those that were kept elsewhere."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from apps.audit.models import Log, SignedCheckpoint
from apps.audit.verifier.epochs import Epochs
from apps.audit.verifier.notes import Bad, Checkpoint, Finding, Key, open_checkpoint
from apps.core.clock import database_now

_LOG = 1
LAG = timedelta(minutes=1)


class NativeKey(Key):
    """A key whose signatures are checked by OpenSSL: there may be many thousands."""

    def has_signed(self, text: str, data: bytes) -> bool:
        """Say whether this key of a log signed a text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(data, text.encode())
        except (InvalidSignature, ValueError):
            return False
        return True


class Checkpoints:
    """All checkpoints of the log."""

    def __init__(self, log: Log, keys: list[Key]) -> None:
        self.outside: dict[str, Checkpoint] = {}
        self._log = log
        self._keys: list[Key] = [NativeKey(*key) for key in keys if key.kind == _LOG]
        self._own: dict[int, Checkpoint] = {}

    def open(self, outside: Mapping[str, str]) -> Iterator[Finding]:
        """Read all checkpoints, and tell which cannot be believed."""
        for row in SignedCheckpoint.objects.order_by("size"):
            place = f"checkpoint {row.size}"
            try:
                found = open_checkpoint(row.note, self._keys)
            except Bad as problem:
                yield Finding("checkpoint.signature", place, str(problem))
                continue
            self._own[row.size] = found
            if (found.size, found.root) != (row.size, bytes(row.root)):
                yield Finding("checkpoint.columns", place, "its columns say another size or root")
        for place, note in outside.items():
            try:
                self.outside[place] = open_checkpoint(note, self._keys)
            except Bad as problem:
                yield Finding("checkpoint.signature", place, str(problem))

    def sizes(self) -> set[int]:
        """Return the sizes at which the root of the log is wanted."""
        return {each.size for each in [*self._own.values(), *self.outside.values()]}

    def hold(self, roots: Mapping[int, bytes], epochs: Epochs) -> Iterator[Finding]:
        """Hold the log to all of them."""
        for size, found in self._own.items():
            place = f"checkpoint {size}"
            if found.size > self._log.size:
                words = f"the log ends at {self._log.size}"
                yield Finding("checkpoint.ahead", place, words)
            elif roots.get(found.size) != found.root:
                yield Finding("checkpoint.root", place, "the entries lead to another root")
        yield from self._lag()
        for place, found in self.outside.items():
            yield from epochs.hold(place, found, dict(roots))

    def _lag(self) -> Iterator[Finding]:
        newest = max(self._own, default=0)
        is_late = self._log.beat_at < database_now() - LAG
        if newest < self._log.size and is_late and not self._log.is_halted:
            words = f"the newest is of {newest} entries, and {self._log.size} are sealed"
            yield Finding("checkpoint.lag", "checkpoint", words)
