"""What past rows refer to, by the names it has today: people, teams, and policies by digest."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse

from apps.accounts.models import Team, User
from apps.approvals import policies, policy_queries
from apps.catalog import queries as catalog
from apps.catalog.models import ExamRoom
from apps.core.actors import Actor


def sees_findings(actor: Actor) -> bool:
    """Say whether a reader is shown findings: examiners, when that was granted."""
    return catalog.is_shown(actor, ExamRoom.Part.FINDINGS)


def sees_assessments(actor: Actor) -> bool:
    """Say whether a reader is shown assessments and what was signed about them."""
    return catalog.is_shown(actor, ExamRoom.Part.ASSESSMENTS)


def sees_documents(actor: Actor) -> bool:
    """Say whether a reader is shown documents: examiners, when that was granted."""
    return catalog.is_shown(actor, ExamRoom.Part.DOCUMENTS)


@dataclass(frozen=True)
class Names:
    """People and teams, by their ids."""

    people: Mapping[int, User]
    teams: Mapping[int, Team]

    @classmethod
    def of(cls, people: Iterable[int | None], teams: Iterable[int | None] = ()) -> "Names":
        """Read the names of some people, and of some teams, in a query each at most."""
        users, groups = _known(people), _known(teams)
        return cls(
            User.objects.in_bulk(users) if users else {},
            Team.objects.in_bulk(groups) if groups else {},
        )

    def person(self, pk: int | None) -> str:
        """Return what a person is called today, or nothing when nobody is meant."""
        user = self._user(pk)
        return str(user) if user is not None else ""

    def username(self, pk: int | None) -> str:
        """Return the sign-in name of a person, or nothing when nobody is meant."""
        user = self._user(pk)
        return user.username if user is not None else ""

    def team(self, pk: int | None) -> str:
        """Return what a team is called today, or nothing when none is meant."""
        team = self.teams.get(pk) if pk is not None else None
        return team.name if team is not None else ""

    def _user(self, pk: int | None) -> User | None:
        return self.people.get(pk) if pk is not None else None


def _known(ids: Iterable[int | None]) -> set[int]:
    return {pk for pk in ids if pk is not None}


@dataclass(frozen=True)
class Applied:
    """A policy by which something was decided."""

    title: str
    url: str = ""


def policies_of(digests: Collection[str]) -> Mapping[str, Applied]:
    """Return the policies of some digests, in one query; what was published never changes."""
    shipped = (policies.shipped(name) for name in policies.SHIPPED)
    known = {
        one.digest: Applied(str(one), reverse("approvals:shipped_policy", args=[one.id]))
        for one in shipped
    }
    published = policy_queries.that_were_in_force().filter(digest__in=digests)
    known |= {one.digest: Applied(str(one), one.get_absolute_url()) for one in published}
    return {one: known.get(one, Applied(one)) for one in digests}
