"""What the directory says of people and teams: they come, change and go as it tells.

It says so of those it brought itself. Accounts and teams that people opened here stay theirs.
"""

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import Q

from apps.accounts import naming, rules
from apps.accounts.models import DirectoryPerson, DirectoryTeam, Team, TeamMembership, User
from apps.accounts.operations.people import close_account, create_user, reopen_account
from apps.accounts.operations.teams import create_team, join_team, leave_team
from apps.accounts.rights import MANAGE_PEOPLE
from apps.audit.actions import Action, Sealing
from apps.audit.changes import Record, change
from apps.audit.governed import REGISTRY
from apps.core.actors import Actor
from apps.core.errors import RuleBroken

ADMIT_PERSON = Action("directory_person.admit", permission=MANAGE_PEOPLE, sealing=Sealing.FIRST)
UPDATE_PERSON = Action("directory_person.update", permission=MANAGE_PEOPLE)
DROP_PERSON = Action("directory_person.drop", permission=MANAGE_PEOPLE, sealing=Sealing.AWAITED)
ADMIT_TEAM = Action("directory_team.admit", permission=MANAGE_PEOPLE, sealing=Sealing.FIRST)
UPDATE_TEAM = Action("directory_team.update", permission=MANAGE_PEOPLE)
DROP_TEAM = Action("directory_team.drop", permission=MANAGE_PEOPLE, sealing=Sealing.AWAITED)

BY_DIRECTORY = "The directory says so"


class Taken(RuleBroken):
    """Somebody else, or another team, has this name or id already."""

    code: ClassVar[str] = "taken"


@dataclass(frozen=True)
class PersonSaid:
    """What the directory says of a person."""

    user_name: str
    display_name: str
    external_id: str = ""
    email: str = ""
    org_unit: str = ""
    given_name: str = ""
    family_name: str = ""
    is_active: bool = True


@dataclass(frozen=True)
class TeamSaid:
    """What the directory says of a team; ``members`` are the ids of accounts it keeps."""

    name: str
    external_id: str = ""
    members: frozenset[int] = frozenset()


def admit_person(said: PersonSaid, *, by: Actor) -> DirectoryPerson:
    """Open an account for somebody of the directory, or open the one again that it had dropped."""
    with change(ADMIT_PERSON, REGISTRY, by=by) as record:
        _require_free(said)
        earlier = _dropped_earlier(said)
        entry = DirectoryPerson(
            user=earlier.user if earlier else _opened(said, by=by),
            is_closed=bool(earlier and earlier.is_closed),
            since=record.time,
        )
        _write(entry, said, by=by, at=record)
        record.about(entry)
        record.note(user=entry.user.record_id)
    return entry


def update_person(entry: DirectoryPerson, said: PersonSaid, *, by: Actor) -> DirectoryPerson:
    """Take over what the directory says of a person.

    Its word closes the account, and opens it again if its word closed it: whom people closed here,
    people open.
    """
    with change(UPDATE_PERSON, entry, by=by) as record:
        _require_live(entry)
        _require_free(said, entry)
        _write(entry, said, by=by, at=record)
        record.note(user=entry.user.record_id)
    return entry


def drop_person(entry: DirectoryPerson, *, by: Actor) -> DirectoryPerson:
    """Close the account of somebody the directory deleted; nobody is deleted here."""
    with change(DROP_PERSON, entry, by=by) as record:
        _require_live(entry)
        if entry.user.is_active:
            close_account(entry.user, by=by, reason=BY_DIRECTORY)
            entry.is_closed = True
        entry.end(record.time)
        record.note(user=entry.user.record_id)
    return entry


def admit_team(said: TeamSaid, *, by: Actor) -> DirectoryTeam:
    """Create a team of the directory, or take up again the one it had dropped."""
    with change(ADMIT_TEAM, REGISTRY, by=by) as record:
        _require_free_id(said)
        team = _team_dropped_earlier(said) or _created(said, by=by)
        entry = DirectoryTeam(
            team=team, external_id=said.external_id, since=record.time, changed_at=record.time
        )
        record.lock(team)
        rules.require_valid(entry)
        entry.save()
        _set_members(team, said.members, by=by)
        record.about(entry)
        record.note(team=team.record_id)
    return entry


def update_team(entry: DirectoryTeam, said: TeamSaid, *, by: Actor) -> DirectoryTeam:
    """Take over the name and the members that the directory gives a team."""
    with change(UPDATE_TEAM, entry, by=by) as record:
        _require_live(entry)
        _require_free_id(said, entry)
        _rename(entry.team, said.name)
        _set_members(entry.team, said.members, by=by)
        entry.external_id, entry.changed_at = said.external_id, record.time
        rules.require_valid(entry)
        entry.save()
        record.note(team=entry.team.record_id)
    return entry


def drop_team(entry: DirectoryTeam, *, by: Actor) -> DirectoryTeam:
    """Take everybody out of a team the directory deleted; its duties give nobody anything then."""
    with change(DROP_TEAM, entry, by=by) as record:
        _require_live(entry)
        _put_right(entry.team, _in_team(entry.team), frozenset(), by=by)
        entry.end(record.time)
        record.note(team=entry.team.record_id)
    return entry


def _write(entry: DirectoryPerson, said: PersonSaid, *, by: Actor, at: Record) -> None:
    """Write what is said of a person into the account and beside it, and open or close it."""
    user = entry.user
    if at.lock(user) is not None:
        user.refresh_from_db()
    closes = user.is_active and not said.is_active
    if said.is_active and entry.is_closed and not user.is_active:
        reopen_account(user, by=by, reason=BY_DIRECTORY)
    entry.is_closed = closes or (entry.is_closed and not said.is_active)
    user.display_name = " ".join(said.display_name.split())
    user.email, user.org_unit = said.email, said.org_unit
    rules.require_valid(user)
    user.save()
    entry.user_name, entry.name_key = said.user_name, naming.name_key(said.user_name)
    entry.external_id, entry.changed_at = said.external_id, at.time
    entry.given_name, entry.family_name = said.given_name, said.family_name
    rules.require_valid(entry)
    entry.save()
    if closes:
        close_account(user, by=by, reason=BY_DIRECTORY)


def _opened(said: PersonSaid, *, by: Actor) -> User:
    return create_user(
        by=by,
        username=naming.free_username(said.user_name),
        display_name=said.display_name,
        email=said.email,
        org_unit=said.org_unit,
    )


def _dropped_earlier(said: PersonSaid) -> DirectoryPerson | None:
    """Return whom the directory dropped under the same id of its own; a name alone is nobody's."""
    if not said.external_id:
        return None
    earlier = DirectoryPerson.objects.filter(external_id=said.external_id).exclude(until=None)
    found = earlier.select_related("user").order_by("-pk").first()
    return found if isinstance(found, DirectoryPerson) else None


def _team_dropped_earlier(said: TeamSaid) -> Team | None:
    """Return the team the directory dropped under this name and the same id of its own.

    Its duties come back with it, so a name alone is not enough where the directory says an id.
    """
    kept = DirectoryTeam.objects.filter(until=None).values("team")
    dropped = DirectoryTeam.objects.exclude(until=None)
    had = dropped.filter(external_id=said.external_id).values("team")
    found = Team.objects.filter(name=said.name, pk__in=had).exclude(pk__in=kept).first()
    return found if isinstance(found, Team) else None


def _created(said: TeamSaid, *, by: Actor) -> Team:
    _require_free_name(said.name)
    return create_team(by=by, name=said.name)


def _rename(team: Team, name: str) -> None:
    name = " ".join(name.split())
    if team.name == name:
        return
    _require_free_name(name)
    team.name = name
    rules.require_valid(team)
    team.save()
    team.group.name = f"team {name}"
    team.group.save()


def _set_members(team: Team, wanted: frozenset[int], *, by: Actor) -> None:
    """Let those of the directory be in a team whom it names and whose account is open.

    Whom people put there themselves stays, since the directory never saw them.
    """
    kept = DirectoryPerson.objects.filter(user__in=_in_team(team), until=None)
    open_ones = User.objects.filter(pk__in=wanted, is_active=True)
    held = frozenset(kept.values_list("user_id", flat=True))
    _put_right(team, held, frozenset(open_ones.values_list("pk", flat=True)), by=by)


def _in_team(team: Team) -> frozenset[int]:
    live = TeamMembership.objects.filter(team=team, until=None)
    return frozenset(live.values_list("user_id", flat=True))


def _put_right(team: Team, held: frozenset[int], wanted: frozenset[int], *, by: Actor) -> None:
    """Take those out of a team who are held and not wanted, and put the others in."""
    people = User.objects.in_bulk(sorted(held ^ wanted))
    for pk, user in sorted(people.items()):
        if pk in held:
            leave_team(team, by=by, user=user)
        else:
            join_team(team, by=by, user=user)


def _require_live(entry: DirectoryPerson | DirectoryTeam) -> None:
    if entry.until is not None:
        raise RuleBroken("The directory dropped this already.")


def _require_free(said: PersonSaid, entry: DirectoryPerson | None = None) -> None:
    same = Q(name_key=naming.name_key(said.user_name))
    if said.external_id:
        same |= Q(external_id=said.external_id)
    others = DirectoryPerson.objects.filter(same, until=None)
    if entry is not None:
        others = others.exclude(pk=entry.pk)
    if others.exists():
        raise Taken("The directory has somebody of this userName or externalId already.")


def _require_free_id(said: TeamSaid, entry: DirectoryTeam | None = None) -> None:
    if not said.external_id:
        return
    others = DirectoryTeam.objects.filter(external_id=said.external_id, until=None)
    if entry is not None:
        others = others.exclude(pk=entry.pk)
    if others.exists():
        raise Taken("The directory has a team of this externalId already.")


def _require_free_name(name: str) -> None:
    if Team.objects.filter(name=" ".join(name.split())).exists():
        raise Taken(f"There is a team “{name}” already. Rename it, or the group, first.")
