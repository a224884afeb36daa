"""Tells in the record when a place that keeps checkpoints is away, and when it is back."""

import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from apps.audit.models import Anchoring, AuditEvent, SignedCheckpoint
from apps.audit.sealing import states
from apps.audit.sealing.states import LogAction, LogSubject

logger = logging.getLogger(__name__)

TOLD_AFTER = timedelta(minutes=1)
"""How long a place is behind before that is an event; less stays in the program's log."""
WORD = "anchor"
_MOST_WORDS = 200


@dataclass(frozen=True)
class Outage:
    """Since when a place is away, and why."""

    since: datetime
    why: str


def newest_kept(name: str) -> Anchoring | None:
    """Return the newest checkpoint a place took."""
    return Anchoring.objects.filter(name=name).order_by("-size").first()


def outage_of(name: str) -> Outage | None:
    """Return the outage of a place that the record told last, unless it is over."""
    last = _last_told(name)
    if last is None or last.action != LogAction.AWAY.value:
        return None
    return Outage(last.written_at, str(json.loads(bytes(last.entry))["detail"]["why"]))


def tell_away(name: str, why: str, *, now: datetime) -> bool:
    """Write that a place is away, once an outage, when it has been behind for a while."""
    waits_since = _waits_since(name)
    if waits_since is None or now - waits_since < TOLD_AFTER or outage_of(name):
        return False
    logger.error("%s has taken no checkpoint since %s: %s", name, waits_since, why)
    return _write(name, LogAction.AWAY, {"why": why[:_MOST_WORDS]})


def tell_back(name: str) -> bool:
    """Write that a place is back, if it was told to be away."""
    outage = outage_of(name)
    if outage is None:
        return False
    return _write(name, LogAction.BACK, {})


def _waits_since(name: str) -> datetime | None:
    """Return when the first checkpoint was signed that a place did not take."""
    kept = newest_kept(name)
    missed = SignedCheckpoint.objects.filter(size__gt=kept.size if kept else 0)
    return missed.order_by("size").values_list("signed_at", flat=True).first()


def _last_told(name: str) -> AuditEvent | None:
    told = AuditEvent.objects.filter(subject_type=WORD, subject_id=name)
    return told.filter(outcome=AuditEvent.Outcome.DONE).order_by("-id").first()


def _write(name: str, action: LogAction, detail: dict[str, object]) -> bool:
    with transaction.atomic(durable=True):
        log = states.locked()
        if log is None or log.is_halted or log.size == 0:
            return False
        is_told = bool(outage_of(name)) is (action is LogAction.AWAY)
        if not is_told:  # another sealer may have been first
            states.write(log, action, detail, about=LogSubject(name, record_word=WORD))
    return not is_told
