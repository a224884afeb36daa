"""The one row of the log: named when it is first sealed, locked by one sealer at a time, halted."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID, uuid4

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
    KEY = "log.key"
    AWAY = "anchor.away"
    BACK = "anchor.back"
    FORGED = "event.forged"
    UNQUEUED = "event.unqueued"
    COMPARE = "record.compare"


@dataclass(frozen=True)
class LogSubject:
    """The log, or what belongs to it, as what an event is about."""

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
    about: LogSubject | None = None,
    parent: UUID | None = None,
) -> AuditEvent:
    """Write an event of the log itself, as the next one of its chain; its lock is held."""
    subject = about or LogSubject(log.origin)
    draft = _draft(action.value, subject, detail, by=by, reason=reason, parent=parent)
    return writing.insert(draft, chain=log.chain)


def note(log: Log, action: LogAction, detail: Mapping[str, object]) -> AuditEvent:
    """Write what was seen of the log by who may not lock it, as workers may not: unchained."""
    return writing.insert(_draft(action.value, LogSubject(log.origin), detail), chain=None)


def announce(
    log: Log, action: LogAction, detail: Mapping[str, object], *, by: Actor, reason: str
) -> AuditEvent:
    """Write what is about to be done, so that an outcome that gets lost stands on record, too."""
    draft = _draft(
        action.value,
        LogSubject(log.origin),
        detail,
        by=by,
        reason=reason,
        outcome=AuditEvent.Outcome.INTENT,
    )
    return writing.insert(draft, chain=None)


def close(intent: AuditEvent, why: str) -> AuditEvent:
    """Write that nothing came of what was announced."""
    subject = LogSubject(intent.subject_id, record_word=intent.subject_type)
    draft = _draft(
        intent.action,
        subject,
        {"why": why},
        parent=intent.uid,
        outcome=AuditEvent.Outcome.FAILED,
    )
    return writing.insert(draft, chain=None)


def _draft(
    action: str,
    subject: LogSubject,
    detail: Mapping[str, object],
    *,
    by: Actor = SYSTEM,
    reason: str = "",
    parent: UUID | None = None,
    outcome: AuditEvent.Outcome = AuditEvent.Outcome.DONE,
) -> writing.Draft:
    return writing.Draft(
        uid=uuid7(),
        time=database_now(),
        action=action,
        outcome=outcome,
        actor=by,
        subject=subject,
        rows=(),
        reason=Commitment.to(reason) if reason else None,
        detail=detail,
        parent=parent,
        sign=None,
    )


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
