"""Obligations are met by somebody's word, put off, and given to whoever sees to them."""

from datetime import date, timedelta

from apps.accounts.actors import actor_for
from apps.accounts.models import User
from apps.accounts.signing.giving import require_person
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import queries as catalog
from apps.core.actors import Actor, Door
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import require_text
from apps.risk.facts.owed import BY_ITSELF
from apps.risk.models import Obligation

MEET_OBLIGATION = Action(
    "obligation.meet",
    permission="catalog.manage_findings",
    needs_reason=True,
    refusal="You do not decide about obligations of this model.",
)
DEFER_OBLIGATION = Action(
    "obligation.defer",
    permission="catalog.manage_findings",
    needs_reason=True,
    refusal="You do not decide about obligations of this model.",
)
ASSIGN_OBLIGATION = Action(
    "obligation.assign",
    permission="catalog.answer_assessments",
    refusal="You do not answer for obligations of this model.",
)
MOST_REASON = 10_000
MOST_DAYS = 366
State, Kind = Obligation.State, Obligation.Kind


def meet_obligation(obligation: Obligation, *, by: Actor, reason: str) -> Obligation:
    """Say that an obligation is met, and why; somebody else than its owner says so.

    Evidence and documents meet theirs by being there. A sign-off is given at the gate, and a
    restriction ends only with an assessment that no longer asks for it.
    """
    with change(MEET_OBLIGATION, obligation, by=by, reason=reason) as record:
        _require_open(obligation)
        if why_not := why_not_met_by_word(obligation):
            raise RuleBroken(why_not)
        obligation.met_by_id = _require_somebody_else(obligation, by)
        require_text(record.reason, "The reason", MOST_REASON, lines=True)
        obligation.state, obligation.met_at = State.MET, record.time
        obligation.met_reason = record.reason
        obligation.deferred_until = None
        obligation.save()
        record.note(key=obligation.key)
    return obligation


def defer_obligation(obligation: Obligation, *, by: Actor, until: date, reason: str) -> Obligation:
    """Put an obligation off until the end of a day; somebody else than its owner does so."""
    with change(DEFER_OBLIGATION, obligation, by=by, reason=reason) as record:
        _require_open(obligation)
        if why_not := why_not_deferred(obligation):
            raise RuleBroken(why_not)
        deferrer = _require_somebody_else(obligation, by)
        require_text(record.reason, "The reason", MOST_REASON, lines=True)
        _require_day(until, on=record.time.date())
        obligation.state, obligation.deferred_until = State.DEFERRED, until
        obligation.deferred_by_id, obligation.deferred_reason = deferrer, record.reason
        obligation.save()
        record.note(key=obligation.key, until=str(until))
    return obligation


def assign_obligation(obligation: Obligation, *, by: Actor, owner: User) -> Obligation:
    """Let somebody see to an obligation who may see the model."""
    with change(ASSIGN_OBLIGATION, obligation, by=by) as record:
        _require_open(obligation)
        if why_not := why_not_given_on(obligation, by):
            raise NotAllowed(why_not)
        if not owner.is_active or owner.is_service_account:
            raise RuleBroken(f"{owner} cannot see to it: a person with an open account does.")
        if not actor_for(owner, door=Door.WORKER).may(catalog.VIEW, obligation.model):
            raise RuleBroken(f"{owner} cannot see to it: this model is not shown to them.")
        if obligation.owner_id == owner.pk:
            raise RuleBroken(f"{owner} sees to it already.")
        obligation.owner = owner
        obligation.save()
        record.note(key=obligation.key, owner=owner.record_id)
    return obligation


def why_not_met_by_word(obligation: Obligation) -> str:
    """Say why nobody's word meets an obligation, or nothing."""
    if obligation.kind in BY_ITSELF:
        return "It is met by what it asks for: once that is there and counts, nobody needs to say."
    if obligation.kind == Kind.SIGN_OFF:
        return "It is met at the gate, by the signature it asks for."
    if obligation.kind == Kind.RESTRICTION:
        return "A restriction ends only with a new assessment that no longer asks for it."
    return ""


def why_not_deferred(obligation: Obligation) -> str:
    """Say why an obligation is put off by nobody, or nothing."""
    if obligation.kind == Kind.SIGN_OFF:
        return "A signature is not put off. The gate asks for it whenever it is met."
    if obligation.kind == Kind.RESTRICTION:
        return "A restriction is not put off."
    return ""


def why_not_given_on(obligation: Obligation, by: Actor) -> str:
    """Say why somebody does not give an obligation to another, or nothing.

    Who could hand on their own could then call it met.
    """
    owner_id = obligation.owner_id
    if owner_id is None or owner_id == obligation.model.owner_id:
        return ""
    if by.user_id != owner_id and not _is_program_of(owner_id, by):
        return ""
    return "You answer for it, so somebody else gives it on."


def _is_program_of(person_id: int, by: Actor) -> bool:
    """Say whether a program acts that a person answers for."""
    account: User | None = User.objects.filter(pk=by.user_id).first()
    return account is not None and account.answerable_id == User.RECORD.id_of(person_id)


def _require_open(obligation: Obligation) -> None:
    if obligation.state not in {State.OPEN, State.DEFERRED}:
        raise RuleBroken(f"It is closed: {obligation.get_state_display().lower()}.")


def _require_somebody_else(obligation: Obligation, by: Actor) -> int:
    """Refuse programs, and whoever answers for the model or for the obligation."""
    user_id = require_person(by, "decides about an obligation")
    if user_id in {obligation.model.owner_id, obligation.owner_id}:
        raise NotAllowed("You answer for it, so somebody else decides about it.")
    return user_id


def _require_day(until: date, *, on: date) -> None:
    if until <= on:
        raise RuleBroken("It is put off until a day to come.")
    if until > (last := on + timedelta(days=MOST_DAYS)):
        raise RuleBroken(f"It is put off for {MOST_DAYS} days at most: until {last}.")
