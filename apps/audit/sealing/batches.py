"""Seals a batch: pending events become leaves and tiles, in one transaction."""

import hmac
import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from apps.audit.entries import leaf_hash, origin_tag
from apps.audit.log.tiles import completed
from apps.audit.log.tree import Frontier
from apps.audit.models import AsideEvent, AuditEvent, Leaf, Log, PendingEvent, TileRow
from apps.audit.sealing import reading, states
from apps.audit.sealing.states import LogAction, LogBroken
from apps.core.clock import database_now

logger = logging.getLogger(__name__)

MOST = 1000
"""How many events one batch seals: writers on SQLite wait for it."""
_AT_ONCE = 500


class WrongTagKey(Exception):
    """This process does not hold the key that the application tags its events with."""


@dataclass(frozen=True)
class Pending:
    """An event to be sealed: what is needed of it."""

    pk: int
    entry: bytes
    tag: bytes
    tag_key: int

    @property
    def is_ours(self) -> bool:
        """Whether the application wrote it."""
        key = settings.AUDIT_TAG_KEYS.get(self.tag_key)
        return key is not None and hmac.compare_digest(self.tag, origin_tag(self.entry, key=key))


def has_pending() -> bool:
    """Say whether any event waits to be sealed."""
    return PendingEvent.objects.exists()


def seal() -> int | None:
    """Seal the next events; return how many were, or None while another sealer is at it.

    Raises:
        LogBroken: when the log does not hold together; nothing was sealed then.
    """
    with transaction.atomic(durable=True):
        log = states.locked()
        if log is None:
            return None
        return 0 if log.is_halted else _seal(log)


def _seal(log: Log) -> int:
    if log.size == 0:  # a new log opens before all that waited for it
        opening = states.write(log, LogAction.OPEN, {"epoch": 1, "previous": None})
        return add(log, [opening.pk])
    queued = PendingEvent.objects.order_by("event_id").values_list("event_id", flat=True)
    return add(log, list(queued[:MOST]))


def add(log: Log, queued: Collection[int]) -> int:
    """Seal some queued events in the order of their numbers, with the log locked.

    Raises:
        LogBroken: when the log does not hold together, or one of them was not queued.
    """
    frontier, events = states.frontier_of(log), _read(queued)
    ours = [event for event in events if event.is_ours]
    before = frontier.size
    _set_aside(log, [event for event in events if not event.is_ours])
    _add(ours, frontier)
    _fill_tiles(before, frontier.size)
    _unqueue([event.pk for event in events])
    if ours:
        log.size, log.root, log.frontier = frontier.size, frontier.root(), frontier.data
        log.beat_at = database_now()
        log.save(update_fields=["size", "root", "frontier", "beat_at"])
    return len(ours)


def _read(keys: Collection[int]) -> list[Pending]:
    events = AuditEvent.objects.filter(pk__in=keys).order_by("pk")
    rows = events.values_list("pk", "entry", "tag", "tag_key")
    return [Pending(pk, bytes(entry), bytes(tag), key) for pk, entry, tag, key in rows]


def _add(events: Iterable[Pending], frontier: Frontier) -> None:
    leaves = []
    for event in events:
        found = leaf_hash(event.entry)
        leaves.append(Leaf(seq=frontier.size, event_id=event.pk, hash=found))
        frontier.add(found)
    Leaf.objects.bulk_create(leaves, batch_size=_AT_ONCE)


def _fill_tiles(before: int, after: int) -> None:
    for tile in completed(before, after):
        data = reading.computed(tile)
        TileRow.objects.create(level=tile.level, n=tile.n, data=data)


def _set_aside(log: Log, events: Sequence[Pending]) -> None:
    """Keep out events the application did not write, and say so in the log and to the operator."""
    if events:
        _require_own_key(log)
    for event in events:
        logger.critical("Event %s was not written by the application; it is set aside.", event.pk)
        AsideEvent.objects.create(
            event_id=event.pk, found_at=database_now(), why="Its tag is not the application's."
        )
        states.write(log, LogAction.FORGED, {"event": event.pk})


def _require_own_key(log: Log) -> None:
    """Refuse to call events forged when it is our own key that is wrong.

    Raises:
        WrongTagKey: when not even what was sealed last bears a tag of ours.
    """
    last = Leaf.objects.filter(seq=log.size - 1).values_list("event_id", flat=True)
    if not all(event.is_ours for event in _read(list(last))):
        raise WrongTagKey("The key this process tags with is not the one of the record.")


def _unqueue(keys: Collection[int]) -> None:
    gone, _ = PendingEvent.objects.filter(pk__in=keys).delete()
    if gone != len(keys):
        raise LogBroken(f"{len(keys)} events were sealed, and {gone} of them were queued.")
