"""Letting somebody else sign while one is away: limited in time and scope, never further on."""

from datetime import date, timedelta

from apps.accounts.models import User
from apps.accounts.rights import roles_everywhere
from apps.accounts.roles import permissions_of, role_named
from apps.approvals import onlookers
from apps.approvals.models import Delegation
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.catalog.duties import roles_on
from apps.catalog.models import RegisteredModel
from apps.core.actors import ON_OWN, Actor
from apps.core.errors import NotAllowed, RuleBroken

MOST_DAYS = 60
SIGN = "catalog.sign_off"

DELEGATE = Action(
    "user.delegate",
    permission=ON_OWN,
    needs_reason=True,
    refusal="People delegate their own roles only.",
    sealing=Sealing.FIRST,
)
END_DELEGATION = Action(
    "delegation.end",
    permission=ON_OWN,
    refusal="Who delegated ends a delegation.",
    sealing=Sealing.AWAITED,
)


def delegate(
    delegator: User,
    *,
    by: Actor,
    to: User,
    role: str,
    starts_on: date,
    ends_on: date,
    reason: str,
    model: RegisteredModel | None = None,
) -> Delegation:
    """Let somebody sign in one's role, on one model or on all, from one day to another."""
    with change(DELEGATE, delegator, by=by, reason=reason) as record:
        if not by.is_person:
            raise NotAllowed("Only a person signed in through the browser delegates.")
        _require_sense(delegator, to, starts_on, ends_on, today=record.time.date())
        _require_held(delegator, role, model)
        _require_signer(to, model)
        made = Delegation(
            delegator=delegator,
            delegate=to,
            role=role,
            model=model,
            starts_on=starts_on,
            ends_on=ends_on,
            reason=record.reason,
            made_at=record.time,
        )
        _require_no_other(made)
        made.save()
        record.about(made)
        record.note(role=role, to=to.record_id, model=model.record_id if model else None)
    return made


def end_delegation(made: Delegation, *, by: Actor) -> None:
    """End a delegation before its day; what was signed under it stands."""
    with change(END_DELEGATION, made, by=by) as record:
        if made.ended_at is not None or record.time.date() > made.ends_on:
            raise RuleBroken("This delegation is over already.")
        made.ended_at = record.time
        made.save()


def _require_sense(
    delegator: User, to: User, starts_on: date, ends_on: date, *, today: date
) -> None:
    if to.pk == delegator.pk:
        raise RuleBroken("Name somebody else.")
    if not to.is_active or to.is_service_account or to.is_examiner:
        raise RuleBroken(f"{to} cannot sign. Name a person with an open account.")
    if starts_on < today or ends_on < starts_on:
        raise RuleBroken("A delegation starts today or later, and ends on or after that day.")
    if ends_on - starts_on >= timedelta(days=MOST_DAYS):
        raise RuleBroken(f"A delegation lasts at most {MOST_DAYS} days.")


def _require_held(delegator: User, role: str, model: RegisteredModel | None) -> None:
    """Refuse a role the delegator does not hold by right: a delegated one goes no further."""
    if SIGN not in permissions_of(frozenset({role})):
        raise RuleBroken(
            f"{role_named(role).title} signs nothing, so there is nothing to delegate."
        )
    held = roles_on(delegator.pk, model.pk) if model else roles_everywhere(delegator.pk)
    if role not in held:
        where = f"on {model}" if model else "on every model"
        raise NotAllowed(f"You do not hold the role {role_named(role).title} {where}.")


def _require_signer(to: User, model: RegisteredModel | None) -> None:
    """Refuse somebody who signs nothing there: standing in gives nobody the right to sign."""
    if model is None:
        if not onlookers.signing_roles_of(to.pk):
            raise RuleBroken(f"{to} holds no role that signs. Name somebody who signs.")
    elif roles_on(to.pk, model.pk).isdisjoint(onlookers.SIGNING_ROLES):
        raise RuleBroken(
            f"{to} holds no role that signs on {model}. Name somebody who signs there."
        )


def _require_no_other(made: Delegation) -> None:
    """Refuse a second stand-in for the same role at the same time and place."""
    others = Delegation.objects.filter(
        delegator=made.delegator,
        role=made.role,
        model=made.model,
        ended_at=None,
        starts_on__lte=made.ends_on,
        ends_on__gte=made.starts_on,
    )
    if others.exists():
        raise RuleBroken("Somebody stands in for you in this role in that time already.")
