"""Long work: take a stream, give its place what comes next, move its position under the fence.

The position moves after the place took the lines, so a worker that dies between the two gives some
of them again, and none is ever missing. A stream whose place is away waits; the others go on.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from apps.audit.models import Leaf
from apps.audit.sealed import NONE_YET, newest_seq, sealed_after
from apps.core.clock import database_now
from apps.integrations.models import StreamPosition
from apps.integrations.streams.lines import StreamLine
from apps.integrations.streams.places import NotTaken, give
from apps.integrations.streams.targets import Stream, configured

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)
"""Far longer than one batch takes; after it, a stream whose worker was lost is taken anew."""
AT_ONCE = timedelta(seconds=60)
"""How long one task works for one stream before others get their turn."""
MOST_LINES = 500
MOST_BYTES = 512 * 1024
"""How much is given at once: a server reads it within seconds."""
BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (5, 10, 30, 60, 120, 300))
_MOST_TROUBLE = 200

Clock = Callable[[], datetime]


def with_work(now: datetime) -> list[str]:
    """Return the names of the streams that have entries to give, and may be worked at."""
    names = [stream.name for stream in configured()]
    if not names:
        return []
    known = set(StreamPosition.objects.filter(name__in=names).values_list("name", flat=True))
    new = [StreamPosition(name=name, next_at=now) for name in names if name not in known]
    StreamPosition.objects.bulk_create(new, ignore_conflicts=True)
    behind = StreamPosition.objects.filter(name__in=names).exclude(seq=newest_seq()).due(now)
    return list(behind.order_by("next_at", "name").values_list("name", flat=True))


def give_waiting(stream: Stream, *, clock: Clock = database_now) -> int:
    """Give a stream's place all that waits, batch by batch; return how many lines it took."""
    taken, ends = 0, clock() + AT_ONCE
    while clock() < ends:
        position = claim(stream.name, now=clock())
        if position is None:
            break
        lines = _next(position)
        if not lines:
            _conclude(position, now=clock())
            break
        if not _give(stream, position, lines, clock):
            break
        taken += len(lines)
    return taken


def claim(name: str, *, now: datetime) -> StreamPosition | None:
    """Take a stream, unless somebody else is at it or it is to wait."""
    position: StreamPosition | None = StreamPosition.objects.due(now).filter(pk=name).first()
    if position is None:
        return None
    free = StreamPosition.objects.due(now).filter(pk=name, claims=position.claims)
    if not free.update(claims=position.claims + 1, lease_until=now + LEASE):
        return None
    position.claims += 1
    return position


def _next(position: StreamPosition) -> Sequence[Leaf]:
    """Return the entries that come next, as many as are given at once."""
    if not _is_still_there(position):
        logger.critical(
            "Stream %s gave entry %s, which the log does not hold any more: it was put back to an "
            "earlier day. All entries are given again.",
            position.name,
            position.seq,
        )
        position.seq = NONE_YET
    batch: list[Leaf] = []
    size = 0
    for leaf in sealed_after(position.seq, MOST_LINES):
        size += len(leaf.event.entry)
        if batch and size > MOST_BYTES:
            break
        batch.append(leaf)
    return batch


def _is_still_there(position: StreamPosition) -> bool:
    """Say whether the entry that was given last still stands where it stood."""
    if position.seq == NONE_YET:
        return True
    hashes = Leaf.objects.filter(pk=position.seq).values_list("hash", flat=True)
    return [bytes(found) for found in hashes] == [bytes(position.leaf_hash)]


def _give(stream: Stream, position: StreamPosition, leaves: Sequence[Leaf], clock: Clock) -> bool:
    try:
        give(stream, [StreamLine.of(leaf) for leaf in leaves])
    except NotTaken as problem:
        logger.warning("Stream %s waits: %s", stream.name, problem)
        _conclude_failed(position, str(problem), now=clock())
        return False
    last = leaves[-1]
    now = clock()
    return _conclude(position, now=now, seq=last.seq, leaf_hash=bytes(last.hash), given_at=now)


def _conclude(position: StreamPosition, *, now: datetime, **moved: Any) -> bool:
    return _move(position, next_at=now, failures=0, failing_since=None, trouble="", **moved)


def _conclude_failed(position: StreamPosition, problem: str, *, now: datetime) -> bool:
    failures = min(position.failures + 1, 10_000)
    return _move(
        position,
        failures=failures,
        failing_since=position.failing_since or now,
        trouble=problem[:_MOST_TROUBLE] or "It did not say why.",
        next_at=now + BACK_OFF[min(failures, len(BACK_OFF)) - 1],
    )


def _move(position: StreamPosition, **values: Any) -> bool:
    """Write how a batch ended, provided nobody took the stream meanwhile; say whether it did."""
    held = StreamPosition.objects.filter(pk=position.pk, claims=position.claims)
    if not held.update(lease_until=None, **values):
        logger.warning("Stream %s was taken by another worker; lines repeat.", position.name)
        return False
    return True
