"""The one way in: a governed change is authorized, written and recorded together, or not at all."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from apps.audit import preconditions, writing
from apps.audit.actions import Action, Sealing
from apps.audit.entries import MOST_ROWS, Commitment, RowChange
from apps.audit.governed import GovernedRow, Subject, UngovernedWrite
from apps.audit.models import AuditEvent
from apps.audit.ongoing import ONGOING
from apps.audit.sealing import awaiting, pressure
from apps.audit.unrecorded import Unrecorded
from apps.core.actors import ON_OWN_SESSION, Actor
from apps.core.clock import database_now
from apps.core.digests import utc_text
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from apps.core.hidden import require_in_order
from apps.core.identifiers import uuid7

logger = logging.getLogger(__name__)

_EVERYWHERE = 0x5161E7  # names the advisory lock of rights that hold everywhere
_TRIES = 3
MOST_REASON = 10_000


class Record:
    """What one change leaves behind: its event in the making."""

    def __init__(self, action: Action, by: Actor, reason: str, outer: "Record | None") -> None:
        self.action, self.by, self.outer = action, by, outer
        self.reason: str = reason.strip() or (outer.reason if outer else "")
        self.uid: UUID = uuid7()
        self.time: datetime
        self.subject: Subject
        self.chain_root: GovernedRow | None = None
        self.doomed: Exception | None = None
        self.is_held = False
        self.is_let_on: bool = action.sealing is Sealing.AWAITED or (
            outer is not None and outer.is_let_on
        )
        self._facts: dict[str, Any] = {}
        self._rows: dict[str, RowChange] = {}
        self._signature: dict[str, Any] | None = None
        self._locked: set[str] = outer._locked if outer else set()

    # -- what an operation says while it works

    def note(self, **facts: Any) -> None:
        """Add small facts and digests to the event; no secrets, no free text about people."""
        self._facts |= facts

    def about(self, row: GovernedRow) -> None:
        """Say that the event is about a row it created, rather than what that was created under."""
        self.subject = row
        self.chain_root = row.root

    def sign(
        self,
        *,
        meaning: str,
        statement: str,
        method: str,
        at: datetime,
        webauthn: Mapping[str, str] | None = None,
    ) -> None:
        """Record that a person signed a statement, given by its digest, and how.

        ``webauthn`` is the passkey's signature over that digest, which proves it without us.
        """
        self._signature = {
            "meaning": meaning,
            "statement": statement,
            "method": method,
            "at": utc_text(at),
        }
        if webauthn is not None:
            self._signature["webauthn"] = dict(webauthn)

    def wrote(self, row: GovernedRow, *, before: str | None, after: str | None) -> None:
        """Take note of a written row; refuse one whose root this change has not locked."""
        self._require_locked(row, is_new=before is None)
        earlier = self._rows.get(row.record_ref)
        first = earlier.before if earlier else before
        self._rows[row.record_ref] = RowChange(row.record_ref, first, after)
        if len(self._rows) > MOST_ROWS:
            raise UngovernedWrite(f"{self.action.name} writes more than {MOST_ROWS} governed rows")

    # -- how a change opens and closes

    def open(self, subject: Subject) -> None:
        """Lock the subject's root, read both afresh, and require the right and the reason."""
        self.subject = subject
        if self.action.rules_everywhere:
            _share_rights(alone=True)
        locked = self.lock(subject.root)
        self.time = self.outer.time if self.outer else database_now()
        if isinstance(subject, GovernedRow):
            subject.renew(locked)
        self.chain_root = subject.root
        if self.outer is None:
            self.require_right()
            self.require_more_than_looks()
        self.require_sealing()
        if self.outer is None:
            preconditions.require()
        self.require_reason()

    def lock(self, root: GovernedRow | None) -> GovernedRow | None:
        """Lock a root until the transaction ends; a second root after the first, never before.

        Returns the root as it is now, or nothing when it was locked already.
        """
        if root is None or root.record_ref in self._locked:
            return None
        _share_rights(alone=root.RULES_EVERYWHERE)
        locked = type(root).locked(root.pk)
        locked.require_there()
        self._locked.add(root.record_ref)
        return locked

    def require_right(self) -> None:
        """Refuse an actor who does not hold the action's permission on the root, as of now."""
        if not self.by.may(self.action.permission, self.subject.root):
            raise NotAllowed(self.action.refusal)

    def require_more_than_looks(self) -> None:
        """Refuse an examiner, whatever a right to see lets others do; their password is theirs."""
        if self.by.only_looks and self.action.permission != ON_OWN_SESSION:
            raise NotAllowed("Examiners look, and change nothing.")

    def require_sealing(self) -> None:
        """Refuse what decides something while nothing can be sealed."""
        if self.action.sealing is Sealing.FIRST and not self.is_let_on:
            pressure.require(now=self.time)

    def require_reason(self, *, is_needed: bool = False) -> None:
        """Refuse a change without the reason that its action, or the case at hand, needs."""
        if (is_needed or self.action.needs_reason) and not self.reason:
            raise RuleBroken("Give a reason. It is kept for good and shown to auditors.")
        if len(self.reason) > MOST_REASON:
            raise RuleBroken(f"A reason holds at most {MOST_REASON:,} characters.")
        require_in_order(self.reason, "The reason")

    def close(self) -> None:
        """Write the event, last of all, so that it can name every row."""
        if self.doomed is not None:
            raise self.doomed
        self._write(AuditEvent.Outcome.DONE, chained=self.chain_root)

    def hold(self) -> None:
        """Take note that the change is committed: whatever fails after it undoes nothing."""
        self.is_held = True

    def close_undone(self, outcome: AuditEvent.Outcome, error: Exception) -> None:
        """Write the event of a change that was undone: outside every chain, naming no row."""
        self._rows, self._signature = {}, None
        self._facts = {"error": getattr(error, "code", type(error).__name__)}
        self.time = database_now()
        self._write(outcome, chained=None)

    def _write(self, outcome: AuditEvent.Outcome, *, chained: GovernedRow | None) -> None:
        draft = writing.Draft(
            uid=self.uid,
            time=self.time,
            action=self.action.name,
            outcome=outcome,
            actor=self.by,
            subject=self.subject,
            rows=sorted(self._rows.values(), key=lambda row: row.row),
            reason=Commitment.to(self.reason) if self.reason else None,
            detail=self._facts,
            parent=self.outer.uid if self.outer else None,
            sign=self._signature,
        )
        event = writing.insert(draft, chain=chained.record_ref if chained else None)
        if outcome is AuditEvent.Outcome.DONE and self.action.sealing is not Sealing.LATER:
            transaction.on_commit(partial(awaiting.note, event.pk))

    def _require_locked(self, row: GovernedRow, *, is_new: bool) -> None:
        root = row.root
        if is_new and root is row:
            self._locked.add(root.record_ref)
        if root.record_ref not in self._locked:
            raise UngovernedWrite(f"{row.record_ref} was written without the lock of its root")


@contextmanager
def change(action: Action, subject: Subject, *, by: Actor, reason: str = "") -> Iterator[Record]:
    """Carry out one governed change: locked, authorized, recorded, or undone.

    Inside another change it nests: same transaction, child event, the outer one's authority.

    Raises:
        NotAllowed: when the actor does not hold the action's permission.
        RuleBroken: when the action needs a reason and none is given.
        SealingStalled: when the action decides something and nothing can be sealed.
    """
    outer = ONGOING.get()
    record = Record(action, by, reason, outer if isinstance(outer, Record) else None)
    with _nested(record, subject) if record.outer else _outermost(record, subject):
        yield record


@contextmanager
def _outermost(record: Record, subject: Subject) -> Iterator[None]:
    try:
        with transaction.atomic(durable=True):
            transaction.on_commit(record.hold)  # before any hook of the operation
            token = ONGOING.set(record)
            try:
                record.open(subject)
                yield
                record.close()
            finally:
                ONGOING.reset(token)  # hooks that follow the commit are no part of the change
    except Exception as error:
        if not record.is_held:
            _record_undone(record, subject, error)
        raise


@contextmanager
def _nested(record: Record, subject: Subject) -> Iterator[None]:
    token = ONGOING.set(record)
    try:
        record.open(subject)
        yield
        record.close()
    except Exception as error:
        assert record.outer is not None
        record.outer.doomed = error  # nobody may swallow it and keep half a change
        raise
    finally:
        ONGOING.reset(token)


def record_access(
    action: Action, subject: Subject, *, by: Actor, facts: dict[str, Any] | None = None
) -> None:
    """Record a read or a sign-in: an event that writes no governed row and joins no chain.

    Raises:
        NotAllowed: when the actor does not hold the action's permission; that is recorded too.
        SealingStalled: when it is an export and nothing can be sealed; recorded likewise.
    """
    record = Record(action, by, "", None)
    record.subject, record.time = subject, database_now()
    try:
        record.require_right()
        record.require_sealing()
    except DomainError as error:
        _record_undone(record, subject, error)
        raise
    record.note(**(facts or {}))
    with transaction.atomic(durable=True):
        record._write(AuditEvent.Outcome.DONE, chained=None)


@contextmanager
def announced(action: Action, subject: Subject, *, by: Actor, reason: str = "") -> Iterator[Record]:
    """Record what is about to be done, and how it ended after it: for what could get lost.

    The block may take long and is no transaction; the event of its end names its announcement as
    parent. An announcement without an end tells that the process died on the way.

    Raises:
        NotAllowed: when the actor does not hold the action's permission; that is recorded too.
        RuleBroken: when the action needs a reason and none is given.
        SealingStalled: when the action decides something and nothing can be sealed.
    """
    intent = Record(action, by, reason, None)
    intent.subject, intent.time = subject, database_now()
    try:
        intent.require_right()
        intent.require_sealing()
        intent.require_reason()
    except DomainError as error:
        _record_undone(intent, subject, error)
        raise
    with transaction.atomic(durable=True):
        intent._write(AuditEvent.Outcome.INTENT, chained=None)
    record = Record(action, by, reason, intent)
    record.subject = subject
    try:
        yield record
    except Exception as error:
        _record_undone(record, subject, error)
        raise
    record.time = database_now()
    with transaction.atomic(durable=True):
        record._write(AuditEvent.Outcome.DONE, chained=None)


def _record_undone(record: Record, subject: Subject, error: Exception) -> None:
    """Write the event of an undone change in a transaction of its own, best effort, three times."""
    refused = isinstance(error, DomainError)
    outcome = AuditEvent.Outcome.REFUSED if refused else AuditEvent.Outcome.FAILED
    record.subject = subject
    trouble = ""
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                record.close_undone(outcome, error)
        except DatabaseError as failed:
            trouble = str(failed)
        else:
            return
    Unrecorded.count += 1
    logger.error("A %s %s could not be recorded: %s", outcome, record.action.name, trouble)


def _share_rights(*, alone: bool) -> None:
    """Keep rights and rules that hold everywhere still while a change relies on them.

    Changes to models share the lock; a change to people, teams or what every gate and check goes by
    takes it alone (THREATS hazard 3).
    SQLite has one writer, so there is nothing to share.
    """
    if connection.vendor == "postgresql":
        function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [_EVERYWHERE])
