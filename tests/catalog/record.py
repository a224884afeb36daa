"""Reads the record for the tests of the catalog."""

import json
from typing import Any

from apps.audit.models import AuditEvent


def entries(action: str, outcome: str = "done") -> list[dict[str, Any]]:
    """Return the entries of an action, the oldest first."""
    events = AuditEvent.objects.filter(action=action, outcome=outcome).order_by("pk")
    return [json.loads(bytes(event.entry)) for event in events]


def refusals(action: str) -> list[dict[str, Any]]:
    """Return the refused entries of an action."""
    return entries(action, "refused")
