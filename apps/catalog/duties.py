"""Which roles people hold on which models, alone or through a team, everywhere or on one model."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import F, QuerySet, Value

from apps.accounts.models import Duty
from apps.catalog.models import ModelDuty

Place = F | Value
_EVERYWHERE = 0
"""Stands for every model, where the id of one would be."""
RolesHeld = Mapping[tuple[int, int], frozenset[str]]
"""Roles by (user id, model id)."""


def roles_held(user_ids: Collection[int], model_ids: Collection[int]) -> RolesHeld:
    """Return the roles of many people on many models, in one query."""
    everywhere, on_models = Duty.objects.all(), ModelDuty.objects.filter(model__in=model_ids)
    rows = _held_by(user_ids, everywhere, Value(_EVERYWHERE)).union(
        _held_in_teams(user_ids, everywhere, Value(_EVERYWHERE)),
        _held_by(user_ids, on_models, F("model_id")),
        _held_in_teams(user_ids, on_models, F("model_id")),
    )
    held: dict[tuple[int, int], set[str]] = defaultdict(set)
    for role, person, place in rows:
        for model_id in model_ids if place == _EVERYWHERE else (place,):
            held[person, model_id].add(role)
    return {key: frozenset(roles) for key, roles in held.items()}


def roles_on(user_id: int, model_id: int) -> frozenset[str]:
    """Return the roles one person holds on one model."""
    return roles_held([user_id], [model_id]).get((user_id, model_id), frozenset())


def who_holds(roles: Collection[str], model_id: int) -> Mapping[str, Collection[int]]:
    """Return who holds some roles on a model, everywhere or there, or by a team, in one query."""
    alone, by_team = ("role", "user_id"), ("role", "team__memberships__user_id")
    everywhere = Duty.objects.filter(role__in=roles, until=None).order_by()
    there = ModelDuty.objects.filter(role__in=roles, until=None, model=model_id).order_by()
    rows = everywhere.values_list(*alone).union(
        there.values_list(*alone),
        everywhere.filter(team__memberships__until=None).values_list(*by_team),
        there.filter(team__memberships__until=None).values_list(*by_team),
    )
    held: dict[str, set[int]] = defaultdict(set)
    for role, user_id in rows:
        if user_id is not None:  # a duty of a team, or a team nobody is in
            held[role].add(user_id)
    return held


def _held_by(user_ids: Collection[int], duties: QuerySet[Any], place: Place) -> QuerySet[Any, Any]:
    """Return role, person and place of the duties people hold themselves."""
    own = duties.filter(until=None, user__in=user_ids).order_by()
    return own.values_list("role", "user_id", place)


def _held_in_teams(
    user_ids: Collection[int], duties: QuerySet[Any], place: Place
) -> QuerySet[Any, Any]:
    """Return the same of the duties that teams hold they are in now."""
    of_teams = duties.filter(
        until=None, team__memberships__user__in=user_ids, team__memberships__until=None
    )
    return of_teams.order_by().values_list("role", "team__memberships__user_id", place)
