"""What follows an emergency: others confirm it in hours, or it ends; then somebody looks back."""

from datetime import datetime

from apps.accounts.confirmation import Confirmation
from apps.accounts.signing.giving import give, require_person, require_unused
from apps.accounts.signing.statements import Statement
from apps.accounts.signing.terms import TermsTicket
from apps.approvals import authorizing, in_force, ratifying
from apps.approvals.models import (
    ROLLBACK,
    Authorization,
    Emergency,
    Ratification,
    RuleBreach,
)
from apps.approvals.policies import Mode, gate_of
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.core.actors import BY_WORKER, SYSTEM, Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.sweeping import sweeping
from apps.risk.models import Finding, Severity
from apps.risk.operations import findings
from apps.risk.operations.findings import Found

RATIFY = Action(
    "emergency.ratify",
    permission="catalog.sign_off",
    needs_reason=True,
    refusal="You hold no role on this model that confirms an emergency.",
    sealing=Sealing.FIRST,
)
LAPSE_EMERGENCY = Action("emergency.lapse", permission=BY_WORKER)
REVIEW_EMERGENCY = Action(
    "emergency.review",
    permission="catalog.review_emergencies",
    needs_reason=True,
    refusal="Only a validator or a model risk officer reviews an emergency.",
)


class NotLapsed(RuleBroken):
    """It was confirmed meanwhile, or there still is time."""

    code = "not_lapsed"


def ratify(
    emergency: Emergency,
    *,
    by: Actor,
    role: str,
    ticket: TermsTicket,
    confirmed: Confirmation,
    reason: str,
) -> Ratification:
    """Confirm an emergency in one role; once everybody did, its authorization lasts as any other.

    Raises:
        StaleForm: when what the ticket says was shown is no longer so.
    """
    with change(RATIFY, emergency, by=by, reason=reason) as record:
        require_person(by, "confirms an emergency")
        statement = _statement(emergency, role, by=by, ticket=ticket, at=record.time)
        require_unused(Ratification, ticket.nonce)
        signed = Ratification(
            emergency=emergency, role=role, meaning=ratifying.MEANING, reason=record.reason
        )
        give(
            signed,
            statement,
            record=record,
            by=by,
            nonce=ticket.nonce,
            confirmed=confirmed,
            factors=in_force.policy().signature.factors_required,
        )
        record.note(authorization=emergency.authorization.record_id)
        given = emergency.ratifications.values_list("role", flat=True)
        if {*emergency.roles} <= {*given}:
            _require_by_right(emergency)
            _settle(emergency, at=record.time)
            record.note(ratified=True)
    return signed


def ratification_offered(
    emergency: Emergency, *, by: Actor, role: str, ticket: TermsTicket, at: datetime
) -> Statement:
    """Return the words somebody is about to sign, as a passkey signs them."""
    return _statement(emergency, role, by=by, ticket=ticket, at=at)


def lapse_emergencies(now: datetime) -> int:
    """End every emergency nobody confirmed in time; return how many this ended."""
    late = Emergency.objects.filter(state=Emergency.State.OPEN, ratify_until__lte=now)
    with sweeping() as sweep:
        sweep.each(list(late.order_by("ratify_until", "pk")), lapse_emergency)
    return sweep.done


def lapse_emergency(emergency: Emergency) -> None:
    """End an emergency that was not confirmed in time: its authorization is suspended."""
    with change(LAPSE_EMERGENCY, emergency, by=SYSTEM) as record:
        if emergency.state != Emergency.State.OPEN or record.time < emergency.ratify_until:
            raise NotLapsed("It was confirmed meanwhile, or there still is time.")
        emergency.state, emergency.settled_at = Emergency.State.LAPSED, record.time
        emergency.save()
        given = set(emergency.ratifications.values_list("role", flat=True))
        record.note(missing=[role for role in emergency.roles if role not in given])
        if ratifying.is_critical(in_force.policy()):
            record.note(action=RuleBreach.Action.OPEN_FINDING.value, severity="critical")
            found = findings.find(emergency.authorization.version, _found(emergency))
            record.note(finding=found.record_id)
        granted = emergency.authorization
        if authorizing.of(granted.version) == granted:
            why = f"{emergency} was not confirmed in time."
            authorizing.end(
                granted.version, at=record.time, why=why, state=Authorization.State.SUSPENDED
            )
            record.note(suspended=granted.record_id)


def _found(emergency: Emergency) -> Found:
    return Found(
        f"emergency:{emergency.record_id}",
        Finding.Source.EMERGENCY,
        Severity.CRITICAL,
        f"{emergency} of {emergency.authorization.version} was not confirmed in time",
        emergency.reason,
    )


def review_emergency(emergency: Emergency, *, by: Actor, reason: str) -> None:
    """Say what somebody else found who looked back; the model's next promotion may go on."""
    with change(REVIEW_EMERGENCY, emergency, by=by, reason=reason) as record:
        reviewer_id = require_person(by, "reviews an emergency")
        if reviewer_id == emergency.acted_by_id:
            raise NotAllowed("You acted in this emergency, so somebody else reviews it.")
        if emergency.state == Emergency.State.OPEN:
            raise RuleBroken("People are still asked to confirm it. Review it once that is over.")
        if emergency.reviewed_at is not None:
            raise RuleBroken("It was reviewed already.")
        emergency.review = record.reason
        emergency.reviewed_by_id, emergency.reviewed_at = reviewer_id, record.time
        emergency.save()
        record.note(outcome=emergency.state)


def _statement(
    emergency: Emergency, role: str, *, by: Actor, ticket: TermsTicket, at: datetime
) -> Statement:
    if emergency.state != Emergency.State.OPEN:
        raise RuleBroken(f"This is settled: {emergency.get_state_display().lower()}.")
    if at >= emergency.ratify_until:
        raise RuleBroken("The time to confirm it is over, so it ends. Review it instead.")
    terms = ratifying.terms_of(emergency)
    ticket.require_current(terms, by=by)
    ratifying.require_seat(emergency, role, by)
    return terms.statement(meaning=ratifying.MEANING, role=role, by=by, nonce=ticket.nonce)


def _require_by_right(emergency: Emergency) -> None:
    """Refuse to settle what somebody confirmed who no longer may."""
    if gone := ratifying.no_longer_by_right(emergency):
        names = " and ".join(f"{one.signer_name} as {one.get_role_display()}" for one in gone)
        raise RuleBroken(
            f"It was confirmed by {names}, who no longer can. Let it lapse, and ask for the "
            "renewal of its authorization."
        )


def _settle(emergency: Emergency, *, at: datetime) -> None:
    """Note that everybody confirmed, and let what was authorized last as long as any rollback."""
    emergency.state, emergency.settled_at = Emergency.State.RATIFIED, at
    emergency.save()
    granted = emergency.authorization
    if authorizing.of(granted.version) == granted:
        gate = gate_of(in_force.policy(), ROLLBACK, granted.tier, Mode.EMERGENCY)
        granted.valid_until = authorizing.lasts_until(gate, granted.granted_at)
        granted.changed_at = at
        granted.save()
