"""The risk of a finding is borne until a day by a signature; then the finding is open again."""

from datetime import date, datetime

from apps.accounts.confirmation import Confirmation
from apps.accounts.signing.giving import give, require_person, require_unused
from apps.accounts.signing.statements import Statement
from apps.accounts.signing.terms import TermsTicket
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.core.actors import BY_WORKER, SYSTEM, Actor
from apps.core.errors import NotAllowed
from apps.core.sweeping import NotDue, sweeping
from apps.risk.accepting import BEAR, MEANING, Offer
from apps.risk.finding_rules import require
from apps.risk.models import Finding, RiskAcceptance, RiskAcceptanceSignOff

ACCEPT_RISK = Action(
    "finding.accept_risk",
    permission=BEAR,
    needs_reason=True,
    refusal="Risk officers, the committee and the accountable executive accept risks.",
    sealing=Sealing.FIRST,
)
END_ACCEPTANCE = Action("risk_acceptance.end", permission=BY_WORKER)


def accept_risk(
    finding: Finding,
    *,
    by: Actor,
    role: str,
    ends_on: date,
    ticket: TermsTicket,
    confirmed: Confirmation,
    reason: str,
) -> RiskAcceptance:
    """Sign that the risk of a finding is borne until a day; after it the finding is open again.

    Raises:
        StaleForm: when the finding, or the policy's limit, is not what was shown any more.
        NotAllowed: when its owner signs, who raised it, or whom a duty of the policy keeps from it.
        RuleBroken: when the day is over, or later than the policy allows.
    """
    with change(ACCEPT_RISK, finding, by=by, reason=reason) as record:
        person = require(ACCEPT_RISK, finding, by)
        require_unused(RiskAcceptanceSignOff, ticket.nonce)
        offer = Offer.of(finding, record.time)
        statement = _statement(offer, role, ends_on, record.reason, by=by, ticket=ticket)
        acceptance = RiskAcceptance(
            finding=finding,
            reason=record.reason,
            ends_on=ends_on,
            owner_id=finding.owner_id,
            accepted_by_id=person,
            accepted_at=record.time,
        )
        acceptance.save()
        give(
            RiskAcceptanceSignOff(acceptance=acceptance, role=role, meaning=MEANING),
            statement,
            record=record,
            by=by,
            nonce=ticket.nonce,
            confirmed=confirmed,
            factors=offer.says.signature.factors_required,
            noted={"terms": offer.signed_terms(ends_on, record.reason).digest},
        )
        finding.state = Finding.State.ACCEPTED
        finding.save()
        record.note(severity=finding.severity, ends_on=str(ends_on), policy=offer.says.digest)
    return acceptance


def acceptance_offered(
    finding: Finding,
    *,
    by: Actor,
    role: str,
    ends_on: date,
    ticket: TermsTicket,
    reason: str,
    at: datetime,
) -> Statement:
    """Return the words somebody is about to sign, as a passkey signs them.

    Raises:
        StaleForm: when the finding, or the policy's limit, is not what was shown any more.
        NotAllowed: when this person may not sign in the role.
    """
    require(ACCEPT_RISK, finding, by)
    return _statement(Offer.of(finding, at), role, ends_on, reason, by=by, ticket=ticket)


def end_acceptances(now: datetime) -> int:
    """Open every finding again whose accepted risk is over; return how many."""
    over = RiskAcceptance.objects.filter(ended_at=None, ends_on__lt=now.date())
    with sweeping() as sweep:
        sweep.each(list(over.order_by("ends_on", "pk")), end_acceptance)
    return sweep.done


def end_acceptance(acceptance: RiskAcceptance) -> None:
    """Open a finding again whose accepted risk is over; its day stays what it was."""
    with change(END_ACCEPTANCE, acceptance, by=SYSTEM) as record:
        if acceptance.ended_at is not None or acceptance.ends_on >= record.time.date():
            raise NotDue("It ended meanwhile, or its last day is still to come.")
        finding = acceptance.finding
        end_standing(finding, at=record.time)
        finding.save()
        record.note(finding=finding.record_id, ended_on=str(acceptance.ends_on))


def end_standing(finding: Finding, *, at: datetime) -> None:
    """End that the risk of a finding is borne, inside the change that says why; save it after."""
    for acceptance in finding.acceptances.filter(ended_at=None):
        acceptance.ended_at = at
        acceptance.save()
        finding.state = Finding.State.PLANNED if finding.plan else Finding.State.OPEN


def _statement(
    offer: Offer, role: str, ends_on: date, reason: str, *, by: Actor, ticket: TermsTicket
) -> Statement:
    require_person(by, "accepts risks")
    ticket.require_current(offer.terms, by=by)
    seat = next((one for one in offer.seats(by) if one.role == role), None)
    if seat is None:
        raise NotAllowed(f"{ACCEPT_RISK.refusal} You hold no such role on this model.")
    if seat.why_not:
        raise NotAllowed(seat.why_not)
    offer.require_day(ends_on)
    terms = offer.signed_terms(ends_on, reason)
    return terms.statement(meaning=MEANING, role=role, by=by, nonce=ticket.nonce)
