"""Follows the record: what happened becomes notices, once for each event.

Only what is sealed is read, entry by entry. An event is told in the transaction that moves the
position over its entry, so that of two workers one tells it.
"""

import logging
from collections.abc import Collection
from datetime import datetime
from functools import partial

from django.db import DatabaseError, transaction

from apps.audit.models import AuditEvent, Leaf
from apps.audit.sealed import newest_seq, sealed_after
from apps.integrations import queries
from apps.integrations.models import RecordPosition
from apps.integrations.notices import making, sources
from apps.integrations.notices.due import Due
from apps.integrations.notices.rows import ToldEvent
from apps.integrations.notices.sources import Source

logger = logging.getLogger(__name__)

FOLLOWER = "notices"
LOOKER = "notices on models"

MOST_AT_ONCE = 100
"""How many events one sweep deals with."""
MOST_MODELS = 500
"""How many models the sources are asked about together."""
_BATCH = 500


def follow(now: datetime) -> int:
    """Make the notices of all entries not dealt with yet; return how many were made."""
    return _tell_what_happened(now) + _look_at_models(now)


def tell_what_is_due(now: datetime) -> int:
    """Make the notices of all that falls due; return how many were made."""
    unsealed = queries.models_not_sealed()
    return sum(making.make(_said(source, now, unsealed), at=now) for source in sources.FALLS_DUE)


# -- events ----------------------------------------------------------------------------------------


class _Overtaken(Exception):
    """Another worker dealt with an entry first."""


def _tell_what_happened(now: datetime) -> int:
    position, _ = RecordPosition.objects.get_or_create(follower=FOLLOWER)
    made = told = 0
    while told < MOST_AT_ONCE and (leaves := sealed_after(position.seq, _BATCH)):
        to_tell = _to_tell(leaves, position)[: MOST_AT_ONCE - told]
        try:
            made += sum(_tell(leaf.event, position, leaf.seq, now) for leaf in to_tell)
            told += len(to_tell)
            if told < MOST_AT_ONCE:
                _move(position, leaves[-1].seq)
        except _Overtaken:
            break
    return made


def _to_tell(leaves: Collection[Leaf], position: RecordPosition) -> list[Leaf]:
    """Return the entries that people are to be told of and were not told of before."""
    happened = [
        leaf
        for leaf in leaves
        if position.is_new(leaf)
        and leaf.event.outcome == AuditEvent.Outcome.DONE
        and leaf.event.action in sources.HAPPENED
    ]
    if not happened:
        return []
    marked = ToldEvent.objects.filter(event__in=[leaf.event_id for leaf in happened])
    told = set(marked.values_list("event", flat=True))
    return [leaf for leaf in happened if leaf.event_id not in told]


def _tell(event: AuditEvent, position: RecordPosition, seq: int, now: datetime) -> int:
    """Make the notices of an event while moving over its entry."""
    dues, trouble = _meaning(event)
    with transaction.atomic():
        _move(position, seq)
        if trouble:
            ToldEvent.objects.create(event=event, trouble=trouble)
        return making.make(dues, at=now)


def _meaning(event: AuditEvent) -> tuple[list[Due], str]:
    """Return what people are told of an event; one that cannot be told holds up no other."""
    try:
        return list(sources.HAPPENED[event.action](event)), ""
    except DatabaseError:
        raise
    except Exception as error:
        logger.exception("Nobody could be told of the event %s.", event.uid)
        return [], f"It could not be told: {type(error).__name__}."


def _move(position: RecordPosition, seq: int) -> None:
    """Move a position on, unless another worker moved it."""
    here = RecordPosition.objects.filter(pk=position.pk, seq=position.seq)
    if not here.update(seq=seq):
        raise _Overtaken
    position.seq = seq


# -- models ----------------------------------------------------------------------------------------


def _look_at_models(now: datetime) -> int:
    """Ask what waits for people on the models something happened to."""
    position, _ = RecordPosition.objects.get_or_create(follower=LOOKER)
    newest = newest_seq()
    if newest <= position.seq:
        return 0
    made = 0
    touched, unsealed = _touched(position, newest), queries.models_not_sealed()
    for start in range(0, len(touched), MOST_MODELS):
        models = touched[start : start + MOST_MODELS]
        for source in sources.ON_MODELS:
            made += making.make(_said(partial(source, models), now, unsealed), at=now)
    RecordPosition.objects.filter(pk=LOOKER, seq__lt=newest).update(seq=newest)
    return made


def _touched(position: RecordPosition, newest: int) -> list[int]:
    """Return the ids of the models that entries between two positions belong to."""
    events = AuditEvent.objects.filter(
        leaf__seq__gt=position.seq, leaf__seq__lte=newest, pk__gt=position.event_id
    )
    return queries.models_of(events)


def _said(source: Source, now: datetime, unsealed: Collection[int]) -> list[Due]:
    """Return what a source says up to where it fails, if it does: it silences no other.

    Of a model that something unsealed happened to, nothing is said until that is sealed.
    """
    said: list[Due] = []
    try:
        said.extend(due for due in source(now) if due.model_id not in unsealed)
    except DatabaseError:
        raise
    except Exception:
        logger.exception("A source of notices failed.")
    return said
