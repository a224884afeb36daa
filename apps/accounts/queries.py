"""What the pages show a person about themselves."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from string import Template
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, Value

from apps.accounts.models import ApiToken, Duty, Passkey, TeamMembership, User
from apps.accounts.rights import held_by

HIGHEST_LINE = 30
ANSWERS, EVER_ANSWERED = "answers", "ever answered"
Answering = Mapping[str, tuple[str, ...]]
"""Who answers for a service account, first who does now, by its id (``usr_7``)."""
_LINE = Template(
    """
WITH RECURSIVE line(person, manager, height) AS (
    SELECT id, manager_id, 1 FROM accounts_user WHERE id IN ($places) AND manager_id IS NOT NULL
    UNION ALL
    SELECT line.person, above.manager_id, line.height + 1
    FROM line JOIN accounts_user above ON above.id = line.manager
    WHERE above.manager_id IS NOT NULL AND line.height < %s
)
SELECT person, manager, height FROM line ORDER BY person, height
"""
)


def duties_of(user: User) -> QuerySet[Duty]:
    """Return the duties a person holds everywhere, alone or through a team."""
    held: QuerySet[Duty] = Duty.objects.filter(held_by(user.pk), until=None)
    return held.select_related("team", "user").order_by("since", "pk")


def memberships_of(user: User) -> QuerySet[TeamMembership]:
    """Return the teams a person is in, with since when."""
    memberships: QuerySet[TeamMembership] = TeamMembership.objects.filter(user=user, until=None)
    return memberships.select_related("team").order_by("team__name")


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Return a person's tokens that are not revoked, the newest first, with their last use."""
    tokens: QuerySet[ApiToken] = ApiToken.objects.filter(user=user, revoked_at=None)
    return tokens.select_related("use").order_by("-created_at", "-pk")


def passkeys_of(user: User) -> QuerySet[Passkey]:
    """Return a person's passkeys that are not removed."""
    passkeys: QuerySet[Passkey] = Passkey.objects.filter(user=user, removed_at=None)
    return passkeys.order_by("added_at", "pk")


def holders_everywhere(role: str) -> list[User]:
    """Return the active people who hold a role in the whole organization, alone or by a team."""
    duties = Duty.objects.filter(role=role, until=None)
    by_team = Q(memberships__team__in=duties.values("team"), memberships__until=None)
    people = User.objects.filter(Q(pk__in=duties.values("user")) | by_team, is_active=True)
    return list(people.filter(is_service_account=False).distinct().order_by("pk"))


def names_of(actor_ids: Collection[str]) -> Mapping[str, str]:
    """Return the names of the people among some actors (``usr_7``), by their ids."""
    prefix = f"{User.RECORD.prefix}_"
    ids = [int(found.removeprefix(prefix)) for found in actor_ids if found.startswith(prefix)]
    return {user.record_id: str(user) for user in User.objects.filter(pk__in=ids)}


def answering_for_services() -> Answering:
    """Return who answers for each service account, and who did before, by its id, in one query."""
    now, before = states_of_services()
    return read_answering(now.union(before))


def states_of_services() -> tuple[QuerySet[Any, Any], QuerySet[Any, Any]]:
    """Return who answers for service accounts now, and who ever did, to be read with other rows."""
    now = User.objects.filter(is_service_account=True).exclude(manager=None).order_by()
    ever = User.history.filter(is_service_account=True).exclude(manager=None).order_by()
    return (
        now.values_list(Value(ANSWERS), "id", "manager_id"),
        ever.values_list(Value(EVER_ANSWERED), "id", "manager_id"),
    )


def read_answering(rows: Iterable[tuple[str, int, int]]) -> Answering:
    """Return who answers for service accounts, from what ``states_of_services`` found."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for _, account, person in sorted(rows):
        found[User.RECORD.id_of(account)][User.RECORD.id_of(person)] = None
    return {account: tuple(people) for account, people in found.items()}


def managers_of(user_ids: Collection[int]) -> Mapping[int, tuple[str, ...]]:
    """Return everyone above some people in the reporting line, the nearest first, in one query.

    A line is followed for at most ``HIGHEST_LINE`` people, so that a circle has an end.
    """
    if not user_ids:
        return {}
    places = ", ".join(["%s"] * len(user_ids))
    with connection.cursor() as cursor:
        cursor.execute(_LINE.substitute(places=places), [*user_ids, HIGHEST_LINE])
        found = cursor.fetchall()
    above: dict[int, list[str]] = defaultdict(list)
    for person, manager, _ in found:
        above[person].append(User.RECORD.id_of(manager))
    return {person: tuple(dict.fromkeys(line)) for person, line in above.items()}
