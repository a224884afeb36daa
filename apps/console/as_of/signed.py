"""Sign-offs that were given by a moment, as rows of a page."""

from dataclasses import dataclass
from datetime import datetime

from apps.approvals.models import SignOff
from apps.approvals.past.named import Names
from apps.approvals.past.promotions import Signed
from apps.core.formats import calendar_day

_STATES = {
    SignOff.Decision.APPROVE: "given",
    SignOff.Decision.APPROVE_WITH_CONDITIONS: "conditional",
    SignOff.Decision.ASK_FOR_CHANGES: "changes",
    SignOff.Decision.DECLINE: "declined",
}


@dataclass(frozen=True)
class Row:
    """One sign-off, under the name it was printed with."""

    slot: str
    state: str
    person: str
    in_place_of: str
    reason: str
    at: datetime
    meaning: str
    digest: str
    note: str


def row(one: Signed, names: Names) -> Row:
    """Return a sign-off as it stood; what had been asked for with it is part of the note."""
    given = one.row
    state = "withdrawn" if one.withdrawal else _STATES[SignOff.Decision(given.decision)]
    return Row(
        slot=given.get_role_display(),
        state=state,
        person=given.signer_name,
        in_place_of=names.person(given.on_behalf_of_id),
        reason=given.reason,
        at=given.signed_at,
        meaning=given.printed_meaning,
        digest=given.statement_digest,
        note=_note(one, names),
    )


def _note(one: Signed, names: Names) -> str:
    if one.withdrawal is not None:
        return f"Taken back by then: {one.withdrawal.reason}"
    told = []
    for tie in one.conditions:
        met = "met" if tie.met_at else "missed" if tie.missed_at else "open"
        owner = names.person(tie.owner_id)
        whose = f", {owner}" if owner else ""
        told.append(f"{tie.text} (by {calendar_day(tie.due)}{whose}: {met})")
    return "; ".join(told)
