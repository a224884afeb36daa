"""Erasing personal words from the record: one person asks, another approves, a worker does it.

It lives with the decisions, since only here is it known what is on hold, kept, or signed.
"""

import json
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from apps.accounts.signing.giving import require_person
from apps.approvals import keeping, signed_words
from apps.approvals.models import Retention, Retirement
from apps.approvals.operations.retention import require_no_hold
from apps.audit import redacting
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.audit.models import AuditEvent, Leaf, Redaction
from apps.audit.redacting import REDACT, EventSubject, Found
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import WORKER, Actor
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.sweeping import NotDue, sweeping

ASK_REDACTION = Action(
    "redaction.ask",
    permission="audit.ask_redaction",
    needs_reason=True,
    refusal="Only privacy officers, legal counsel and records managers ask for an erasure.",
    sealing=Sealing.FIRST,
)
APPROVE_REDACTION = Action(
    "redaction.approve",
    permission="audit.approve_redaction",
    needs_reason=True,
    refusal="Only privacy officers and legal counsel decide on an erasure.",
    sealing=Sealing.FIRST,
)
DECLINE_REDACTION = Action(
    "redaction.decline",
    permission="audit.approve_redaction",
    needs_reason=True,
    refusal="Only privacy officers and legal counsel decide on an erasure.",
)


class StillKept(RuleBroken):
    """The records of a model are kept for a time that is not over."""

    code = "still_kept"


class PartOfSignature(RuleBroken):
    """Somebody signed these words."""

    code = "part_of_signature"


def ask_redaction(
    event: AuditEvent, place: str, *, basis: str, by: Actor, reason: str
) -> Redaction:
    """Ask that the words at a place of an entry be erased, on a legal basis."""
    subject = EventSubject(event)
    with change(ASK_REDACTION, subject, by=by, reason=reason) as record:
        require_person(by, "asks for an erasure")
        if basis not in Redaction.Basis.values:
            raise RuleBroken("Choose the legal basis.")
        _require_may_go(subject, place, basis, at=record.time)
        redaction = Redaction(event=event, place=place, basis=basis, asked_in=record.uid)
        redaction.asked_by, redaction.asked_at = by.id, record.time
        _require_only_one(redaction)
        record.note(place=place, basis=basis)
    return redaction


def approve_redaction(redaction: Redaction, *, by: Actor, reason: str) -> None:
    """Approve an erasure that somebody else asked for, of words that are not one's own."""
    subject = EventSubject(redaction.event)
    with change(APPROVE_REDACTION, subject, by=by, reason=reason) as record:
        require_person(by, "decides on an erasure")
        found = _undecided(redaction)
        if by.id in {found.asked_by, found.event.actor_id}:
            raise NotAllowed("Who asked, or wrote the words, does not decide. Somebody else does.")
        _require_may_go(subject, found.place, found.basis, at=record.time)
        _decide(found, Redaction.State.APPROVED, by=by, uid=record.uid, at=record.time)
        record.note(asked=str(found.asked_in), place=found.place, basis=found.basis)


def decline_redaction(redaction: Redaction, *, by: Actor, reason: str) -> None:
    """Decline an erasure; it can be asked for again."""
    with change(DECLINE_REDACTION, EventSubject(redaction.event), by=by, reason=reason) as record:
        require_person(by, "decides on an erasure")
        found = _undecided(redaction)
        if by.id == found.asked_by:
            raise NotAllowed("Who asked does not decide. Somebody else does.")
        _decide(found, Redaction.State.DECLINED, by=by, uid=record.uid, at=record.time)
        record.note(asked=str(found.asked_in), place=found.place)


def carry_out_redactions() -> int:
    """Erase what was approved and is sealed; return how many were done."""
    if not redacting.may_erase():
        return 0
    sealed = Leaf.objects.values("event__uid")
    due = Redaction.objects.filter(state=Redaction.State.APPROVED, decided_in__in=sealed)
    with sweeping() as sweep:
        sweep.each(list(due.select_related("event").order_by("pk")), _carry_out)
    return sweep.done


def why_not(event: AuditEvent, place: str, basis: str) -> str:
    """Return why words cannot be erased now, or nothing."""
    try:
        _require_may_go(EventSubject(event), place, basis, at=database_now())
    except RuleBroken as refusal:
        return str(refusal)
    return ""


def _carry_out(redaction: Redaction) -> None:
    """Erase once; what waits is left before a change begins, so that no minute adds a refusal."""
    subject = EventSubject(redaction.event)
    _require_two(redaction)
    _require_may_go(subject, redaction.place, redaction.basis, at=database_now())
    with change(REDACT, subject, by=WORKER) as record:
        found = Redaction.objects.select_for_update().get(pk=redaction.pk)
        if found.state != Redaction.State.APPROVED:
            raise NotDue("It is not approved, or was done already.")
        where = _require_may_go(subject, found.place, found.basis, at=record.time)
        redacting.erase(found, where, record, by=WORKER)
        for other in redacting.overtaken(found, where):
            other.state = Redaction.State.ERASED
            other.erased_in, other.erased_at = record.uid, record.time
            other.save()


def _require_two(redaction: Redaction) -> None:
    """Refuse to go by a row alone: two sealed entries have to say the same, of different people."""
    named = Q(uid=redaction.asked_in) | Q(uid=redaction.decided_in)
    events = AuditEvent.objects.filter(named, outcome="done", leaf__isnull=False)
    told = {event.action: json.loads(bytes(event.entry)) for event in events}
    asked, approved = told.get(ASK_REDACTION.name), told.get(APPROVE_REDACTION.name)
    if asked is None or approved is None:
        raise RuleBroken("No two sealed entries say that it was asked for and approved.")
    said = {"place": redaction.place, "basis": redaction.basis}
    is_same = asked["detail"] == said
    is_same &= approved["detail"] == said | {"asked": str(redaction.asked_in)}
    for entry in (asked, approved):
        is_same &= entry["subject"] == {"type": "event", "id": str(redaction.event.uid)}
    if not is_same or asked["actor"]["id"] == approved["actor"]["id"]:
        raise RuleBroken("Its entries say something else than its row.")


def _require_only_one(redaction: Redaction) -> None:
    """Keep it, unless the same was asked for and not decided on, by whoever came first."""
    try:
        with transaction.atomic():
            redaction.save()
    except IntegrityError:
        raise RuleBroken("This was asked for already. Another person decides on it.") from None


def _undecided(redaction: Redaction) -> Redaction:
    """Return the redaction as it is under the lock of the change."""
    found = Redaction.objects.select_for_update().get(pk=redaction.pk)
    if found.state != Redaction.State.ASKED:
        raise RuleBroken("This was decided already.")
    return found


def _decide(
    found: Redaction, state: Redaction.State, *, by: Actor, uid: UUID, at: datetime
) -> None:
    found.state, found.decided_by, found.decided_at = state, by.id, at
    found.decided_in = uid
    found.save()


def _require_may_go(subject: EventSubject, place: str, basis: str, *, at: datetime) -> Found:
    """Refuse what has to stay; return where the words stand."""
    _require_free(subject.root, basis, at=at)
    where = redacting.found(subject.event, place)
    for copy in where.copies:
        row = copy.kind._base_manager.filter(pk=copy.pk).first()
        if row is not None and row.root.record_ref != getattr(subject.root, "record_ref", ""):
            _require_free(row.root, basis, at=at)
    _require_unsigned(where)
    if still := redacting.still_said(where):
        raise RuleBroken(
            f"These words are what {still[0]} says now. Change them where they stand; then what it "
            "said can be erased."
        )
    return where


def _require_free(root: object, basis: str, *, at: datetime) -> None:
    """Refuse under a legal hold, and a person's wish within the time records are kept for."""
    if not isinstance(root, RegisteredModel):
        return
    require_no_hold(root)
    retention = Retention.objects.filter(model=root).first()
    if retention is None or basis != Redaction.Basis.REQUEST:
        return
    if _kept_until(root, retention, at=at) > at:
        raise StillKept(
            f"The records of {root.name} are kept as “{retention.name}” until {retention.years} "
            "years after its last version is decommissioned, and a duty to keep goes before a "
            "person's wish (GDPR article 17(3))."
        )


def _kept_until(model: RegisteredModel, retention: Retention, *, at: datetime) -> datetime:
    """Return when the time of a model's records is over; a version that is not yet counts now."""
    over = [
        keeping.kept_until(one, retention)
        for one in Retirement.objects.filter(version__model=model)
    ]
    versions = ModelVersion.objects.filter(model=model, deleted_at=None).count()
    if len(over) < versions or not over:
        return keeping.in_years(at, retention.years)
    return max(over)


def _require_unsigned(where: Found) -> None:
    """Refuse words that somebody signed: without them the signature would prove nothing."""
    for copy in where.copies:
        for signed in signed_words.signatures_on(copy, where.text):
            raise PartOfSignature(
                f"These words are part of what was signed ({signed.record_id}). "
                "Without them nobody could check that signature, so they stay."
            )
