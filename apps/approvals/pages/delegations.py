"""What the page of a person's delegations shows: given, received, and over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from apps.accounts import rights
from apps.accounts.models import User
from apps.accounts.roles import role_named
from apps.approvals.models import Delegation
from apps.approvals.onlookers import SIGNING_ROLES, signing_roles_of
from apps.catalog import queries as catalog
from apps.catalog.models import ModelDuty, RegisteredModel
from apps.core.actors import Actor
from apps.core.formats import calendar_day

MOST_PAST = 50


@dataclass(frozen=True)
class Row:
    """A delegation as its two people see it."""

    delegation: Delegation
    title: str
    text: str
    status: str
    tone: str
    may_end: bool = False


def of_person(person: User, *, on: date) -> Mapping[str, Any]:
    """Return the delegations of a person, in one query for each list."""
    standing = Q(ended_at=None, ends_on__gte=on)
    concerning = _named(Delegation.objects.filter(Q(delegator=person) | Q(delegate=person)))
    current = list(concerning.filter(standing).order_by("starts_on", "pk"))
    past = concerning.exclude(standing).order_by("-ends_on", "-pk")[:MOST_PAST]
    return {
        "given": [_given(one, on) for one in current if one.delegator_id == person.pk],
        "received": [_received(one, on) for one in current if one.delegate_id == person.pk],
        "past": [_past(one, person) for one in past],
        "can_delegate": bool(signing_roles_of(person.pk)),
    }


def in_effect(person_id: int, *, on: date) -> list[Row]:
    """Return who signs in a person's place on a day."""
    made = Delegation.objects.filter(
        delegator=person_id, ended_at=None, starts_on__lte=on, ends_on__gte=on
    )
    return [_given(one, on) for one in _named(made).order_by("ends_on", "pk")]


@dataclass(frozen=True)
class Offered:
    """The roles a person can delegate, and where they hold them."""

    roles: Sequence[tuple[str, str]]
    models: Sequence[RegisteredModel]


def offered_to(person: User, reader: Actor) -> Offered:
    """Return what a person can delegate: each role that signs, everywhere or on some models."""
    held = signing_roles_of(person.pk)
    there = ModelDuty.objects.filter(rights.held_by(person.pk), until=None, role__in=SIGNING_ROLES)
    models = catalog.models_visible_to(reader).filter(pk__in=there.values("model"))
    titles = [(role, role_named(role).title) for role in sorted(held)]
    return Offered(sorted(titles, key=lambda one: one[1]), list(models.order_by("name")))


def _named(made: QuerySet[Delegation]) -> QuerySet[Delegation]:
    return made.select_related("delegator", "delegate", "model")


def _given(one: Delegation, on: date) -> Row:
    status, tone = _standing(one, on)
    title = f"{one.delegate} signs for you as {one.get_role_display()}"
    return Row(one, title, _told(one), status, tone, may_end=True)


def _received(one: Delegation, on: date) -> Row:
    status, tone = _standing(one, on)
    title = f"You sign for {one.delegator} as {one.get_role_display()}"
    return Row(one, title, _told(one), status, tone)


def _past(one: Delegation, person: User) -> Row:
    is_own = one.delegator_id == person.pk
    title = (
        f"{one.delegate} signed for you as {one.get_role_display()}"
        if is_own
        else f"You signed for {one.delegator} as {one.get_role_display()}"
    )
    return Row(one, title, _told(one), "Ended early" if one.ended_at else "Over", "idle")


def _standing(one: Delegation, on: date) -> tuple[str, str]:
    return ("In effect", "good") if one.holds(on) else ("Not yet", "info")


def _told(one: Delegation) -> str:
    where = f"on {one.model.name}" if one.model else "on every model"
    last = one.ended_at.date() if one.ended_at else one.ends_on
    return f"{where[0].upper()}{where[1:]}, {calendar_day(one.starts_on)} to {calendar_day(last)}"
