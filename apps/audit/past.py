"""Governed rows as they were at a moment, and what changed between two: read from history alone.

The states of one row are numbered in the order in which its changes were recorded, since each was
written under the lock of its root. So of several states of one moment the last one counts, and a
clock that went back mixes nothing up.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Max, Q, QuerySet

from apps.audit.governed import GovernedRow
from apps.audit.models import AuditEvent

Governed = TypeVar("Governed", bound=GovernedRow)
Facts = Mapping[str, object]
EVERYTHING = Q()
_GONE = "-"
_NOTHING: Facts = {}


def states(
    rows: type[GovernedRow], at: datetime, within: Q = EVERYTHING, such: Q = EVERYTHING
) -> QuerySet[Any, Any]:
    """Return the state each row of a class had at a moment, in one query.

    ``within`` narrows the rows by what never changes of them, which spares reading the others;
    ``such`` by how they were then. Rows that were not there yet, or no more, are left out.
    """
    history = rows.history.model.objects  # type: ignore[attr-defined]
    known = history.filter(within, history_date__lte=at).order_by()
    last = known.values(rows._meta.pk.attname).annotate(last=Max("history_id")).values("last")
    there = history.filter(such, history_id__in=last).exclude(history_type=_GONE)
    found: QuerySet[Any, Any] = there.order_by(rows._meta.pk.attname)
    return found


def as_they_were(
    rows: type[Governed], at: datetime, within: Q = EVERYTHING, such: Q = EVERYTHING
) -> list[Governed]:
    """Return the rows of a class as they were at a moment, in the order of their ids.

    What they refer to is not among it: reading a related row gives that of today.
    """
    return [row_of(rows, state) for state in states(rows, at, within, such)]


def as_it_was(rows: type[Governed], pk: int, at: datetime) -> Governed | None:
    """Return one row as it was at a moment, or nothing when it was not there."""
    found = as_they_were(rows, at, Q(**{rows._meta.pk.attname: pk}))
    return found[0] if found else None


def row_of(rows: type[Governed], state: Any) -> Governed:
    """Return a state as a row of its class, so that what judges rows judges it as well."""
    kept = {field.attname for field in state._meta.concrete_fields}
    names = [field.attname for field in rows._meta.concrete_fields if field.attname in kept]
    values = [getattr(state, name) for name in names]
    row: Governed = rows.from_db(state._state.db, names, values)
    return row


def first_moment() -> datetime | None:
    """Return the moment of the first entry of the record, or nothing while it has none."""
    entry = AuditEvent.objects.order_by("pk").values_list("entry", flat=True).first()
    return None if entry is None else datetime.fromisoformat(json.loads(bytes(entry))["time"])


@dataclass(frozen=True)
class Change:
    """One fact that was another at the second moment, and the event that left it so."""

    name: str
    before: object
    after: object
    event: UUID
    at: datetime


@dataclass(frozen=True)
class Moved(Generic[Governed]):
    """A row that was not the same at two moments; it may be there at one of them only."""

    before: Governed | None
    after: Governed | None
    changes: tuple[Change, ...]

    @property
    def row(self) -> Governed:
        """The row as it was last."""
        row = self.after or self.before
        assert row is not None
        return row


def moved(
    rows: type[Governed],
    told: Callable[[Governed], Facts],
    after: datetime,
    until: datetime,
    within: Q = EVERYTHING,
) -> list[Moved[Governed]]:
    """Return the rows of which other facts are told at the second moment, in two queries.

    What changed and changed back in between is left out. ``within`` is what never changes.
    """
    pk = rows._meta.pk.attname
    first = {getattr(state, pk): state for state in states(rows, after, within)}
    history = rows.history.model.objects  # type: ignore[attr-defined]
    later = history.filter(within, history_date__gt=after, history_date__lte=until)
    walks: dict[int, _Walk[Governed]] = {}
    for state in later.order_by("history_id"):
        key = getattr(state, pk)
        if key not in walks:
            walks[key] = _Walk(rows, told, first.get(key))
        walks[key].on(state)
    found = (walks[key].end() for key in sorted(walks))
    return [one for one in found if one.changes]


class _Walk(Generic[Governed]):
    """Follows one row from state to state, and keeps which event left each fact as it is."""

    def __init__(
        self, rows: type[Governed], told: Callable[[Governed], Facts], first: Any | None
    ) -> None:
        self._rows, self._told = rows, told
        self._place = first.history_id if first is not None else 0
        self._before = row_of(rows, first) if first is not None else None
        self._now = self._before
        self._began = self._facts = told(self._before) if self._before is not None else _NOTHING
        self._by: dict[str, tuple[UUID, datetime]] = {}

    def on(self, state: Any) -> None:
        if state.history_id < self._place:
            return  # the clock went back: an earlier state bears a later time
        self._now = None if state.history_type == _GONE else row_of(self._rows, state)
        facts = self._told(self._now) if self._now is not None else _NOTHING
        for name in _others(self._facts, facts):
            self._by[name] = state.event_id, state.history_date
        self._facts = facts

    def end(self) -> Moved[Governed]:
        changes = (
            Change(name, self._began.get(name), self._facts.get(name), *self._by[name])
            for name in _others(self._began, self._facts)
        )
        return Moved(self._before, self._now, tuple(changes))


def _others(before: Facts, after: Facts) -> Iterable[str]:
    """Return the names of facts that are not the same, in the order they are told in."""
    names = dict.fromkeys((*before, *after))
    return [name for name in names if before.get(name) != after.get(name)]


def touched(
    rows: type[GovernedRow], key: str, after: datetime, until: datetime, within: Q = EVERYTHING
) -> frozenset[int]:
    """Return the ids, in a column that never changes, of what rows changed of between moments."""
    history = rows.history.model.objects  # type: ignore[attr-defined]
    between = history.filter(within, history_date__gt=after, history_date__lte=until)
    found: Collection[int] = between.order_by().values_list(key, flat=True).distinct()
    return frozenset(found)
