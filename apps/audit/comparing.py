"""Compares governed rows and their history with the record, every night, and says so in it."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from apps.audit.checking.rows import Rows
from apps.audit.checking.whole import snapshot
from apps.audit.models import AuditEvent, Log
from apps.audit.sealing import states
from apps.audit.sealing.states import LogAction
from apps.audit.verifier.notes import Finding

logger = logging.getLogger(__name__)

MOST_TOLD = 20


def compare() -> list[Finding]:
    """Look for rows and states that are not as the record says; tell of them and of the look."""
    with snapshot():
        findings = list(_findings())
    for finding in findings:
        logger.critical("%s: %s: %s", *finding)
    first = [f"{finding.name}: {finding.place}" for finding in findings[:MOST_TOLD]]
    log = Log.objects.filter(pk=Log.ONLY).first()
    if log is not None and log.size:  # a log begins with its opening
        states.note(log, LogAction.COMPARE, {"findings": len(findings), "first": first})
    return findings


def last_comparison() -> tuple[datetime, int] | None:
    """Return when rows were compared last, and how many did not agree."""
    events = AuditEvent.objects.filter(
        action=LogAction.COMPARE.value, outcome=AuditEvent.Outcome.DONE
    )
    last = events.order_by("-id").values_list("written_at", "entry").first()
    if last is None:
        return None
    return last[0], int(json.loads(bytes(last[1]))["detail"]["findings"])


def _findings() -> Iterator[Finding]:
    rows = Rows()
    done = AuditEvent.objects.filter(outcome=AuditEvent.Outcome.DONE).order_by("pk")
    for pk, raw in done.values_list("pk", "entry").iterator(chunk_size=2000):
        entry: dict[str, Any] = json.loads(bytes(raw))
        rows.read(pk, entry)
    yield from rows.conclude()
