"""Signing off, dissenting, and taking a sign-off back before it takes effect."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from apps.accounts.confirmation import Confirmation
from apps.accounts.models import User
from apps.accounts.signing.giving import give, require_person, require_unused
from apps.accounts.signing.statements import Statement
from apps.approvals import cases, in_force, onlookers, signers
from apps.approvals.cases import Case
from apps.approvals.models import (
    PromotionRequest,
    SignOff,
    SignOffCondition,
    SignOffWithdrawal,
)
from apps.approvals.operations.requests import close_as
from apps.approvals.readiness import VerdictState
from apps.approvals.signers import Seat
from apps.approvals.statements import Ticket, statement_of
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.catalog import ground
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken

MOST_CONDITIONS = 20
CONDITION_DAYS = "conditional_approval_max_days"
"""The setting that says within how many days a condition of a sign-off must be met."""

SIGN_OFF = Action(
    "request.sign_off",
    permission="catalog.sign_off",
    refusal="You hold no role on this model that signs.",
    sealing=Sealing.FIRST,
)
WITHDRAW_SIGN_OFF = Action(
    "sign_off.withdraw",
    permission="catalog.sign_off",
    needs_reason=True,
    refusal="You hold no role on this model that signs.",
    sealing=Sealing.AWAITED,
)


@dataclass(frozen=True)
class Asked:
    """A condition a signer ties an approval to: what, by whom, by when."""

    text: str
    owner: User
    due: date

    def as_record(self) -> dict[str, str]:
        """Return it as the statement names it, so that the signature binds it."""
        return {
            "text": self.text.strip(),
            "owner": self.owner.record_id,
            "due": self.due.isoformat(),
        }


def sign_off(
    request: PromotionRequest,
    *,
    by: Actor,
    role: str,
    decision: SignOff.Decision,
    ticket: Ticket,
    confirmed: Confirmation,
    reason: str = "",
    conditions: Sequence[Asked] = (),
) -> SignOff:
    """Sign, or dissent, in one slot what the ticket says was shown; a decline ends the request.

    Everything but a plain approval needs a reason, and a plain one where the policy says so.
    """
    with change(SIGN_OFF, request, by=by, reason=reason) as record:
        request.require_open()
        require_person(by, "signs")
        ground.keep_still(request.version)
        [case] = cases.complete([request], at=record.time)
        ticket.require_current(case.dossier, by=by)
        require_unused(SignOff, ticket.nonce)
        seat = _require_seat(case, role, by)
        _require_time_to_sign(case, decision)
        is_plain = decision == SignOff.Decision.APPROVE
        record.require_reason(is_needed=not is_plain or case.policy.signature.reason_required)
        _require_conditions(case, decision, conditions, on=record.time.date())
        statement = _statement(case, seat, decision, by=by, ticket=ticket, conditions=conditions)
        signed = _signed(case, seat, decision, ticket=ticket, reason=record.reason)
        give(
            signed,
            statement,
            record=record,
            by=by,
            nonce=ticket.nonce,
            confirmed=confirmed,
            factors=case.gate.factors_required,
            meaning=decision.value,
        )
        for asked in conditions:
            SignOffCondition(
                sign_off=signed, text=asked.text.strip(), owner=asked.owner, due=asked.due
            ).save()
        record.note(
            transition=request.transition,
            target=request.target,
            dossier=signed.dossier_digest,
        )
        if decision == SignOff.Decision.DECLINE:
            close_as(request, PromotionRequest.State.DECLINED, by=by, at=record.time)
    return signed


def withdraw_sign_off(signed: SignOff, *, by: Actor, reason: str) -> SignOffWithdrawal:
    """Take one's own sign-off back while the request is open; it stays, struck through."""
    with change(WITHDRAW_SIGN_OFF, signed, by=by, reason=reason) as record:
        if signed.signer_id != require_person(by, "signs"):
            raise NotAllowed("Only the signer takes a sign-off back.")
        signed.request.require_open()
        if why_not := why_not_withdrawn():
            raise RuleBroken(why_not)
        if SignOffWithdrawal.objects.filter(sign_off=signed).exists():
            raise RuleBroken("This sign-off was withdrawn already.")
        withdrawal = SignOffWithdrawal(
            sign_off=signed, reason=record.reason, withdrawn_at=record.time
        )
        withdrawal.save()
        record.note(request=signed.request.record_id, role=signed.role)
    return withdrawal


def why_not_withdrawn() -> str:
    """Say why nobody takes a sign-off back, where the policy in force allows it to nobody."""
    policy = in_force.policy()
    if policy.signature.may_withdraw:
        return ""
    return (
        f"{policy} lets nobody take a sign-off back. Write on the request what is wrong, "
        "or have who asked for it withdraw the request."
    )


def _require_seat(case: Case, role: str, by: Actor) -> Seat:
    """Return the slot of a role, provided this person may fill it now."""
    slot = next((slot for slot in case.readiness.slots if slot.rule.role == role), None)
    if slot is None:
        raise RuleBroken("The policy asks for no sign-off in this role.")
    seat = next((seat for seat in signers.seats_of(case, by=by) if seat.rule == slot.rule), None)
    if seat is None:
        raise NotAllowed(f"You do not hold the role {slot.rule.title} on this model.")
    if not seat.is_free:
        raise NotAllowed(seat.why_not)
    return seat


def _require_time_to_sign(case: Case, decision: SignOff.Decision) -> None:
    if decision not in SignOff.YES or case.readiness.may_ask_for_sign_offs:
        return
    if case.readiness.is_unblocked:
        raise RuleBroken("The gate warns, and who asked for this has not answered the warnings.")
    blocked = "; ".join(each.title for each in case.readiness.with_state(VerdictState.BLOCKED))
    raise RuleBroken(
        "Conditions of the gate are still closed, so nothing can be approved yet. "
        f"Not met: {blocked}."
    )


def _require_conditions(
    case: Case, decision: SignOff.Decision, conditions: Sequence[Asked], *, on: date
) -> None:
    """Refuse conditions where there must be none, none where there must be, and bad ones."""
    if decision != SignOff.Decision.APPROVE_WITH_CONDITIONS:
        if conditions:
            raise RuleBroken("Only an approval with conditions has conditions.")
        return
    if not conditions:
        raise RuleBroken("Say at least one condition: what, by whom, by when.")
    if len(conditions) > MOST_CONDITIONS:
        raise RuleBroken(f"A sign-off has at most {MOST_CONDITIONS} conditions.")
    most = case.gate.settings.get(CONDITION_DAYS)
    last = on + timedelta(days=int(str(most))) if most is not None else None
    for asked in conditions:
        if not asked.text.strip():
            raise RuleBroken("A condition says what has to be done.")
        if asked.due < on:
            raise RuleBroken("A condition is due today or later.")
        if last is not None and asked.due > last:
            raise RuleBroken(f"The policy wants conditions met by {last:%Y-%m-%d} at the latest.")
    _require_who_can_meet(case, conditions)


def _require_who_can_meet(case: Case, conditions: Sequence[Asked]) -> None:
    """Refuse to leave a condition to somebody who cannot open the page it is met on."""
    see = onlookers.who_see(case.request.root)
    for owner in (asked.owner for asked in conditions):
        if not owner.is_active:
            raise RuleBroken(f"The account of {owner} is closed. Name somebody else.")
        if owner.is_service_account:
            raise RuleBroken(f"{owner} is a service account. Name a person.")
        if owner not in see:
            raise RuleBroken(
                f"{owner} does not see {case.request.root}, so could not meet the condition. "
                "Name somebody who does, or have them given a duty on it first."
            )


def statement_offered(
    case: Case,
    *,
    role: str,
    decision: SignOff.Decision,
    by: Actor,
    ticket: Ticket,
    conditions: Sequence[Asked] = (),
) -> Statement:
    """Return the words somebody is about to sign, as a passkey signs them.

    Raises:
        StaleForm: when what the ticket says was shown is no longer so.
        NotAllowed: when this person may not sign in the role.
    """
    ticket.require_current(case.dossier, by=by)
    seat = _require_seat(case, role, by)
    return _statement(case, seat, decision, by=by, ticket=ticket, conditions=conditions)


def _expires(case: Case, ticket: Ticket) -> datetime:
    """Return when a sign-off lapses, counted from when it was shown, so that it can be foretold."""
    days = int(str(case.gate.settings["approval_valid_days"]))
    return ticket.shown_at + timedelta(days=days)


def _statement(
    case: Case,
    seat: Seat,
    decision: SignOff.Decision,
    *,
    by: Actor,
    ticket: Ticket,
    conditions: Sequence[Asked],
) -> Statement:
    return statement_of(
        case.request,
        case.dossier,
        decision=decision.value,
        role=seat.rule.role,
        by=by,
        nonce=ticket.nonce,
        expires=_expires(case, ticket),
        on_behalf_of=seat.on_behalf_of,
        conditions=[asked.as_record() for asked in conditions],
    )


def _signed(
    case: Case, seat: Seat, decision: SignOff.Decision, *, ticket: Ticket, reason: str
) -> SignOff:
    """Return a sign-off with everything it binds, yet to be given."""
    return SignOff(
        request=case.request,
        role=seat.rule.role,
        meaning=seat.rule.meaning,
        decision=decision,
        reason=reason,
        on_behalf_of=seat.on_behalf_of,
        dossier=case.dossier.text,
        dossier_digest=case.dossier.digest,
        expires_at=_expires(case, ticket),
    )
