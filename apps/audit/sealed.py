"""Reads the record in the order of sealing: dense, in commit order, with nothing unsealed in it."""

from collections.abc import Iterator

from apps.audit.models import AuditEvent, Leaf, PendingEvent

NONE_YET = -1
"""The position of a follower that has read no entry: the log's first one is number 0."""


def sealed_after(seq: int, limit: int) -> list[Leaf]:
    """Return the next entries of the log after a position, in order, with their events read.

    Entries have no gaps and only join at the end, so that whoever keeps the last number misses none
    and reads none twice.
    """
    after = Leaf.objects.filter(seq__gt=seq).select_related("event")
    return list(after.order_by("seq")[:limit])


def newest_seq() -> int:
    """Return the number of the newest entry, or ``NONE_YET``."""
    newest = Leaf.objects.order_by("-seq").values_list("seq", flat=True).first()
    return NONE_YET if newest is None else newest


def unsealed_roots(start: str) -> Iterator[str]:
    """Yield the roots of one kind that something happened to which is not sealed yet."""
    waiting = AuditEvent.objects.filter(
        pk__in=PendingEvent.objects.values("event_id"), chain_root__startswith=start
    )
    for root in waiting.order_by().values_list("chain_root", flat=True).distinct():
        yield str(root)
