"""Checks every event: sealed ones in the order of the log, then those that are not."""

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from django.conf import settings
from django.db.models import QuerySet

from apps.audit.models import AsideEvent, AuditEvent, Leaf, Log, PendingEvent, TileRow
from apps.audit.verifier.entries import Chains, read_entry
from apps.audit.verifier.epochs import Epochs
from apps.audit.verifier.notes import Bad, Finding
from apps.audit.verifier.rotations import KeyRing
from apps.audit.verifier.shape import Shape
from apps.audit.verifier.tree import leaf_of

_COLUMNS = (
    "pk uid entry tag tag_key action outcome actor_id subject_type subject_id chain_root chain_rev"
    " parent_uid"
).split()
_CHUNK = 2000
_CONTEXT = b"registry-audit-mac/1\n"


class Stored(NamedTuple):
    """An event as its row holds it."""

    pk: int
    uid: Any
    entry: bytes
    tag: bytes
    tag_key: int
    action: str
    outcome: str
    actor_id: str
    subject_type: str
    subject_id: str
    chain_root: str | None
    chain_rev: int | None
    parent_uid: Any

    @classmethod
    def of(cls, cells: Sequence[Any]) -> "Stored":
        stored = cls(*cells)
        return stored._replace(entry=bytes(stored.entry), tag=bytes(stored.tag))


class Reader(Protocol):
    """What takes note of each entry on the way, and says at the end what does not agree."""

    def read(self, pk: int, entry: dict[str, Any]) -> None: ...
    def conclude(self) -> Iterator[Finding]: ...


class Events:
    """One pass over all events."""

    def __init__(
        self,
        log: Log,
        epochs: Epochs,
        ring: KeyRing,
        wanted: set[int],
        readers: Sequence[Reader],
        *,
        hashes_only: bool,
    ) -> None:
        self._log = log
        self._epochs = epochs
        self._ring = ring
        self._readers = readers
        self._hashes_only = hashes_only
        self._chains = Chains()
        self._shape = Shape(_full_tile, wanted, has_partial=False)

    @property
    def roots(self) -> dict[int, bytes]:
        """The roots the log had, as the stored bytes of its events lead to them."""
        return self._shape.roots

    def sealed(self) -> Iterator[Finding]:
        """Check the events in the log, its leaves and tiles, and what the log says of itself."""
        columns = [f"event__{name}" for name in _COLUMNS]
        rows = Leaf.objects.order_by("seq").values_list("seq", "hash", *columns)
        for seq, kept, *cells in rows.iterator(chunk_size=_CHUNK):
            yield from self._up_to(seq)
            stored = Stored.of(cells)
            leaf = leaf_of(stored.entry)
            if leaf != bytes(kept):
                yield Finding("event.altered", f"entry {seq}", "its leaf is of other bytes")
            self._ring.glance(seq, stored.entry)
            if not self._hashes_only:
                yield from self._one(f"entry {seq}", seq, stored, leaf)
            yield from self._shape.push(leaf)
        yield from self._up_to(Leaf.objects.count())
        yield from self._shape.finish()
        yield from self._extra_tiles()
        yield from self._log_itself()

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
            if not self._hashes_only:
                yield from self._one(place, None, stored, leaf_of(stored.entry))
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

    def _one(self, place: str, seq: int | None, stored: Stored, leaf: bytes) -> Iterator[Finding]:
        if not _is_tagged(stored):
            name = "event.tag" if seq is not None else "event.forged"
            yield Finding(name, place, "the application did not write it")
        try:
            entry = read_entry(stored.entry)
        except Bad as problem:
            yield Finding("event.noncanonical", place, str(problem))
            return
        if not _is_repeated(stored, entry):
            yield Finding("event.columns", place, "its columns say something else than it does")
        if seq is not None:
            self._epochs.take(seq, entry)
        for reader in self._readers:
            reader.read(stored.pk, entry)
        for finding in self._chains.take(0, entry, leaf):
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


def _is_tagged(stored: Stored) -> bool:
    key = settings.AUDIT_TAG_KEYS.get(stored.tag_key)
    if key is None:
        return False
    own = hmac.new(key, _CONTEXT + stored.entry, hashlib.sha256).digest()
    return hmac.compare_digest(stored.tag, own)


def _is_repeated(stored: Stored, entry: dict[str, Any]) -> bool:
    link = entry["chain"] or {"root": None, "rev": None}
    told = (
        entry["id"],
        entry["action"],
        entry["outcome"],
        entry["actor"].get("id"),
        entry["subject"].get("type"),
        entry["subject"].get("id"),
        link["root"],
        link["rev"],
        entry["parent"],
    )
    return told == (
        str(stored.uid),
        stored.action,
        stored.outcome,
        stored.actor_id,
        stored.subject_type,
        stored.subject_id,
        stored.chain_root,
        stored.chain_rev,
        str(stored.parent_uid) if stored.parent_uid else None,
    )
