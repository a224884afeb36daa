"""The spare sealer: a worker that seals what waits too long, as when no sealer runs."""

import logging
from datetime import timedelta

from apps.audit import privileges
from apps.audit.models import AuditEvent, Log, PendingEvent
from apps.audit.sealing import anchors, batches, signing, states
from apps.audit.sealing.sealer import Sealer
from apps.audit.sealing.signing import NoKey
from apps.audit.sealing.states import LogBroken
from apps.core.clock import database_now

logger = logging.getLogger(__name__)

LATE = timedelta(seconds=5)


def step() -> bool:
    """Seal when events wait too long, and sign where the key can be read; say whether it did."""
    if not is_late():
        return False
    if not may_seal():
        logger.warning("Events wait to be sealed, and this worker may not. Start: manage.py seal")
        return False
    try:
        return Sealer(signing.kept_keys, anchors.configured()).step()
    except NoKey as problem:
        logger.info("This worker seals without signing: %s", problem)
    try:
        return bool(batches.seal())
    except LogBroken as trouble:
        states.halt(str(trouble))
        return False


def may_seal() -> bool:
    """Say whether this process may: where roles are split, that of the sealer alone does."""
    return privileges.holds("UPDATE", Log._meta.db_table)


def is_late() -> bool:
    """Say whether an event has waited longer than a running sealer would let it."""
    oldest = PendingEvent.objects.order_by("event_id").values("event_id")[:1]
    waiting = AuditEvent.objects.filter(pk__in=oldest, written_at__lt=database_now() - LATE)
    return waiting.exists()
