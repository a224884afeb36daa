"""Signing off, declining, and taking a sign-off back before it takes effect."""

from datetime import datetime, timedelta

from apps.accounts.confirmation import Confirmation
from apps.approvals import cases, signers
from apps.approvals.cases import Case
from apps.approvals.models import PromotionRequest, SignOff, SignOffWithdrawal
from apps.approvals.operations.requests import close_as
from apps.approvals.policies import SlotRule
from apps.approvals.statements import StaleForm, Statement, Ticket
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken

SIGN_OFF = Action(
    "request.sign_off",
    permission="catalog.sign_off",
    needs_reason=True,
    refusal="You hold no role on this model that signs.",
)
WITHDRAW_SIGN_OFF = Action(
    "sign_off.withdraw",
    permission="catalog.sign_off",
    needs_reason=True,
    refusal="You hold no role on this model that signs.",
)


def sign_off(
    request: PromotionRequest,
    *,
    by: Actor,
    role: str,
    decision: SignOff.Decision,
    reason: str,
    ticket: Ticket,
    confirmed: Confirmation,
) -> SignOff:
    """Sign, or decline, in one slot what the ticket says was shown; a decline ends the request."""
    with change(SIGN_OFF, request, by=by, reason=reason) as record:
        request.require_open()
        signer_id = _require_person(by)
        confirmed.require_fresh(by, now=record.time)
        [case] = cases.complete([request], at=record.time)
        ticket.require_current(case.dossier, by=by)
        _require_unused(ticket)
        rule = _require_seat(case, role, by)
        _require_time_to_sign(case, decision)
        signed = _signed(case, rule, decision, by=by, nonce=ticket.nonce, at=record.time)
        signed.signer_id, signed.method = signer_id, confirmed.method
        signed.reason = record.reason
        signed.save()
        record.note(
            target=request.target,
            role=role,
            sign_off=signed.record_id,
            dossier=signed.dossier_digest,
        )
        record.sign(
            meaning=decision.value,
            statement=signed.statement_digest,
            method=confirmed.method,
            at=record.time,
        )
        if decision == SignOff.Decision.DECLINE:
            close_as(request, PromotionRequest.State.DECLINED, by=by, at=record.time)
    return signed


def withdraw_sign_off(signed: SignOff, *, by: Actor, reason: str) -> SignOffWithdrawal:
    """Take one's own sign-off back while the request is open; it stays, struck through."""
    with change(WITHDRAW_SIGN_OFF, signed, by=by, reason=reason) as record:
        if signed.signer_id != _require_person(by):
            raise NotAllowed("Only the signer takes a sign-off back.")
        signed.request.require_open()
        if SignOffWithdrawal.objects.filter(sign_off=signed).exists():
            raise RuleBroken("This sign-off was withdrawn already.")
        withdrawal = SignOffWithdrawal(
            sign_off=signed, reason=record.reason, withdrawn_at=record.time
        )
        withdrawal.save()
        record.note(request=signed.request.record_id, role=signed.role)
    return withdrawal


def _require_person(by: Actor) -> int:
    """Refuse tokens, service accounts and commands: only people sign (21 CFR 11.100(a))."""
    if not by.is_person or by.user_id is None:
        raise NotAllowed("Only a person signed in through the browser signs.")
    return by.user_id


def _require_seat(case: Case, role: str, by: Actor) -> SlotRule:
    """Return the slot of a role, provided this person may fill it now."""
    rule = next((slot.rule for slot in case.readiness.slots if slot.rule.role == role), None)
    if rule is None:
        raise RuleBroken("The policy asks for no sign-off in this role.")
    seat = next((seat for seat in signers.seats_of(case, by=by) if seat.rule == rule), None)
    if seat is None:
        raise NotAllowed(f"You do not hold the role {rule.title} on this model.")
    if not seat.is_free:
        raise NotAllowed(seat.why_not)
    return rule


def _require_time_to_sign(case: Case, decision: SignOff.Decision) -> None:
    if decision == SignOff.Decision.APPROVE and not case.readiness.may_ask_for_sign_offs:
        raise RuleBroken("Conditions of the gate are still closed, so nothing can be approved yet.")


def _require_unused(ticket: Ticket) -> None:
    if SignOff.objects.filter(nonce=ticket.nonce).exists():
        raise StaleForm("This form was sent already. Open the page again to see where it stands.")


def _signed(
    case: Case, rule: SlotRule, decision: SignOff.Decision, *, by: Actor, nonce: str, at: datetime
) -> SignOff:
    """Return the sign-off with the statement it signs and everything that binds."""
    days = int(str(case.policy.tier(case.readiness.tier).settings["approval_valid_days"]))
    expires = at + timedelta(days=days)
    statement = Statement.of(
        case.request,
        case.dossier,
        decision=decision.value,
        role=rule.role,
        by=by,
        nonce=nonce,
        expires=expires,
    )
    return SignOff(
        request=case.request,
        role=rule.role,
        meaning=rule.meaning,
        decision=decision,
        signer_name=by.name,
        statement=statement.text,
        statement_digest=statement.digest,
        dossier=case.dossier.text,
        dossier_digest=case.dossier.digest,
        nonce=nonce,
        signed_at=at,
        expires_at=expires,
    )
