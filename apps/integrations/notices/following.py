"""Follows the record: what happened becomes notices, once for each event.

As with webhooks, an event can appear behind others that are there already, so everything younger
than ``LOOK_BACK`` is read again; an event that people were told of carries a mark.
"""

import logging
from datetime import datetime
from functools import partial

from django.db import DatabaseError, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from apps.audit.models import AuditEvent
from apps.catalog.models import RegisteredModel
from apps.integrations.following import LOOK_BACK
from apps.integrations.models import RecordPosition
from apps.integrations.notices import making, sources
from apps.integrations.notices.due import Due
from apps.integrations.notices.rows import ToldEvent
from apps.integrations.notices.sources import Source

logger = logging.getLogger(__name__)

FOLLOWER = "notices"
LOOKER = "notices on models"
"""Reads without looking back: what it misses is looked at within the hour."""

MOST_AT_ONCE = 100
"""How many events one sweep deals with."""
MOST_MODELS = 500
"""How many models the sources are asked about together."""


def follow(now: datetime) -> int:
    """Make the notices of all events not dealt with yet; return how many were made."""
    made = sum(_tell(event, now) for event in _untold()[:MOST_AT_ONCE])
    _move_on(now)
    return made + _look_at_models(now)


def tell_what_is_due(now: datetime) -> int:
    """Make the notices of all that falls due; return how many were made."""
    return sum(making.make(_said(source, now), at=now) for source in sources.FALLS_DUE)


# -- events ----------------------------------------------------------------------------------------


def _untold() -> QuerySet[AuditEvent]:
    position = RecordPosition.objects.filter(pk=FOLLOWER).values_list("event_id", flat=True).first()
    happened = AuditEvent.objects.filter(
        pk__gt=position or 0, outcome=AuditEvent.Outcome.DONE, action__in=list(sources.HAPPENED)
    )
    return happened.filter(~Exists(ToldEvent.objects.filter(event=OuterRef("pk")))).order_by("pk")


def _tell(event: AuditEvent, now: datetime) -> int:
    """Make the notices of an event together with its mark, unless another worker did."""
    dues, trouble = _meaning(event)
    with transaction.atomic():
        _, is_ours = ToldEvent.objects.get_or_create(event=event, defaults={"trouble": trouble})
        return making.make(dues, at=now) if is_ours else 0


def _meaning(event: AuditEvent) -> tuple[list[Due], str]:
    """Return what people are told of an event; one that cannot be told holds up no other."""
    try:
        return list(sources.HAPPENED[event.action](event)), ""
    except DatabaseError:
        raise
    except Exception as error:
        logger.exception("Nobody could be told of the event %s.", event.uid)
        return [], f"It could not be told: {type(error).__name__}."


def _move_on(now: datetime) -> None:
    """Move the position over what is so old that no older event can still appear."""
    position, _ = RecordPosition.objects.get_or_create(follower=FOLLOWER)
    old = AuditEvent.objects.filter(pk__gt=position.event_id, written_at__lt=now - LOOK_BACK)
    first = _untold().values_list("pk", flat=True).first()
    if first is not None:
        old = old.filter(pk__lt=first)
    settled: int | None = old.aggregate(newest=Max("pk"))["newest"]
    if settled is not None:
        _move(FOLLOWER, settled)
        ToldEvent.objects.filter(event__lte=settled, trouble="").delete()


def _move(follower: str, event_id: int) -> None:
    RecordPosition.objects.filter(pk=follower, event_id__lt=event_id).update(event_id=event_id)


# -- models ----------------------------------------------------------------------------------------


def _look_at_models(now: datetime) -> int:
    """Ask what waits for people on the models something happened to."""
    position, _ = RecordPosition.objects.get_or_create(follower=LOOKER)
    newest: int | None = AuditEvent.objects.aggregate(newest=Max("pk"))["newest"]
    if newest is None or newest <= position.event_id:
        return 0
    made = 0
    touched = _touched(position.event_id, newest)
    for start in range(0, len(touched), MOST_MODELS):
        models = touched[start : start + MOST_MODELS]
        for source in sources.ON_MODELS:
            made += making.make(_said(partial(source, models), now), at=now)
    _move(LOOKER, newest)
    return made


def _touched(after: int, until: int) -> list[int]:
    """Return the ids of the models events between two positions belong to."""
    start = RegisteredModel.RECORD.ref(0).removesuffix("0")
    events = AuditEvent.objects.filter(
        pk__gt=after,
        pk__lte=until,
        outcome=AuditEvent.Outcome.DONE,
        chain_root__startswith=start,
    )
    roots = events.order_by().values_list("chain_root", flat=True).distinct()
    return [int(str(root).removeprefix(start)) for root in roots]


def _said(source: Source, now: datetime) -> list[Due]:
    """Return what a source says up to where it fails, if it does: it silences no other."""
    said: list[Due] = []
    try:
        said.extend(source(now))
    except DatabaseError:
        raise
    except Exception:
        logger.exception("A source of notices failed.")
    return said
