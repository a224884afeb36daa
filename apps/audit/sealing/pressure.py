"""Says when nothing can be sealed: what decides something is refused then, since nobody could tell
later whether it was changed."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from apps.audit.models import Anchoring, AuditEvent, Leaf, Log, PendingEvent, SignedCheckpoint
from apps.audit.sealing import awaiting
from apps.core.errors import DomainError

HALTED = (
    "The log of the record is halted, since something in it does not hold together. Nothing is "
    "decided until two people open it again: manage.py audit reopen."
)
TOO_LATE = (
    "What was recorded has waited {age} to be sealed and signed, and nothing more is decided until "
    "it is. Is a sealer running? It is started with: manage.py seal."
)
TOO_MANY = (
    "More than {most:,} events wait to be sealed, and nothing more is decided until fewer do. Is a "
    "sealer running? It is started with: manage.py seal."
)
NOT_KEPT = (
    "{name} has to keep the checkpoints of the record, and has taken none for {age}. Nothing more "
    "is decided until it does. Can the sealer reach it?"
)


class SealingStalled(DomainError):
    """Nothing that decides something goes on until what was recorded before is sealed."""

    code = "sealing_stalled"


class _Looked:
    """What this process saw last, and until when that holds on its own clock."""

    why = ""
    until = 0.0


def require(*, now: datetime) -> None:
    """Refuse while the record cannot be sealed; asked at most once a second.

    Raises:
        SealingStalled: with the reason in words.
    """
    if time.monotonic() >= _Looked.until:
        _Looked.why = why_stalled(now)
        _Looked.until = time.monotonic() + settings.SEAL_LOOK_HOLDS
    if _Looked.why:
        awaiting.note_stalled()
        raise SealingStalled(_Looked.why)


def why_stalled(now: datetime) -> str:
    """Return why nothing can be sealed, in words, or nothing when it can."""
    return next(_reasons(_standing(), now), "")


@dataclass(frozen=True)
class _Standing:
    """How far sealing has come."""

    is_halted: bool
    oldest: datetime | None
    """When the oldest event was written that is not sealed, or not signed."""
    are_many: bool
    not_kept: dict[str, datetime | None]
    """When the first checkpoint was signed that each required place did not take."""


def _reasons(standing: _Standing, now: datetime) -> Iterator[str]:
    if standing.is_halted:
        yield HALTED
    if age := _past(standing.oldest, settings.SEAL_REFUSES_AFTER, now):
        yield TOO_LATE.format(age=age)
    if standing.are_many:
        yield TOO_MANY.format(most=settings.SEAL_REFUSES_OVER)
    for name, missed in standing.not_kept.items():
        if age := _past(missed, settings.ANCHOR_REFUSES_AFTER, now):
            yield NOT_KEPT.format(name=name, age=age)


def _past(since: datetime | None, limit: timedelta, now: datetime) -> str:
    """Return how long ago something was, in words, if that is past a limit that is not zero."""
    if since is None or not limit or now - since <= limit:
        return ""
    seconds = int((now - since).total_seconds())
    return f"{seconds} seconds" if seconds < 120 else f"{seconds // 60:,} minutes"


def _standing() -> _Standing:
    """Read all of it in one query; before the first sealing there is only what waits."""
    places = {f"missed_{n}": name for n, name in enumerate(sorted(settings.ANCHORS_REQUIRED))}
    asked: dict[str, Any] = {"oldest": _first_pending(), "unsigned": _first_unsigned()}
    asked |= {key: _first_missed(name) for key, name in places.items()}
    if settings.SEAL_REFUSES_OVER:
        asked["are_many"] = Exists(_pending()[settings.SEAL_REFUSES_OVER :][:1])
    log: Any = Log.objects.filter(pk=Log.ONLY).values("state", **asked)
    for found in log:
        waiting = [moment for moment in (found["oldest"], found["unsigned"]) if moment]
        return _Standing(
            is_halted=found["state"] == Log.State.HALTED,
            oldest=min(waiting, default=None),
            are_many=found.get("are_many", False),
            not_kept={name: found[key] for key, name in places.items()},
        )
    oldest = AuditEvent.objects.filter(pk__in=_pending().values("event_id")[:1])
    return _Standing(False, oldest.values_list("written_at", flat=True).first(), False, {})


def _pending() -> QuerySet[PendingEvent]:
    return PendingEvent.objects.order_by("event_id")


def _first_pending() -> Subquery:
    first = AuditEvent.objects.filter(pk__in=_pending().values("event_id")[:1])
    return Subquery(first.values("written_at")[:1])


def _first_unsigned() -> Subquery:
    """Read when the entry was written that follows the newest checkpoint."""
    size = SignedCheckpoint.objects.order_by("-size").values("size")[:1]
    following = Leaf.objects.filter(seq=Coalesce(Subquery(size), Value(0)))
    return Subquery(following.values("event__written_at")[:1])


def _first_missed(name: str) -> Subquery:
    kept = Anchoring.objects.filter(name=name).order_by("-size").values("size")[:1]
    missed = SignedCheckpoint.objects.filter(size__gt=Coalesce(Subquery(kept), Value(0)))
    return Subquery(missed.order_by("size").values("signed_at")[:1])
