"""Groups of a directory, which are teams here."""

from collections.abc import Mapping, Sequence

from django.db.models import Q, QuerySet
from scim2_models import Group, GroupMember, InvalidValueException, Meta

from apps.accounts import operations as accounts
from apps.accounts.models import DirectoryPerson, DirectoryTeam
from apps.accounts.operations import TeamSaid
from apps.api.scim import ids
from apps.api.scim.filters import Condition
from apps.core.actors import Actor
from apps.core.inputs import require_text

MOST_NAME = 120
MOST_TEXT = 255
MOST_CHANGES = 1000
KNOWN: Mapping[str, Condition] = {
    "id": lambda value: Q(pk=ids.pk_or_none(DirectoryTeam.RECORD, value)),
    "displayname": lambda value: Q(team__name=value),
    "externalid": lambda value: Q(external_id=value),
}
Members = Mapping[int, Sequence[int]]
"""Who of the directory is in a team, by its id."""


def rows() -> QuerySet[DirectoryTeam]:
    """Return the teams the directory keeps."""
    kept: QuerySet[DirectoryTeam] = DirectoryTeam.objects.filter(until=None)
    return kept.select_related("team__group").order_by("pk")


def members_of(entries: Sequence[DirectoryTeam]) -> Members:
    """Return who of the directory is in some teams, by their ids, in one query."""
    teams = {entry.team_id for entry in entries}
    here = Q(user__memberships__team__in=teams, user__memberships__until=None)
    people = DirectoryPerson.objects.filter(here, until=None).order_by("pk")
    found: dict[int, list[int]] = {team: [] for team in teams}
    for person, team in people.values_list("pk", "user__memberships__team"):
        if team in found:
            found[team].append(person)
    return found


def shown(entry: DirectoryTeam, members: Members) -> Group:
    """Return a team as the directory reads it."""
    kept = [DirectoryPerson.RECORD.id_of(pk) for pk in members.get(entry.team_id, ())]
    group = Group(
        id=entry.record_id,
        external_id=entry.external_id or None,
        display_name=entry.team.name,
        members=[GroupMember.model_validate({"value": pk}) for pk in kept] or None,
    )
    state = {"entry": entry.state_digest(), "team": entry.team.state_digest(), "members": kept}
    group.meta = Meta(
        resource_type="Group",
        created=entry.since,
        last_modified=entry.changed_at,
        version=ids.version_of(state),
    )
    return group


def create(sent: Group, *, by: Actor) -> DirectoryTeam:
    """Create the team of a group the directory sent."""
    return accounts.admit_team(_said_by(sent, before=frozenset()), by=by)


def update(entry: DirectoryTeam, sent: Group, *, by: Actor) -> DirectoryTeam:
    """Take over the name and the members that the directory gives a team now."""
    seen = _accounts_of({*_shown_members(entry)})
    return accounts.update_team(entry, _said_by(sent, before=seen), by=by)


def drop(entry: DirectoryTeam, *, by: Actor) -> None:
    """Take everybody out of the team of a group the directory deleted."""
    accounts.drop_team(entry, by=by)


def _said_by(sent: Group, *, before: frozenset[int]) -> TeamSaid:
    wanted = {member.value or "" for member in sent.members or []}
    members = _accounts_of(wanted)
    if len(members ^ before) > MOST_CHANGES:
        raise InvalidValueException(
            detail=f"One request changes at most {MOST_CHANGES:,} members. Send it in parts."
        )
    return TeamSaid(
        name=_text(sent.display_name, "displayName", MOST_NAME),
        external_id=_text(sent.external_id, "externalId", MOST_TEXT),
        members=members,
    )


def _accounts_of(wanted: set[str]) -> frozenset[int]:
    """Return the accounts that ids of the directory's people name, all of whom must be there."""
    pks = [ids.pk_or_none(DirectoryPerson.RECORD, text) for text in wanted]
    known = {pk for pk in pks if pk is not None}
    people = DirectoryPerson.objects.filter(pk__in=known, until=None)
    found = dict(people.values_list("pk", "user_id"))
    if None in pks or len(found) != len(known):
        raise InvalidValueException(detail="A member is nobody the directory keeps here.")
    return frozenset(found.values())


def _shown_members(entry: DirectoryTeam) -> list[str]:
    return [DirectoryPerson.RECORD.id_of(pk) for pk in members_of([entry])[entry.team_id]]


def _text(value: str | None, label: str, most: int) -> str:
    text = " ".join((value or "").split())
    require_text(text, label, most)
    if label == "displayName" and not text:
        raise InvalidValueException(detail="displayName is empty.")
    return text
