"""Follows the record: what happened becomes deliveries to the webhooks that asked for it.

Events get their number before their transaction commits, so one can appear behind others that are
there already. Everything younger than ``LOOK_BACK`` is therefore read again each time; the unique
constraint keeps a delivery from being made twice.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from apps.audit.models import AuditEvent
from apps.integrations import queries
from apps.integrations.happenings import Happening, happenings
from apps.integrations.models import RecordPosition, Webhook, WebhookDelivery

FOLLOWER = "webhooks"
LOOK_BACK = timedelta(minutes=2)
"""Longer than any change takes from its first event to its commit."""

_BATCH = 500


def follow(now: datetime) -> int:
    """Make the deliveries of all events not dealt with yet; return how many were made."""
    with transaction.atomic():
        position = _locked_position()
        settled = _settled(position.event_id, before=now - LOOK_BACK)
        made = _deliver(Webhook.objects.active(), after=position.event_id, now=now)
        if settled > position.event_id:
            position.event_id = settled
            position.save()
    return made


def _locked_position() -> RecordPosition:
    RecordPosition.objects.get_or_create(follower=FOLLOWER)
    return RecordPosition.objects.select_for_update().get(pk=FOLLOWER)


def _settled(after: int, *, before: datetime) -> int:
    """Return the last event so old that no older one can still appear."""
    old = AuditEvent.objects.filter(pk__gt=after, written_at__lt=before)
    newest: int | None = old.aggregate(newest=Max("pk"))["newest"]
    return newest or after


def _deliver(webhooks: Iterable[Webhook], *, after: int, now: datetime) -> int:
    listening = list(webhooks)
    if not listening:
        return 0
    known = _known(after)
    since = min(webhook.active_since for webhook in listening)
    wanted = [
        delivery
        for event, model_id, happening in _happened(after, since=since)
        for delivery in _to_those_who_asked(listening, event, model_id, happening, now)
        if (delivery.webhook_id, event.pk, happening.place) not in known
    ]
    WebhookDelivery.objects.bulk_create(wanted, batch_size=_BATCH, ignore_conflicts=True)
    return len(wanted)


def _known(after: int) -> set[tuple[int, int, int]]:
    made = WebhookDelivery.objects.filter(event__gt=after)
    return set(made.values_list("webhook", "event", "place"))


def _happened(after: int, *, since: datetime) -> Iterator[tuple[AuditEvent, int, Happening]]:
    """Yield what happened to models and prompts, in the order of the record."""
    batch: list[AuditEvent] = []
    events = queries.done_on_models(after=after).filter(written_at__gte=since)
    for event in events.iterator(chunk_size=_BATCH):
        batch.append(event)
        if len(batch) == _BATCH:
            yield from _meant(batch)
            batch = []
    yield from _meant(batch)


def _meant(events: Collection[AuditEvent]) -> Iterator[tuple[AuditEvent, int, Happening]]:
    models = {event.pk: int(str(event.chain_root).rpartition("_")[2]) for event in events}
    prompts = queries.prompts_among(set(models.values()))
    for event in events:
        model_id = models[event.pk]
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
        if happening.name in webhook.events and event.written_at >= webhook.active_since:
            yield WebhookDelivery(
                webhook=webhook,
                event=event,
                place=happening.place,
                happening=happening.name,
                model_id=model_id,
                queued_at=now,
                next_at=now,
            )
