"""Who holds which role, everywhere and on some models, as the simulation of duties reads it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from apps.accounts import queries as accounts
from apps.accounts.models import Duty, TeamMembership, User
from apps.approvals.facts import people as signers
from apps.approvals.facts.people import Lines
from apps.approvals.policies.duties import Person
from apps.catalog.models import ModelDuty

Held = Mapping[int, Mapping[int, frozenset[str]]]
"""Roles by model, by person."""


@dataclass(frozen=True)
class People:
    """Everybody whose account is open and who holds a duty, with what is read of them."""

    users: Mapping[int, User]
    lines: Lines
    everywhere: Mapping[int, frozenset[str]]
    on_any_model: Mapping[int, frozenset[str]]
    teams: Mapping[int, Collection[int]]
    _known: dict[tuple[int, frozenset[str]], Person] = field(default_factory=dict)

    @classmethod
    def now(cls) -> "People":
        """Read everybody in five queries."""
        teams = _members()
        everywhere = _by_person(Duty.objects.filter(until=None), teams)
        on_models = _by_person(ModelDuty.objects.filter(until=None), teams)
        users = {
            user.pk: user
            for user in User.objects.filter(pk__in={*everywhere, *on_models}, is_active=True)
        }
        return cls(users, accounts.managers_of(users), everywhere, on_models, teams)

    def holding_everywhere(self) -> list[Person]:
        """Return people with the roles they hold in the whole organization."""
        return self._persons(self.everywhere)

    def holding_anywhere(self) -> list[Person]:
        """Return people with every role they hold, were it on one model only."""
        ids = {*self.everywhere, *self.on_any_model}
        none: frozenset[str] = frozenset()
        return self._persons(
            {pk: self.everywhere.get(pk, none) | self.on_any_model.get(pk, none) for pk in ids}
        )

    def held_on(self, models: Collection[int]) -> Held:
        """Return who holds a role on each of some models in particular, in one query."""
        found: dict[int, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
        duties = ModelDuty.objects.filter(until=None, model__in=models)
        for model, role, user, team in duties.values_list("model", "role", "user", "team"):
            for pk in _who(user, team, self.teams):
                found[model][pk].add(role)
        return {
            model: {pk: frozenset(roles) for pk, roles in held.items()}
            for model, held in found.items()
        }

    def holding_on(self, held: Mapping[int, frozenset[str]]) -> list[Person]:
        """Return people with the roles they hold on one model, those held everywhere among them."""
        others = {pk: roles for pk, roles in self.everywhere.items() if pk not in held}
        return [*self.named_on(held), *self._persons(others)]

    def named_on(self, held: Mapping[int, frozenset[str]]) -> list[Person]:
        """Return those who hold a role on one model in particular, with all they hold there."""
        none: frozenset[str] = frozenset()
        return self._persons(
            {pk: roles | self.everywhere.get(pk, none) for pk, roles in held.items()}
        )

    def _persons(self, held: Mapping[int, frozenset[str]]) -> list[Person]:
        return [
            self._person(self.users[pk], roles)
            for pk, roles in sorted(held.items())
            if pk in self.users
        ]

    def _person(self, user: User, roles: frozenset[str]) -> Person:
        key = (user.pk, roles)
        if key not in self._known:
            facts = signers.of_signer(user, roles, self.lines)
            self._known[key] = Person(user.record_id, user.display_name, roles, facts)
        return self._known[key]


def _members() -> Mapping[int, Collection[int]]:
    members: dict[int, list[int]] = defaultdict(list)
    there = TeamMembership.objects.filter(until=None).order_by("pk")
    for team, user in there.values_list("team", "user"):
        members[team].append(user)
    return members


def _by_person(
    duties: QuerySet[Any, Any], teams: Mapping[int, Collection[int]]
) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for role, user, team in duties.values_list("role", "user", "team").distinct():
        for pk in _who(user, team, teams):
            found[pk].add(role)
    return {pk: frozenset(roles) for pk, roles in found.items()}


def _who(user: int | None, team: int | None, teams: Mapping[int, Collection[int]]) -> Iterable[int]:
    return [user] if user is not None else teams.get(team or 0, ())
