"""Which roles people hold on which models, alone or through a team, everywhere or on one model."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from apps.accounts.models import Duty, TeamMembership
from apps.catalog.models import ModelDuty

RolesHeld = Mapping[tuple[int, int], frozenset[str]]
"""Roles by (user id, model id)."""


def roles_held(user_ids: Collection[int], model_ids: Collection[int]) -> RolesHeld:
    """Return the roles of many people on many models, in three queries."""
    people_of_team = _people_by_team(user_ids)
    held: dict[tuple[int, int], set[str]] = defaultdict(set)
    everywhere = Duty.objects.filter(until=None).values_list("role", "user_id", "team_id")
    on_models = ModelDuty.objects.filter(until=None, model__in=model_ids)
    for role, user_id, team_id in everywhere:
        for person in _holders(user_id, team_id, people_of_team):
            for model_id in model_ids:
                held[person, model_id].add(role)
    for role, user_id, team_id, model_id in on_models.values_list(
        "role", "user_id", "team_id", "model_id"
    ):
        for person in _holders(user_id, team_id, people_of_team):
            held[person, model_id].add(role)
    return {key: frozenset(roles) for key, roles in held.items() if key[0] in set(user_ids)}


def roles_on(user_id: int, model_id: int) -> frozenset[str]:
    """Return the roles one person holds on one model."""
    return roles_held([user_id], [model_id]).get((user_id, model_id), frozenset())


def _people_by_team(user_ids: Collection[int]) -> Mapping[int, set[int]]:
    people: dict[int, set[int]] = defaultdict(set)
    memberships = TeamMembership.objects.filter(until=None, user__in=user_ids)
    for team_id, user_id in memberships.values_list("team_id", "user_id"):
        people[team_id].add(user_id)
    return people


def _holders(
    user_id: int | None, team_id: int | None, people_of_team: Mapping[int, set[int]]
) -> Collection[int]:
    return [user_id] if user_id is not None else people_of_team.get(team_id or 0, set())
