"""Checks every event: sealed ones in the order of the log, then those that are not."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.db.models import QuerySet

from apps.audit.checking.looks import Look, Stored, glance_at, look_at, looks
from apps.audit.models import AsideEvent, AuditEvent, Leaf, Log, PendingEvent, TileRow
from apps.audit.verifier.bundles import FEW, MOST_PROCESSES, cores
from apps.audit.verifier.entries import Chains
from apps.audit.verifier.epochs import Epochs
from apps.audit.verifier.notes import Finding
from apps.audit.verifier.rotations import KeyRing
from apps.audit.verifier.shape import Shape

_COLUMNS = (
    "pk uid entry tag tag_key action outcome actor_id subject_type subject_id chain_root chain_rev"
    " parent_uid"
).split()
_CHUNK = 2000


class Reader(Protocol):
    """What takes note of each entry on the way, and says at the end what does not agree."""

    def read(self, pk: int, entry: dict[str, Any]) -> None: ...
    def conclude(self) -> Iterator[Finding]: ...


@dataclass(frozen=True)
class How:
    """How closely events are looked at, and by how many processes."""

    readers: Sequence[Reader]
    hashes_only: bool
    processes: int | None
    """None for as many as there are cores, where there is much to read."""

    def processes_for(self, size: int) -> int:
        """Return how many processes look at a log of that size."""
        return self.processes or (1 if size < FEW else min(cores(), MOST_PROCESSES))


class Events:
    """One pass over all events."""

    def __init__(
        self,
        log: Log,
        epochs: Epochs,
        ring: KeyRing,
        wanted: set[int],
        how: How,
    ) -> None:
        self._log = log
        self._epochs = epochs
        self._ring = ring
        self._how = how
        self._chains = Chains()
        self._shape = Shape(_full_tile, wanted, has_partial=False)

    @property
    def roots(self) -> dict[int, bytes]:
        """The roots the log had, as the stored bytes of its events lead to them."""
        return self._shape.roots

    def sealed(self) -> Iterator[Finding]:
        """Check the events in the log, its leaves and tiles, and what the log says of itself."""
        with closing(self._looked()) as looked:
            for stored, look in looked:
                seq = stored.seq or 0
                yield from self._up_to(seq)
                if look.leaf != stored.kept:
                    yield Finding("event.altered", f"entry {seq}", "its leaf is of other bytes")
                self._ring.glance(seq, stored.entry)
                if not self._how.hashes_only:
                    yield from self._one(f"entry {seq}", stored, look)
                yield from self._shape.push(look.leaf)
        yield from self._up_to(Leaf.objects.count())
        yield from self._shape.finish()
        yield from self._extra_tiles()
        yield from self._log_itself()

    def _looked(self) -> Generator[tuple[Stored, Look], None, None]:
        """Yield the sealed events in their order, each looked at by itself."""
        columns = [f"event__{name}" for name in _COLUMNS]
        rows = Leaf.objects.order_by("seq").values_list("seq", "hash", *columns)
        found = (
            Stored.of(cells, seq, bytes(kept))
            for seq, kept, *cells in rows.iterator(chunk_size=_CHUNK)
        )
        if self._how.hashes_only:
            yield from ((stored, glance_at(stored)) for stored in found)
            return
        yield from looks(found, settings.AUDIT_TAG_KEYS, self._how.processes_for(self._log.size))

    def waiting(self) -> Iterator[Finding]:
        """Check the events that are not sealed, and that each of them will be."""
        queued = set(PendingEvent.objects.values_list("event_id", flat=True))
        aside = set(AsideEvent.objects.values_list("event_id", flat=True))
        rows: QuerySet[AuditEvent, Any] = AuditEvent.objects.filter(leaf=None)
        for cells in rows.order_by("pk").values_list(*_COLUMNS).iterator(chunk_size=_CHUNK):
            stored = Stored.of(cells)
            place = f"event {stored.pk}"
            if stored.pk in aside:
                yield Finding("event.forged", place, "the application did not write it")
                continue
            if stored.pk not in queued:
                yield Finding("event.unqueued", place, "it is neither sealed nor queued")
            if not self._how.hashes_only:
                yield from self._one(place, stored, look_at(stored, settings.AUDIT_TAG_KEYS))
        for pk in sorted(queued - set(_existing(queued))):
            yield Finding("event.missing", f"event {pk}", "it was queued and is gone")

    def _up_to(self, seq: int) -> Iterator[Finding]:
        """Tell of entries that are missing before one, and keep the tree in step."""
        if self._shape.size >= seq:
            return
        kept = Leaf.objects.filter(seq__gte=self._shape.size, seq__lt=seq)
        hashes = dict(kept.values_list("seq", "hash"))
        while self._shape.size < seq:
            place = f"entry {self._shape.size}"
            found = hashes.get(self._shape.size)
            if found is None:
                yield Finding("leaf.gap", place, "it is missing")
            else:
                yield Finding("event.missing", place, "its leaf is there and its event is not")
            yield from self._shape.push(bytes(found or b"?" * 32))

    def _one(self, place: str, stored: Stored, look: Look) -> Iterator[Finding]:
        if not look.is_tagged:
            name = "event.tag" if stored.seq is not None else "event.forged"
            yield Finding(name, place, "the application did not write it")
        if look.entry is None:
            yield Finding("event.noncanonical", place, look.problem)
            return
        if not look.is_repeated:
            yield Finding("event.columns", place, "its columns say something else than it does")
        if stored.seq is not None:
            self._epochs.take(stored.seq, look.entry)
        for reader in self._how.readers:
            reader.read(stored.pk, look.entry)
        for finding in self._chains.take(0, look.entry, look.leaf):
            yield finding._replace(place=place)

    def _extra_tiles(self) -> Iterator[Finding]:
        for level, n in TileRow.objects.order_by("level", "n").values_list("level", "n"):
            if (n + 1) << 8 * (level + 1) > self._shape.size:
                yield Finding("tile.extra", f"tile/{level}/{n}", "the log is not that large")

    def _log_itself(self) -> Iterator[Finding]:
        tree, size = self._shape.tree, self._shape.size
        if self._log.size != size:
            words = f"the log says it has {self._log.size} entries and has {size}"
            yield Finding("log.size", "log", words)
            return
        if bytes(self._log.root) != self.roots[size]:
            yield Finding("log.root", "log", "its entries lead to another root")
        if bytes(self._log.frontier) != b"".join(found for _, found in tree.parts):
            yield Finding("log.frontier", "log", "its entries lead to another frontier")


def _full_tile(level: int, n: int, _width: int) -> bytes | None:
    found = TileRow.objects.filter(level=level, n=n).values_list("data", flat=True)
    return next((bytes(data) for data in found), None)


def _existing(keys: set[int]) -> Iterator[int]:
    ordered = sorted(keys)
    for at in range(0, len(ordered), _CHUNK):
        part = ordered[at : at + _CHUNK]
        yield from AuditEvent.objects.filter(pk__in=part).values_list("pk", flat=True)
