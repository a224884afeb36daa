"""What each format of webhook sends, for a delivery and when it is tried."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from apps.accounts.queries import names_of
from apps.core import deliveries
from apps.core.clock import database_now
from apps.integrations import chats, payloads, queries
from apps.integrations.happenings import named_row
from apps.integrations.models import Webhook, WebhookDelivery
from apps.integrations.outgoing import Outgoing
from apps.integrations.statuses import sending as statuses


def of_delivery(webhook: Webhook, delivery: WebhookDelivery) -> Outgoing:
    """Return what a delivery sends.

    Raises:
        NotToBeSent: when there is nothing to say of it.
    """
    secret = queries.secret_of(webhook)
    if webhook.sets_statuses:
        return statuses.of_delivery(webhook, delivery, token=secret)
    said = _in_chat(webhook, delivery) if webhook.is_chat else payload_of(delivery)
    return _signed_or_said(webhook, said, str(delivery.uid), secret)


def of_trial(webhook: Webhook, happening: str) -> Outgoing:
    """Return an example for a webhook; one that sets statuses only reads the repository."""
    secret = queries.secret_of(webhook)
    if webhook.sets_statuses:
        return statuses.of_trial(webhook, token=secret)
    data = payloads.example_of(happening)
    if webhook.is_chat:
        said = chats.written(webhook.format, chats.example_of(happening, data))
    else:
        said = payloads.envelope(happening, at=database_now().isoformat(), data=data)
    return _signed_or_said(webhook, said, str(uuid4()), secret)


def payload_of(delivery: WebhookDelivery) -> payloads.Payload:
    """Return what a delivery says in MLflow's form, from the state its row had after the event."""
    at = delivery.event.written_at.isoformat()
    return payloads.envelope(delivery.happening, at=at, data=_data_of(delivery))


def _data_of(delivery: WebhookDelivery) -> payloads.Payload:
    event = delivery.event
    return payloads.data_of(
        delivery.happening, event=event, row_id=named_row(event, delivery.place)
    )


def _in_chat(webhook: Webhook, delivery: WebhookDelivery) -> dict[str, Any]:
    actor_id = delivery.event.actor_id
    who = names_of([actor_id]).get(actor_id, chats.ITSELF)
    message = chats.message_of(delivery.happening, _data_of(delivery), who=who)
    return chats.written(webhook.format, message)


def _signed_or_said(
    webhook: Webhook, said: Mapping[str, Any], delivery: str, secret: str
) -> Outgoing:
    """Return a body for an address: what a chat keeps secret is the address, others sign."""
    body, stamp = json.dumps(said).encode(), int(database_now().timestamp())
    url, key = (secret, "") if webhook.is_chat else (webhook.url, secret)
    headers = deliveries.headers(body, delivery=delivery, timestamp=stamp, secret=key)
    return Outgoing(url, headers, body)
