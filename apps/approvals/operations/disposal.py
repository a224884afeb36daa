"""Disposal: asked for by one person, carried out by another, once the records' time is over."""

from datetime import datetime

from apps.accounts.signing.giving import require_person
from apps.approvals import keeping
from apps.approvals.models import Retirement
from apps.approvals.operations.retention import require_no_hold
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.catalog import disposal
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken

_REFUSAL = "Only records managers of this model dispose of what was kept long enough."

ASK_DISPOSAL = Action(
    "retirement.ask_disposal",
    permission="catalog.manage_retention",
    needs_reason=True,
    refusal=_REFUSAL,
    sealing=Sealing.FIRST,
)
CALL_OFF_DISPOSAL = Action(
    "retirement.call_off_disposal",
    permission="catalog.manage_retention",
    needs_reason=True,
    refusal=_REFUSAL,
)
DISPOSE = Action(
    "retirement.dispose",
    permission="catalog.manage_retention",
    needs_reason=True,
    refusal=_REFUSAL,
    sealing=Sealing.FIRST,
)


def ask_disposal(retirement: Retirement, *, by: Actor, reason: str) -> None:
    """Ask that the files of a decommissioned version go, after the time they are kept for."""
    with change(ASK_DISPOSAL, retirement, by=by, reason=reason) as record:
        asker_id = require_person(by, "asks for a disposal")
        _require_over(retirement, at=record.time)
        if retirement.disposal_asked_at is not None:
            raise RuleBroken("Its disposal was asked for already. Another person carries it out.")
        retirement.disposal_asked_by_id, retirement.disposal_asked_at = asker_id, record.time
        retirement.disposal_reason = record.reason
        retirement.save()


def call_off_disposal(retirement: Retirement, *, by: Actor, reason: str) -> None:
    """Take back that the files of a version should go."""
    with change(CALL_OFF_DISPOSAL, retirement, by=by, reason=reason):
        require_person(by, "calls a disposal off")
        _require_there(retirement)
        _require_asked(retirement)
        retirement.disposal_asked_by = retirement.disposal_asked_at = None
        retirement.disposal_reason = ""
        retirement.save()


def dispose(retirement: Retirement, *, by: Actor, reason: str) -> None:
    """Let the files of a version go that nothing else names; its rows and digests stay.

    From now on nobody gets them. Their bytes leave the store a day later (``disposal.erase``), so
    that a worker that dies in between leaves nothing half done.
    """
    with change(DISPOSE, retirement, by=by, reason=reason) as record:
        disposer_id = require_person(by, "disposes of files")
        _require_over(retirement, at=record.time)
        _require_asked(retirement)
        if retirement.disposal_asked_by_id == disposer_id:
            raise NotAllowed("You asked for this disposal, so somebody else carries it out.")
        released = disposal.lay_aside(retirement.version, at=record.time)
        retirement.disposed_by_id, retirement.disposed_at = disposer_id, record.time
        retirement.disposed_files, retirement.disposed_bytes = released.files, released.bytes
        retirement.save()
        record.note(
            version=retirement.version.record_id,
            content=retirement.version.content_digest,
            files=released.files,
            bytes=released.bytes,
        )


def _require_over(retirement: Retirement, *, at: datetime) -> None:
    """Refuse while something still keeps the files of a version."""
    _require_there(retirement)
    require_no_hold(retirement.version.model)
    kept_until = keeping.kept_until(retirement)
    if at < kept_until:
        raise RuleBroken(
            f"The records of {retirement.version} are kept until {kept_until:%Y-%m-%d}. "
            "Nothing of it goes before."
        )


def _require_there(retirement: Retirement) -> None:
    if retirement.disposed_at is not None:
        raise RuleBroken(f"It was disposed of on {retirement.disposed_at:%Y-%m-%d} already.")


def _require_asked(retirement: Retirement) -> None:
    if retirement.disposal_asked_at is None:
        raise RuleBroken("Nobody asked for its disposal. One person asks, another carries it out.")
