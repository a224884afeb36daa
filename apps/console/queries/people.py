"""Who holds which role on a model, and what one reader may do there."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.accounts.models import AbstractDuty, Duty, Team, User
from apps.accounts.roles import permissions_of
from apps.catalog import exams
from apps.catalog import queries as catalog
from apps.catalog.duties import roles_on
from apps.catalog.models import ModelDuty, RegisteredModel
from apps.core.actors import Actor

MOST_EVERYWHERE = 50
MOST_SUGGESTED = 200


@dataclass(frozen=True)
class Holder:
    """A person or team with the roles it holds, on this model or everywhere."""

    name: str
    is_team: bool
    roles: tuple[str, ...]

    @property
    def detail(self) -> str:
        return ", ".join(self.roles)


def on_model(model: RegisteredModel) -> list[Holder]:
    """Return who holds a duty on one model, by name."""
    duties = ModelDuty.objects.filter(model=model, until=None)
    return _holders(duties.select_related("user", "team"))


def everywhere() -> list[Holder]:
    """Return who holds a duty in the whole organization, by name."""
    duties = Duty.objects.filter(until=None).order_by("id")
    return _holders(duties.select_related("user", "team")[:MOST_EVERYWHERE])


def _holders(duties: Iterable[AbstractDuty]) -> list[Holder]:
    roles: dict[tuple[str, bool], list[str]] = {}
    for duty in duties:
        key = (str(duty.holder), duty.team_id is not None)
        roles.setdefault(key, []).append(duty.get_role_display())
    return [
        Holder(name, is_team, tuple(sorted(held)))
        for (name, is_team), held in sorted(roles.items())
    ]


def named(name: str) -> list[User | Team]:
    """Return who bears a name: the account with that sign-in name, else people and teams."""
    account = User.objects.filter(username=name, is_active=True).first()
    if account is not None:
        return [account]
    people = User.objects.filter(display_name__iexact=name, is_active=True).order_by("pk")
    return [*people[:2], *Team.objects.filter(name__iexact=name).order_by("pk")[:2]]


def suggestions() -> list[tuple[str, str]]:
    """Return sign-in names with the people they belong to, and teams, to complete a form with."""
    people = User.objects.filter(is_active=True).order_by("display_name", "pk")[:MOST_SUGGESTED]
    teams = Team.objects.order_by("name")[:MOST_SUGGESTED]
    return [(user.username, str(user)) for user in people] + [(team.name, "Team") for team in teams]


def permissions_on(model: RegisteredModel, actor: Actor) -> frozenset[str]:
    """Return what a person may do on a model, to show or disable buttons; operations ask again."""
    if actor.user_id is None:
        return frozenset()
    if catalog.exam_limits_of(actor) is not None:
        return frozenset(right for right in exams.GRANTED if actor.may(right, model))
    return permissions_of(roles_on(actor.user_id, model.pk))
