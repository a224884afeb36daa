"""What somebody's hand on the record left behind: told for as long as people should still ask."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.audit.models import AsideEvent, AuditEvent, Log
from apps.audit.sealing.states import LogAction

TOLD_FOR = timedelta(days=30)
"""How long events that were in no queue are told; the record tells of them for good."""


@dataclass(frozen=True)
class Alarm:
    """What happened, in words, and what to do."""

    name: str
    title: str
    text: str
    at: datetime


def alarms(*, now: datetime) -> Iterator[Alarm]:
    """Yield what people should look into."""
    yield from _forged()
    yield from _unqueued(now)


def names(*, now: datetime) -> list[str]:
    """Return the alarms as one word each, for whoever only watches whether there are any."""
    halted = ["halted"] if Log.objects.filter(pk=Log.ONLY, state=Log.State.HALTED).exists() else []
    return halted + [alarm.name for alarm in alarms(now=now)]


def _forged() -> Iterator[Alarm]:
    last = AsideEvent.objects.order_by("-event_id").first()
    if last is None:
        return
    count = AsideEvent.objects.count()
    title = f"{count:,} events were not written by Signet"
    if count == 1:
        title = "1 event was not written by Signet"
    words = (
        f"Kept out of the log; the last is event {last.event_id}. {last.why} Find out who writes "
        "to the database past the application: other accounts, restored parts, replication. "
        "manage.py audit verify names each of them."
    )
    yield Alarm("forged events", title, words, last.found_at)


def _unqueued(now: datetime) -> Iterator[Alarm]:
    told = AuditEvent.objects.filter(
        action=LogAction.UNQUEUED.value, outcome=AuditEvent.Outcome.DONE
    )
    last = told.order_by("-id").first()
    if last is None or last.written_at < now - TOLD_FOR:
        return
    facts = json.loads(bytes(last.entry))["detail"]
    words = (
        f"{facts['events']:,} were neither sealed nor waiting to be, from event {facts['first']} "
        "on. They were queued again, and are sealed now. Signet never takes a mark away: find out "
        "who did, or which restore left marks out, and compare with what you kept elsewhere: "
        "manage.py audit verify --checkpoint."
    )
    yield Alarm("lost events", "Events had lost their place in the queue", words, last.written_at)
