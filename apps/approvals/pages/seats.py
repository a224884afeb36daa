"""The slots of a gate as rows: who signed what, what no longer counts, who may still sign."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from apps.accounts.models import User
from apps.approvals.cases import Case
from apps.approvals.dossier import Dossier
from apps.approvals.models import SignOff
from apps.approvals.pages.story import Line
from apps.approvals.readiness import SlotState
from apps.core import formats
from apps.core.actors import Actor

MOST_NAMED = 3


@dataclass(frozen=True)
class Row:
    """A sign-off that was given, or a slot that waits for one."""

    slot: str
    state: str
    note: str
    person: str = ""
    reason: str = ""
    at: datetime | None = None
    digest: str = ""
    entry: int | None = None
    withdraw_url: str = ""
    meaning: str = ""
    """What the signature stands for, as it is printed (21 CFR 11.50)."""
    in_place_of: str = ""
    """Whose role it was signed in, when the signer stood in for somebody."""


def rows(
    case: Case, reader: Actor, told: Sequence[Line], eligible: Mapping[str, Sequence[User]]
) -> list[Row]:
    """Return the rows of a gate's slots in the policy's order, what was given before what waits."""
    entries = {str(line.entry.detail.get("sign_off")): line.entry.number for line in told}
    slots = case.readiness.slots
    order = {slot.rule.role: place for place, slot in enumerate(slots)}
    given = sorted(
        case.sign_offs, key=lambda signed: (order.get(signed.role, len(order)), signed.pk)
    )
    found: list[tuple[int, Row]] = [
        (order.get(signed.role, len(order)), _given_row(case, signed, reader, entries))
        for signed in given
    ]
    if case.request.is_open:
        found += [
            (order[slot.rule.role], _waiting_row(case, slot, reader, eligible[slot.rule.role]))
            for slot in slots
            if slot.missing
        ]
    return [row for _, row in sorted(found, key=lambda placed: placed[0])]


def given_in_words(case: Case) -> str:
    """Say how many sign-offs a gate asks for and has; of a decided one, nothing."""
    needed = sum(slot.rule.count for slot in case.readiness.slots)
    missing = sum(slot.missing for slot in case.readiness.slots)
    return f"{needed - missing} of {needed} given" if case.request.is_open else ""


def named(people: Sequence[User], *, most: int = MOST_NAMED) -> str:
    """Return people by name, or how many there are when they are many."""
    names = [str(person) for person in people]
    if len(names) > most:
        return f"any of {len(names)} people"
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names)


def _given_row(case: Case, signed: SignOff, reader: Actor, entries: Mapping[str, int]) -> Row:
    state, note = _standing(case, signed)
    stands = case.request.is_open and state in {"given", "conditional"}
    is_own = signed.signer_id == reader.user_id
    may_withdraw = stands and is_own and case.policy.signature.may_withdraw
    return Row(
        slot=signed.get_role_display(),
        state=state,
        note=note,
        person=signed.signer_name,
        reason=signed.reason,
        at=signed.signed_at,
        digest=signed.statement_digest,
        entry=entries.get(signed.record_id),
        meaning=signed.printed_meaning,
        in_place_of=str(signed.on_behalf_of or ""),
        withdraw_url=reverse("approvals:withdraw_sign_off", args=[signed.pk])
        if may_withdraw
        else "",
    )


def _standing(case: Case, signed: SignOff) -> tuple[str, str]:
    """Return whether a sign-off stands, and in words why not or until when."""
    if hasattr(signed, "withdrawal"):
        return "withdrawn", f"Withdrawn by the signer: “{signed.withdrawal.reason}”"
    if signed.decision == SignOff.Decision.DECLINE:
        return "declined", ""
    if signed.decision == SignOff.Decision.ASK_FOR_CHANGES:
        return "changes", _answered(case, signed)
    given = "given"
    if signed.decision == SignOff.Decision.APPROVE_WITH_CONDITIONS:
        given = "conditional"
    if not case.request.is_open:
        return given, ""
    if signed.pk in case.why_void:
        return "void", case.why_void[signed.pk]
    return given, f"Counts until {formats.moment(signed.expires_at, 'day')}."


def _answered(case: Case, signed: SignOff) -> str:
    """Say what became of the changes somebody asked for."""
    if hasattr(signed, "answer"):
        return "Answered."
    later = (one for one in case.sign_offs if one.pk > signed.pk)
    if any(one.signer_id == signed.signer_id for one in later):
        return "The signer has decided anew since."
    return "Not answered yet." if case.request.is_open else "Not answered."


def since_you_signed(case: Case, reader: Actor) -> list[str]:
    """Return what changed since the reader signed, when that ended the sign-off; else nothing."""
    own = [one for one in case.sign_offs if one.signer_id == reader.user_id]
    if not case.request.is_open or not own or hasattr(own[-1], "withdrawal"):
        return []
    last = own[-1]
    if last.pk not in case.why_void:
        return []
    changes = case.dossier.changes_since(Dossier.from_text(last.dossier))
    return changes or [case.why_void[last.pk]]


def _waiting_row(case: Case, slot: SlotState, reader: Actor, eligible: Sequence[User]) -> Row:
    others = [person for person in eligible if person.pk != reader.user_id]
    if len(others) == len(eligible) or not case.readiness.may_ask_for_sign_offs:
        return Row(slot.rule.title, "waiting", _who_may(slot, eligible))
    or_others = f", or {named(others)}" if others else ""
    return Row(slot.rule.title, "yours", f"You may sign{or_others}.")


def _who_may(slot: SlotState, eligible: Sequence[User]) -> str:
    if not eligible:
        return (
            f"Nobody may sign here yet: appoint {slot.rule.signer} who neither built nor "
            "requested this version."
        )
    who = named(eligible)
    return f"{who[0].upper()}{who[1:]} may sign."
