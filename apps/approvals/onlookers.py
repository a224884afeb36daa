"""Who may be named: people who see a model, and people who sign anywhere."""

from collections.abc import Collection, Iterable

from django.db.models import Q

from apps.accounts import rights
from apps.accounts.models import AbstractDuty, Duty, User
from apps.accounts.roles import ROLES
from apps.catalog.models import ModelDuty, RegisteredModel

SIGN = "catalog.sign_off"
SIGNING_ROLES = frozenset(role.id for role in ROLES if SIGN in role.permissions)


def who_see(model: RegisteredModel) -> list[User]:
    """Return the people who may see a model: whoever holds a duty on it or everywhere."""
    there = ModelDuty.objects.filter(until=None, model=model)
    return _people([*Duty.objects.filter(until=None), *there])


def who_serve(model: RegisteredModel) -> list[User]:
    """Return the people who hold a duty on a model itself, and not only everywhere."""
    return _people(ModelDuty.objects.filter(until=None, model=model))


def who_sign() -> list[User]:
    """Return the people who hold a role that signs, everywhere or on some model."""
    everywhere = Duty.objects.filter(until=None, role__in=SIGNING_ROLES)
    there = ModelDuty.objects.filter(until=None, role__in=SIGNING_ROLES)
    return _people([*everywhere, *there])


def signing_roles_of(person_id: int) -> frozenset[str]:
    """Return the roles that sign and that a person holds, everywhere or on some model."""
    mine = Q(until=None, role__in=SIGNING_ROLES) & rights.held_by(person_id)
    everywhere = Duty.objects.filter(mine).values_list("role", flat=True)
    return frozenset(everywhere) | frozenset(
        ModelDuty.objects.filter(mine).values_list("role", flat=True)
    )


def named(people: Collection[User], name: str) -> list[User]:
    """Return who of some people bears a name: by sign-in name, else by the whole name."""
    sought = name.strip().casefold()
    by_username = [one for one in people if one.username.casefold() == sought]
    return by_username or [one for one in people if str(one).casefold() == sought]


def _people(duties: Iterable[AbstractDuty]) -> list[User]:
    held = list(duties)
    alone = {duty.user_id for duty in held if duty.user_id is not None}
    teams = {duty.team_id for duty in held if duty.team_id is not None}
    by_team = Q(memberships__team__in=teams, memberships__until=None)
    people = User.objects.filter(Q(pk__in=alone) | by_team, is_active=True)
    return list(people.filter(is_service_account=False).distinct().order_by("display_name", "pk"))
