"""Holds the log to every checkpoint: those it signed, and those that were kept elsewhere."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from apps.audit.models import Log, SignedCheckpoint
from apps.audit.verifier.epochs import Epochs
from apps.audit.verifier.exports import stated
from apps.audit.verifier.notes import Bad, Checkpoint, Finding, Key
from apps.audit.verifier.rotations import KeyRing
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

    def __init__(self, log: Log, keys: list[Key], outside: Mapping[str, str]) -> None:
        self.outside: dict[str, Checkpoint] = {}
        self.ring = KeyRing([key for key in keys if key.kind == _LOG], NativeKey)
        self._log = log
        self._rows = list(SignedCheckpoint.objects.order_by("size"))
        self._given = outside
        self._own: dict[int, Checkpoint] = {}

    @property
    def _notes(self) -> list[str]:
        return [*(row.note for row in self._rows), *self._given.values()]

    def sizes(self) -> set[int]:
        """Return the sizes at which the root of the log is wanted."""
        return {found.size for note in self._notes if (found := stated(note))}

    def hold(self, roots: Mapping[int, bytes], epochs: Epochs) -> Iterator[Finding]:
        """Tell which checkpoints cannot be believed, and hold the log to the others."""
        yield from self._open(roots)
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

    def _open(self, roots: Mapping[int, bytes]) -> Iterator[Finding]:
        opened = self.ring.open(self._notes, roots)
        for row, found in zip(self._rows, opened, strict=False):
            place = f"checkpoint {row.size}"
            if isinstance(found, Bad):
                yield Finding("checkpoint.signature", place, str(found))
                continue
            self._own[row.size] = found
            if (found.size, found.root) != (row.size, bytes(row.root)):
                yield Finding("checkpoint.columns", place, "its columns say another size or root")
        for place, found in zip(self._given, opened[len(self._rows) :], strict=True):
            if isinstance(found, Bad):
                yield Finding("checkpoint.signature", place, str(found))
            else:
                self.outside[place] = found

    def _lag(self) -> Iterator[Finding]:
        newest = max(self._own, default=0)
        is_late = self._log.beat_at < database_now() - LAG
        if newest < self._log.size and is_late and not self._log.is_halted:
            words = f"the newest is of {newest} entries, and {self._log.size} are sealed"
            yield Finding("checkpoint.lag", "checkpoint", words)
