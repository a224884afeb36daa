"""Another tier than the assessed one: asked for, signed by two roles, taken back."""

from datetime import date, datetime, timedelta

from apps.accounts.confirmation import Confirmation
from apps.accounts.signing.giving import give, require_person
from apps.accounts.signing.statements import Statement
from apps.accounts.signing.terms import TermsTicket
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.catalog import operations as catalog
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import require_text
from apps.risk.facts.judged import Judged
from apps.risk.models import TierOverride, TierOverrideSignOff
from apps.risk.operations.tier_ends import restore
from apps.risk.overriding import ROLES, Offer, why_not_tier
from apps.risk.policy_says import policy
from apps.risk.tier_values import of_tiering

OVERRIDE_TIER = Action(
    "model.override_tier",
    permission="catalog.override_tier",
    needs_reason=True,
    refusal="Only a model risk officer asks for another tier.",
    sealing=Sealing.FIRST,
)
SIGN_TIER_OVERRIDE = Action(
    "tier_override.sign",
    permission="catalog.sign_off",
    needs_reason=True,
    refusal="You hold no role on this model that signs.",
    sealing=Sealing.FIRST,
)
WITHDRAW_TIER_OVERRIDE = Action(
    "tier_override.withdraw",
    permission="catalog.override_tier",
    needs_reason=True,
    refusal="Only a model risk officer takes another tier back.",
)
MOST_DAYS = 366
"""For how long another tier may hold, before the model is tiered anew or this is signed anew."""
MOST_REASON = 10_000
_MEANING = "approval"
State = TierOverride.State
Decision = TierOverrideSignOff.Decision


def override_tier(
    model: RegisteredModel, *, by: Actor, tier: int, ends_on: date, reason: str
) -> TierOverride:
    """Ask that a model be treated at another tier than its tiering found, until a day.

    Raises:
        RuleBroken: when nothing was assessed, or the tiering allows no such tier.
    """
    with change(OVERRIDE_TIER, model, by=by, reason=reason) as record:
        asker = require_person(by, "asks for another tier")
        require_text(record.reason, "The reason", MOST_REASON, lines=True)
        current = Judged.of([model.pk]).tier(model.pk, record.time)
        if why_not := why_not_tier(current, tier):
            raise RuleBroken(why_not)
        assert current.tiering is not None
        _require_day(ends_on, on=record.time.date())
        _require_no_other(model)
        override = TierOverride(
            model=model,
            assessment_id=current.tiering.pk,
            assessed_tier=current.assessed,
            tier=tier,
            reason=record.reason,
            ends_on=ends_on,
            roles=list(ROLES),
            asked_by_id=asker,
            asked_at=record.time,
        )
        override.save()
        record.about(override)
        record.note(
            model=model.record_id,
            assessed=current.assessed,
            tier=tier,
            ends_on=str(ends_on),
        )
    return override


def sign_tier_override(
    override: TierOverride,
    *,
    by: Actor,
    role: str,
    decision: TierOverrideSignOff.Decision,
    ticket: TermsTicket,
    confirmed: Confirmation,
    reason: str,
) -> TierOverrideSignOff:
    """Give another tier in one role, or decline it; the last signature puts it in force.

    Raises:
        StaleForm: when what the ticket says was shown is no longer so.
    """
    with change(SIGN_TIER_OVERRIDE, override, by=by, reason=reason) as record:
        override.require_asked()
        require_person(by, "signs another tier")
        offer = Offer.of(override, record.time)
        signed = TierOverrideSignOff(
            override=override,
            role=role,
            meaning=_MEANING,
            decision=decision,
            reason=record.reason,
        )
        give(
            signed,
            _statement(offer, role, decision, by=by, ticket=ticket),
            record=record,
            by=by,
            nonce=ticket.nonce,
            confirmed=confirmed,
            factors=policy().signature.factors_required,
            meaning=decision.value,
        )
        record.note(tier=override.tier, terms=offer.terms.digest)
        if decision == Decision.DECLINE:
            _decide(override, State.DECLINED, by=by, at=record.time, why=record.reason)
        elif {*override.roles} <= {role, *(one.role for one in offer.given)}:
            _grant(offer, by=by, at=record.time)
            record.note(granted_until=str(override.ends_on))
    return signed


def tier_override_statement_offered(
    override: TierOverride,
    *,
    by: Actor,
    role: str,
    decision: TierOverrideSignOff.Decision,
    ticket: TermsTicket,
    at: datetime,
) -> Statement:
    """Return the words somebody is about to sign, as a passkey signs them.

    Raises:
        StaleForm: when what the ticket says was shown is no longer so.
        NotAllowed: when this person may not sign in the role.
    """
    override.require_asked()
    return _statement(Offer.of(override, at), role, decision, by=by, ticket=ticket)


def withdraw_tier_override(override: TierOverride, *, by: Actor, reason: str) -> TierOverride:
    """Take another tier back: one that waits, or a lighter one that is in force.

    A stricter one in force ends by a new tiering or its last day, never by one person.
    """
    with change(WITHDRAW_TIER_OVERRIDE, override, by=by, reason=reason) as record:
        require_person(by, "takes another tier back")
        if override.state not in {State.ASKED, State.GRANTED}:
            raise RuleBroken(f"It is over: {override.get_state_display().lower()}.")
        was_granted = override.state == State.GRANTED
        if was_granted and not override.is_lighter:
            raise RuleBroken(
                "Two people made this tier stricter, so nobody makes it lighter alone. "
                "Assess the model anew."
            )
        if was_granted:
            override.state, override.ended_at, override.why = (
                State.ENDED,
                record.time,
                record.reason,
            )
            override.save()
            restore(override, by=by)
        else:
            _decide(override, State.WITHDRAWN, by=by, at=record.time, why=record.reason)
        record.note(tier=override.tier, assessed=override.assessed_tier)
    return override


def _statement(
    offer: Offer,
    role: str,
    decision: TierOverrideSignOff.Decision,
    *,
    by: Actor,
    ticket: TermsTicket,
) -> Statement:
    ticket.require_current(offer.terms, by=by)
    _require_seat(offer, role, by)
    if decision == Decision.APPROVE:
        offer.require_still_allowed()
    return offer.terms.statement(meaning=decision.value, role=role, by=by, nonce=ticket.nonce)


def _require_seat(offer: Offer, role: str, by: Actor) -> None:
    seat = next((seat for seat in offer.seats(by) if seat.role == role), None)
    if seat is None:
        raise RuleBroken("Another tier needs no signature in this role.")
    if seat.given is not None:
        raise NotAllowed(f"{seat.given.signer_name} signed in this role already.")
    if not seat.is_held:
        raise NotAllowed(f"You do not hold the role {seat.title} on this model.")
    if seat.why_not:
        raise NotAllowed(seat.why_not)


def _grant(offer: Offer, *, by: Actor, at: datetime) -> None:
    """Put another tier in force, provided those who signed before signed this, and still may."""
    if differing := offer.differing():
        names = " and ".join(one.signer_name for one in differing)
        raise RuleBroken(
            f"What it rests on changed since {names} signed. Have it withdrawn, and ask again."
        )
    if gone := offer.no_longer_by_right():
        names = " and ".join(one.signer_name for one in gone)
        raise RuleBroken(f"{names} signed it and no longer can. Have it withdrawn, and ask again.")
    override = offer.override
    _decide(override, State.GRANTED, by=by, at=at)
    values = of_tiering(override.assessment, override.tier)
    catalog.record_assessed(override.model, values, by=by, assessment=override.assessment.record_id)


def _decide(
    override: TierOverride, state: TierOverride.State, *, by: Actor, at: datetime, why: str = ""
) -> None:
    override.state, override.decided_at, override.why = state, at, why
    override.decided_by_id = by.user_id
    override.save()


def _require_day(ends_on: date, *, on: date) -> None:
    if ends_on <= on:
        raise RuleBroken("It ends on a day to come.")
    if ends_on > (last := on + timedelta(days=MOST_DAYS)):
        raise RuleBroken(f"Another tier holds for {MOST_DAYS} days at most: until {last}.")


def _require_no_other(model: RegisteredModel) -> None:
    other = model.tier_overrides.filter(state__in=[State.ASKED, State.GRANTED]).first()
    if other is None:
        return
    if other.state == State.ASKED:
        raise RuleBroken("Another tier is asked for already. Sign it, or withdraw it.")
    raise RuleBroken(f"Tier {other.tier} is in force until {other.ends_on} already.")
