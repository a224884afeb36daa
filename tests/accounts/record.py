"""Reads the record for the tests of this folder."""

import json
from typing import Any

from apps.audit.models import AuditEvent


def events(action: str, outcome: str = "done") -> list[AuditEvent]:
    """Return the events of an action, the oldest first."""
    return list(AuditEvent.objects.filter(action=action, outcome=outcome).order_by("pk"))


def entry_of(event: AuditEvent) -> dict[str, Any]:
    """Return the entry of an event as plain values."""
    entry: dict[str, Any] = json.loads(bytes(event.entry))
    return entry
