"""The moment of the newest entry: between it and the next one nothing changes."""

import json
from datetime import datetime

from apps.audit.models import AuditEvent
from apps.core import moments


def newest() -> datetime:
    """Return the moment the record stands at."""
    entry = AuditEvent.objects.latest("pk").entry
    return datetime.fromisoformat(json.loads(bytes(entry))["time"])


def latest() -> str:
    """Return that moment as an address holds it."""
    return moments.written(newest())
