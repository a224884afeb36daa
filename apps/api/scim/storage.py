"""Where the SCIM library reads and writes: rows of accounts, written by operations alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from django.db.models import QuerySet
from scim2_models import (
    Group,
    InvalidFilterException,
    NotFoundException,
    NotImplementedException,
    Resource,
    ResourceType,
    ResponseParameters,
    SearchRequest,
)
from scim2_server.storage import ScimStorage, SearchPage

from apps.accounts.models import DirectoryPerson, DirectoryTeam
from apps.api.scim import groups, ids, people
from apps.api.scim.describing import Enterprise, Person
from apps.api.scim.filters import MOST_FILTER, rows_by
from apps.audit.preconditions import Stale, only_if
from apps.core.actors import Actor

Entry = TypeVar("Entry", DirectoryPerson, DirectoryTeam)


class DirectoryStorage(ScimStorage):
    """People and teams of the directory, for one request of its keeper."""

    def __init__(self, by: Actor) -> None:
        self.by = by

    def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,
    ) -> Resource[Any]:
        if _are_people(resource_type):
            return people.shown(_person(resource_id))
        entry = _team(resource_id)
        return groups.shown(entry, groups.members_of([entry]))

    def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,
    ) -> SearchPage:
        if len(resource_types) != 1:
            raise NotImplementedException(detail="Search among Users, or among Groups.")
        if _are_people(resource_types[0]):
            found = _filtered(people.rows(), search_request, people.KNOWN)
            return _page(found, search_request, lambda page: [people.shown(row) for row in page])
        teams = _filtered(groups.rows(), search_request, groups.KNOWN)
        return _page(teams, search_request, _shown_teams)

    def create(self, resource_type: ResourceType, resource: Resource[Any]) -> Resource[Any]:
        if not isinstance(resource, Group):
            return people.shown(people.create(_person_in(resource), by=self.by))
        return self._again(groups.create(resource, by=self.by))

    def update(
        self,
        resource_type: ResourceType,
        resource: Resource[Any],
        *,
        expected_version: str | None = None,
    ) -> Resource[Any]:
        resource_id = resource.id or ""
        with self._unless_changed(resource_type, resource_id, expected_version):
            if not isinstance(resource, Group):
                entry = people.update(_person(resource_id), _person_in(resource), by=self.by)
                return people.shown(entry)
            return self._again(groups.update(_team(resource_id), resource, by=self.by))

    def delete(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        expected_version: str | None = None,
    ) -> None:
        with self._unless_changed(resource_type, resource_id, expected_version):
            if _are_people(resource_type):
                people.drop(_person(resource_id), by=self.by)
            else:
                groups.drop(_team(resource_id), by=self.by)

    def _again(self, entry: DirectoryTeam) -> Group:
        return groups.shown(entry, groups.members_of([entry]))

    @contextmanager
    def _unless_changed(
        self, resource_type: ResourceType, resource_id: str, expected: str | None
    ) -> Iterator[None]:
        """Let a change begin only while the thing is as it was read to prepare the change.

        Asked once its root is locked: of two changes at once, the later one would undo the other.
        """

        def require() -> None:
            meta = self.get(resource_type, resource_id).meta
            if expected is not None and (meta is None or meta.version != expected):
                raise Stale("Something else changed this at the same moment. Send it again.")

        with only_if(require):
            yield


def _person_in(resource: Resource[Any]) -> Person[Enterprise]:
    return cast("Person[Enterprise]", resource)


def _are_people(resource_type: ResourceType) -> bool:
    return resource_type.name == "User"


def _person(resource_id: str) -> DirectoryPerson:
    return _one(people.rows(), ids.pk_or_none(DirectoryPerson.RECORD, resource_id))


def _team(resource_id: str) -> DirectoryTeam:
    return _one(groups.rows(), ids.pk_or_none(DirectoryTeam.RECORD, resource_id))


def _one(rows: "QuerySet[Entry]", pk: int | None) -> Entry:
    found = rows.filter(pk=pk).first() if pk is not None else None
    if found is None:
        raise NotFoundException(detail="The directory keeps nothing of this id here.")
    return found


def _filtered(rows: "QuerySet[Entry]", asked: SearchRequest[Any], known: Any) -> "QuerySet[Entry]":
    if asked.filter is None:
        return rows
    if len(str(asked.filter)) > MOST_FILTER:
        raise InvalidFilterException(detail=f"A filter holds at most {MOST_FILTER} characters.")
    return rows.filter(rows_by(asked.filter.ast, known))


def _page(
    rows: "QuerySet[Entry]",
    asked: SearchRequest[Any],
    shown: Callable[[list[Entry]], list[Resource[Any]]],
) -> SearchPage:
    total, start = rows.count(), min(asked.start_index_0 or 0, 2**62)
    count = asked.count or 0
    page = list(rows[start : start + count]) if count and start < total else []
    return SearchPage(total, shown(page))


def _shown_teams(page: list[DirectoryTeam]) -> list[Resource[Any]]:
    members = groups.members_of(page)
    return [groups.shown(entry, members) for entry in page]
