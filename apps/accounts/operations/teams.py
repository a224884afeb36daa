"""Teams and who belongs to them. Object permissions hang on a team's group, kept in step here."""

from django.contrib.auth.models import Group

from apps.accounts import rules
from apps.accounts.models import Team, TeamMembership, User
from apps.accounts.rights import MANAGE_PEOPLE
from apps.audit.actions import Action, Sealing
from apps.audit.changes import change
from apps.audit.governed import REGISTRY
from apps.core.actors import Actor
from apps.core.errors import RuleBroken

CREATE_TEAM = Action("team.create", permission=MANAGE_PEOPLE)
JOIN_TEAM = Action("team.join", permission=MANAGE_PEOPLE, sealing=Sealing.FIRST)
LEAVE_TEAM = Action("team.leave", permission=MANAGE_PEOPLE, sealing=Sealing.AWAITED)


def create_team(*, by: Actor, name: str) -> Team:
    """Create a team, without anybody in it."""
    with change(CREATE_TEAM, REGISTRY, by=by) as record:
        name = " ".join(name.split())
        rules.require_free_team_name(name)
        team = Team(name=name, created_at=record.time)
        rules.require_valid(team, leaving_out=["group"])
        team.group = Group.objects.create(name=f"team {name}")
        team.save()
        record.about(team)
    return team


def join_team(team: Team, *, by: Actor, user: User) -> TeamMembership:
    """Put a person into a team, with every right the team holds."""
    with change(JOIN_TEAM, team, by=by) as record:
        user.refresh_from_db()
        rules.require_open(user)
        rules.require_colleague(user)
        if TeamMembership.objects.filter(team=team, user=user, until=None).exists():
            raise RuleBroken(f"{user} is in {team} already.")
        membership = TeamMembership(team=team, user=user, since=record.time)
        membership.save()
        team.group.user_set.add(user)
        record.note(user=user.record_id)
    return membership


def leave_team(team: Team, *, by: Actor, user: User) -> TeamMembership:
    """Take a person out of a team, and the rights that came with it."""
    with change(LEAVE_TEAM, team, by=by) as record:
        membership = TeamMembership.objects.filter(team=team, user=user, until=None).first()
        if not isinstance(membership, TeamMembership):
            raise RuleBroken(f"{user} is not in {team}.")
        membership.end(record.time)
        team.group.user_set.remove(user)
        record.note(user=user.record_id)
    return membership
