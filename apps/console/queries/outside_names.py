"""The names of people and teams as a provider and a directory know them."""

from collections.abc import Mapping

from apps.accounts.models import DirectoryPerson, DirectoryTeam, SignOnIdentity
from apps.console.queries.named import Found, Named, Reader


def _identities(pks: set[int]) -> Found:
    rows = SignOnIdentity.objects.filter(pk__in=pks).select_related("user")
    return {row.pk: Named(str(row.user)) for row in rows}


def _directory_people(pks: set[int]) -> Found:
    rows = DirectoryPerson.objects.filter(pk__in=pks).select_related("user")
    return {row.pk: Named(str(row.user)) for row in rows}


def _directory_teams(pks: set[int]) -> Found:
    rows = DirectoryTeam.objects.filter(pk__in=pks).select_related("team")
    return {row.pk: Named(row.team.name) for row in rows}


READERS: Mapping[str, Reader] = {
    "sign_on_identity": _identities,
    "directory_person": _directory_people,
    "directory_team": _directory_teams,
}
