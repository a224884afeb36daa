"""Webhooks and events for the tests of this folder."""

import json
from typing import Any

from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.core.clock import database_now
from apps.integrations import following, operations
from apps.integrations.happenings import EVENTS
from apps.integrations.models import Webhook, WebhookDelivery
from tests.audit.sealing.sealed import seal_events
from tests.factories import actor
from tests.scenarios import developer

URL = "https://hooks.example.com/signet"


def webhook(owner: User | None = None, **given: Any) -> Webhook:
    """Create a webhook for everything, as the developer unless somebody else does."""
    facts = {"name": "hook", "url": URL, "events": EVENTS, **given}
    return operations.create_webhook(by=actor(owner or developer()), **facts)


def followed() -> list[str]:
    """Seal and follow the record, and return what is queued, in order."""
    seal_events()
    following.follow(database_now())
    waiting = WebhookDelivery.objects.order_by("event", "place", "pk")
    return list(waiting.values_list("happening", flat=True))


def entries(action: str, outcome: str = "done") -> list[dict[str, Any]]:
    """Return the entries of an action, the oldest first."""
    events = AuditEvent.objects.filter(action=action, outcome=outcome).order_by("pk")
    return [json.loads(bytes(event.entry)) for event in events]
