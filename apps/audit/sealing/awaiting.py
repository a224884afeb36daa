"""Waits, once a request is carried out, until what it decided is sealed, signed and kept."""

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Max

from apps.audit.models import Anchoring, Leaf, SignedCheckpoint

LOOK = 0.025
"""Seconds between two looks; a sealer takes its steps at twice that while things happen."""


@dataclass
class Noted:
    """What one request did that has to do with sealing."""

    events: list[int] = field(default_factory=list)
    """Committed events that are answered once they are sealed."""
    is_stalled: bool = False
    """Whether something was refused since nothing can be sealed."""


_NOTED: ContextVar[Noted | None] = ContextVar("noted", default=None)


@contextmanager
def noting() -> Iterator[Noted]:
    """Take note of what a block decides."""
    token = _NOTED.set(noted := Noted())
    try:
        yield noted
    finally:
        _NOTED.reset(token)


def note(event_id: int) -> None:
    """Take note of an event that is committed now and answered once it is sealed."""
    if noted := _NOTED.get():
        noted.events.append(event_id)


def note_stalled() -> None:
    """Take note that something was refused since nothing can be sealed."""
    if noted := _NOTED.get():
        noted.is_stalled = True


def wait(events: Collection[int]) -> bool:
    """Wait until some events are sealed, for as long as the settings say; say whether they are.

    Never inside a transaction, which would see nothing new and keep others from writing. What was
    committed is answered, also when the database is gone by now.
    """
    ends = time.monotonic() + settings.SEAL_WAIT_SECONDS
    with suppress(DatabaseError):
        while not is_sealed(events):
            left = ends - time.monotonic()
            if left <= 0 or connection.in_atomic_block:
                return False
            time.sleep(min(LOOK, left))
        return True
    return False


def is_sealed(events: Collection[int]) -> bool:
    """Say whether a signed checkpoint covers some events, and every required place holds it."""
    leaves = Leaf.objects.filter(event_id__in=events).aggregate(count=Count("pk"), last=Max("seq"))
    if leaves["count"] < len(events):
        return False
    covering = {"size__gt": leaves["last"]}
    if not SignedCheckpoint.objects.filter(**covering).exists():
        return False
    kept = Anchoring.objects.filter(name__in=settings.ANCHORS_REQUIRED, **covering)
    wanted = len(settings.ANCHORS_REQUIRED)
    return not wanted or kept.values("name").distinct().count() == wanted
