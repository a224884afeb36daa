"""The one row of the log: named when it is first sealed, locked by one sealer at a time, halted."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from apps.audit import writing
from apps.audit.entries import Commitment
from apps.audit.log.tree import EMPTY, Frontier
from apps.audit.models import AuditEvent, Log
from apps.core.actors import SYSTEM, Actor
from apps.core.clock import database_now
from apps.core.identifiers import uuid7

logger = logging.getLogger(__name__)

_MOST_TROUBLE = 300


class LogBroken(Exception):
    """The log cannot go on without a lie; it has to be halted, and people have to look."""


class LogAction(StrEnum):
    """What the log writes of itself; nobody asks for it, so no right is needed."""

    OPEN = "log.open"
    HALT = "log.halt"
    BEAT = "log.beat"
    FORGED = "event.forged"
    UNQUEUED = "event.unqueued"
    COMPARE = "record.compare"


@dataclass(frozen=True)
class LogSubject:
    """The log as what an event is about."""

    record_id: str
    record_word: str = "log"
    root: None = None


def locked(*, is_waited_for: bool = False) -> Log | None:
    """Return the log, locked until the transaction ends; None while another sealer holds it."""
    rows = Log.objects.select_for_update(skip_locked=not is_waited_for)
    found = rows.filter(pk=Log.ONLY).first()
    if found is None and not Log.objects.filter(pk=Log.ONLY).exists():
        named = Log(origin=f"{_name()}/audit/1", root=EMPTY, frontier=b"", beat_at=database_now())
        Log.objects.bulk_create([named], ignore_conflicts=True)
        found = rows.filter(pk=Log.ONLY).first()
    return found


def origin() -> str:
    """Return the name of the log, which is named now when it is new."""
    with transaction.atomic():
        log = locked(is_waited_for=True)
    assert log is not None
    return log.origin


def is_halted() -> bool:
    """Say whether the log is halted."""
    return Log.objects.filter(pk=Log.ONLY, state=Log.State.HALTED).exists()


def frontier_of(log: Log) -> Frontier:
    """Return the right edge of the log's tree.

    Raises:
        LogBroken: when it does not lead to the log's root.
    """
    try:
        frontier = Frontier.of(log.size, bytes(log.frontier))
    except ValueError as problem:
        raise LogBroken(f"The frontier of the log is damaged: {problem}.") from None
    if frontier.root() != bytes(log.root):
        raise LogBroken(f"The frontier of the log at {log.size} leads to another root.")
    return frontier


def write(
    log: Log,
    action: LogAction,
    detail: Mapping[str, object],
    *,
    by: Actor = SYSTEM,
    reason: str = "",
) -> AuditEvent:
    """Write an event of the log itself, as the next one of its chain; its lock is held."""
    draft = writing.Draft(
        uid=uuid7(),
        time=database_now(),
        action=action.value,
        outcome=AuditEvent.Outcome.DONE,
        actor=by,
        subject=LogSubject(log.origin),
        rows=(),
        reason=Commitment.to(reason) if reason else None,
        detail=detail,
        parent=None,
        sign=None,
    )
    return writing.insert(draft, chain=log.chain)


def halt(trouble: str) -> None:
    """Let nothing be sealed or signed until people open the log again; keep and tell why."""
    with transaction.atomic(durable=True):
        log = locked(is_waited_for=True)
        assert log is not None
        if log.is_halted:
            return
        log.state, log.trouble = Log.State.HALTED, trouble[:_MOST_TROUBLE]
        log.save(update_fields=["state", "trouble"])
        write(log, LogAction.HALT, {"why": log.trouble})
    logger.critical("The log is halted: %s", trouble)


def _name() -> str:
    """Return what the log is named by: what the operator chose, else a name that is nobody's."""
    return settings.LOG_NAME or f"signet-{uuid4().hex[:8]}.invalid"
