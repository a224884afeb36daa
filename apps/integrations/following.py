"""Follows the record: what happened becomes deliveries to the webhooks that asked for it.

Only what is sealed is read, entry by entry, so that nobody is told what could still be taken back.
Events made before positions counted entries can come up twice; the unique constraint keeps a
delivery from being made again.
"""

from collections.abc import Collection, Container, Iterable, Iterator
from datetime import datetime

from django.db import transaction

from apps.audit.models import AuditEvent
from apps.audit.sealed import sealed_after
from apps.integrations import queries
from apps.integrations.happenings import Happening, happenings
from apps.integrations.models import RecordPosition, Webhook, WebhookDelivery
from apps.integrations.statuses.noticing import standings_moved

FOLLOWER = "webhooks"

_BATCH = 500


def follow(now: datetime) -> int:
    """Make the deliveries of all entries not dealt with yet; return how many were made."""
    made, is_more = 0, True
    while is_more:
        with transaction.atomic():
            position = _locked_position()
            leaves = sealed_after(position.seq, _BATCH)
            made += _deliver([leaf.event for leaf in leaves if position.is_new(leaf)], now)
            if leaves:
                position.seq = leaves[-1].seq
                position.save()
        is_more = len(leaves) == _BATCH
    return made


def _locked_position() -> RecordPosition:
    RecordPosition.objects.get_or_create(follower=FOLLOWER)
    return RecordPosition.objects.select_for_update().get(pk=FOLLOWER)


def _deliver(events: Iterable[AuditEvent], now: datetime) -> int:
    changes = queries.changes_of_models(events)
    listening = list(Webhook.objects.active()) if changes else []
    if not listening:
        return 0
    prompts = queries.prompts_among({model_id for _, model_id in changes})
    meant = [*_meant(changes, prompts)]
    if any(webhook.sets_statuses for webhook in listening):
        meant += standings_moved([change for change in changes if change[1] not in prompts])
    wanted = [
        delivery
        for event, model_id, happening in meant
        for delivery in _to_those_who_asked(listening, event, model_id, happening, now)
    ]
    WebhookDelivery.objects.bulk_create(wanted, batch_size=_BATCH, ignore_conflicts=True)
    return len(wanted)


def _meant(
    changes: Collection[tuple[AuditEvent, int]], prompts: Container[int]
) -> Iterator[tuple[AuditEvent, int, Happening]]:
    """Yield what happened to models and prompts, in the order of the record."""
    for event, model_id in changes:
        for happening in happenings(event, is_prompt=model_id in prompts):
            yield event, model_id, happening


def _to_those_who_asked(
    webhooks: Iterable[Webhook],
    event: AuditEvent,
    model_id: int,
    happening: Happening,
    now: datetime,
) -> Iterator[WebhookDelivery]:
    for webhook in webhooks:
        if webhook.asks_for(happening.name) and event.written_at >= webhook.active_since:
            yield WebhookDelivery(
                webhook=webhook,
                event=event,
                place=happening.place,
                happening=happening.name,
                model_id=model_id,
                version_id=happening.version_id,
                queued_at=now,
                next_at=now,
            )
