"""What a sealer looks after besides sealing: a heartbeat, and events that nobody queued."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from apps.audit.models import AsideEvent, AuditEvent, Leaf, Log, PendingEvent
from apps.audit.sealing import states
from apps.audit.sealing.states import LogAction
from apps.core.clock import database_now
from apps.core.digests import utc_text

logger = logging.getLogger(__name__)

BEAT = timedelta(hours=1)
"""After how long without any event the log says that it is still there."""
LOOK = timedelta(minutes=1)
SWEEP = timedelta(hours=1)
SETTLED = timedelta(minutes=1)
"""How old an event is before it must be queued, sealed or set aside."""
MOST = 1000
OUTCOME = timedelta(hours=6)
"""How long after it was announced a change has an outcome on record: a backup may take hours."""
LOST = "It was announced, and whoever announced it ended before saying what came of it."


class Watch:
    """Remembers when it looked last, so that a sealer may ask it as often as it likes."""

    def __init__(self) -> None:
        self._looked: datetime | None = None
        self._swept: datetime | None = None
        self.busy_until = 0.0
        """Until when, on this process's own clock, more is looked for in a hurry."""

    def look(self, *, now: datetime) -> None:
        """Do what is due."""
        if self._looked is None or now - self._looked >= LOOK:
            self._looked = now
            beat(now=now)
            close_intents(now=now)
        if self._swept is None or now - self._swept >= SWEEP:
            self._swept = now
            sweep(now=now)


def beat(*, now: datetime) -> bool:
    """Write a heartbeat when nothing else happened for an hour: silence would be suspicious."""
    if Log.objects.filter(beat_at__gt=now - BEAT).exists():
        return False
    with transaction.atomic(durable=True):
        log = states.locked()
        if log is None or log.is_halted or log.size == 0 or log.beat_at > now - BEAT:
            return False
        log.beat_at = database_now()
        log.save(update_fields=["beat_at"])
        clocks = {"sealer": utc_text(timezone.now()), "database": utc_text(log.beat_at)}
        states.write(log, LogAction.BEAT, clocks)
    return True


def sweep(*, now: datetime) -> int:
    """Queue again the events that are neither sealed nor queued nor set aside; return how many."""
    lost = list(unqueued(before=now - SETTLED)[:MOST])
    if not lost:
        return 0
    logger.critical("%s events were in no queue, first %s; they are queued again.", *_told(lost))
    with transaction.atomic(durable=True):
        log = states.locked(is_waited_for=True)
        assert log is not None
        queued = [PendingEvent(event_id=pk) for pk in lost]
        PendingEvent.objects.bulk_create(queued, ignore_conflicts=True)
        if log.size:  # a log begins with its opening
            facts = {"events": len(lost), "first": lost[0]}
            states.write(log, LogAction.UNQUEUED, facts)
    return len(lost)


def close_intents(*, now: datetime) -> int:
    """Write of every change that was announced and has no outcome that it was lost."""
    if not _open_intents(now).exists():
        return 0
    with transaction.atomic(durable=True):
        states.locked(is_waited_for=True)  # another sealer may be at it
        lost = list(_open_intents(now)[:MOST])
        for intent in lost:
            logger.error("Nothing is known of what came of %s %s.", intent.action, intent.uid)
            states.close(intent, LOST)
    return len(lost)


def _open_intents(now: datetime) -> QuerySet[AuditEvent, AuditEvent]:
    announced = AuditEvent.objects.filter(
        outcome=AuditEvent.Outcome.INTENT, written_at__lt=now - OUTCOME
    )
    outcomes = AuditEvent.objects.filter(
        action=OuterRef("action"), pk__gt=OuterRef("pk"), parent_uid=OuterRef("uid")
    )
    return announced.filter(~Exists(outcomes)).order_by("pk")


def unqueued(*, before: datetime) -> QuerySet[AuditEvent, int]:
    """Return the numbers of events that the sealer would never come to."""
    own = {"event_id": OuterRef("pk")}
    return (
        AuditEvent.objects.filter(written_at__lt=before)
        .filter(
            ~Exists(Leaf.objects.filter(**own)),
            ~Exists(PendingEvent.objects.filter(**own)),
            ~Exists(AsideEvent.objects.filter(**own)),
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def _told(lost: list[int]) -> tuple[int, int]:
    return len(lost), lost[0]
