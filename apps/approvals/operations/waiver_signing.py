"""Signing a waiver: each role the policy names gives it, by different people, or declines."""

from datetime import datetime

from apps.accounts.confirmation import Confirmation
from apps.accounts.roles import role_named
from apps.accounts.signing.giving import give, require_person, require_unused
from apps.accounts.signing.statements import Statement
from apps.accounts.signing.terms import TermsTicket
from apps.approvals.models import Waiver, WaiverSignOff
from apps.approvals.operations.waivers import decide, require_asked
from apps.approvals.waiving import Offer
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken

SIGN_WAIVER = Action(
    "waiver.sign",
    permission="catalog.sign_off",
    needs_reason=True,
    refusal="You hold no role on this model that signs.",
    sealing=Sealing.FIRST,
)
_MEANING = "approval"


def sign_waiver(
    waiver: Waiver,
    *,
    by: Actor,
    role: str,
    decision: WaiverSignOff.Decision,
    ticket: TermsTicket,
    confirmed: Confirmation,
    reason: str,
) -> WaiverSignOff:
    """Give a waiver in one role, or decline it; the last signature needed grants it.

    Raises:
        StaleForm: when what the ticket says was shown is no longer so.
    """
    with change(SIGN_WAIVER, waiver, by=by, reason=reason) as record:
        require_asked(waiver)
        require_person(by, "signs a waiver")
        offer = Offer.of(waiver, record.time)
        statement = _statement(offer, role, decision, by=by, ticket=ticket)
        require_unused(WaiverSignOff, ticket.nonce)
        signed = WaiverSignOff(
            waiver=waiver, role=role, meaning=_MEANING, decision=decision, reason=record.reason
        )
        give(
            signed,
            statement,
            record=record,
            by=by,
            nonce=ticket.nonce,
            confirmed=confirmed,
            factors=offer.rules.policy.signature.factors_required,
            meaning=decision.value,
        )
        record.note(condition=waiver.condition, terms=offer.terms.digest)
        if decision == WaiverSignOff.Decision.DECLINE:
            decide(waiver, Waiver.State.DECLINED, by=by, at=record.time, why=record.reason)
        elif {*waiver.roles} <= {role, *(one.role for one in offer.given)}:
            _grant(offer, by=by, at=record.time)
            record.note(granted_until=str(waiver.ends_on))
    return signed


def waiver_statement_offered(
    waiver: Waiver,
    *,
    by: Actor,
    role: str,
    decision: WaiverSignOff.Decision,
    ticket: TermsTicket,
    at: datetime,
) -> Statement:
    """Return the words somebody is about to sign, as a passkey signs them.

    Raises:
        StaleForm: when what the ticket says was shown is no longer so.
        NotAllowed: when this person may not sign in the role.
    """
    require_asked(waiver)
    return _statement(Offer.of(waiver, at), role, decision, by=by, ticket=ticket)


def _statement(
    offer: Offer, role: str, decision: WaiverSignOff.Decision, *, by: Actor, ticket: TermsTicket
) -> Statement:
    ticket.require_current(offer.terms, by=by)
    _require_seat(offer, role, by)
    if decision == WaiverSignOff.Decision.APPROVE:
        offer.require_still_allowed()
    return offer.terms.statement(meaning=decision.value, role=role, by=by, nonce=ticket.nonce)


def _require_seat(offer: Offer, role: str, by: Actor) -> None:
    seat = next((seat for seat in offer.seats(by) if seat.role == role), None)
    if seat is None:
        raise RuleBroken("The policy asks for no signature in this role.")
    if seat.given is not None:
        raise NotAllowed(f"{seat.given.signer_name} signed in this role already.")
    if not seat.is_held:
        raise NotAllowed(f"You do not hold the role {seat.title} on this model.")
    if seat.why_not:
        raise NotAllowed(seat.why_not)


def _grant(offer: Offer, *, by: Actor, at: datetime) -> None:
    """Grant a waiver, provided everybody who signed it before still may."""
    if gone := offer.no_longer_by_right():
        names = " and ".join(
            f"{one.signer_name} as {role_named(one.role).title.lower()}" for one in gone
        )
        raise RuleBroken(
            f"It was signed by {names}, who no longer can. Have it withdrawn, and ask again."
        )
    decide(offer.waiver, Waiver.State.GRANTED, by=by, at=at)
