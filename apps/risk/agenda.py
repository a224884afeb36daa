"""What of judgment falls due in some days, in order: page by page, counted, or the first of a kind.

What a tier schedules is worked out of the days things were done, once for all that is asked.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from heapq import nsmallest
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet

from apps.catalog.models import RegisteredModel
from apps.risk import policy_says, schedule_queries
from apps.risk.due import KINDS, tell_scheduled
from apps.risk.schedule_queries import Spot
from apps.risk.schedules import What
from apps.risk.spans import Entry, Span

_WHATS = tuple(What)
_PLACE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.([0-9]{1,2})\.([0-9]{1,18})")


class Place(NamedTuple):
    """Where something stands among all that falls due: its day, its kind and its row."""

    day: date
    kind: int
    pk: int

    def __str__(self) -> str:
        return f"{self.day}.{self.kind}.{self.pk}"

    @classmethod
    def named(cls, text: str) -> "Place | None":
        """Return the place an address names, or nothing when it names none."""
        found = _PLACE.fullmatch(text)
        try:
            return (
                cls(date.fromisoformat(found[1]), int(found[2]), int(found[3])) if found else None
            )
        except ValueError:
            return None


Found = tuple[Place, Any]
"""Something that falls due: where it stands, and its row, or what the tier of its model says."""


@dataclass(frozen=True)
class Tally:
    """How much falls due, and how much of it is overdue."""

    all: int
    overdue: int


@dataclass(frozen=True)
class Agenda:
    """What falls due in a span of days, for its reader."""

    span: Span
    once_done: frozenset[What] = frozenset()
    """What is left out until it was done once: where authorizations say when it is due first."""

    def page(self, size: int, *, after: Place | None = None) -> tuple[list[Entry], Place | None]:
        """Return some of it, in order, and the place of the last while there is more."""
        found = nsmallest(
            size + 1, [*self._scheduled_after(after), *self._rows_after(after, size + 1)], _place
        )
        shown = found[:size]
        return _told(shown), shown[-1][0] if len(found) > size else None

    def first_of_each(self, most: int) -> tuple[list[Entry], bool]:
        """Return the first of each kind, in order of day and title, and whether there is more."""
        kinds: list[list[Found]] = [
            nsmallest(most + 1, spots, _place) for spots in self._scheduled.values()
        ]
        kinds += [
            list(_found(len(_WHATS) + at, kind.read(self.span)[: most + 1]))
            for at, kind in enumerate(KINDS)
        ]
        entries = _told([one for found in kinds for one in found[:most]])
        entries.sort(key=lambda one: (one.day, one.title))
        return entries, any(len(found) > most for found in kinds)

    @cached_property
    def tally(self) -> Tally:
        """Count all of it, one query for each kind of row."""
        days = [place.day for spots in self._scheduled.values() for place, _ in spots]
        counts = [_counted(kind.read(self.span), self.span.today) for kind in KINDS]
        overdue = sum(day < self.span.today for day in days)
        return Tally(
            len(days) + sum(one.all for one in counts),
            overdue + sum(one.overdue for one in counts),
        )

    @cached_property
    def _scheduled(self) -> dict[What, list[Found]]:
        span = self.span
        models = RegisteredModel.objects.filter(span.whose("owner"), pk__in=span.visible())
        says = policy_says.policy()
        spots = schedule_queries.all_falling_due(_WHATS, models, says, span.since, span.last)
        return {what: list(self._kept(what, found)) for what, found in spots.items()}

    def _kept(self, what: What, spots: Iterable[Spot]) -> Iterable[Found]:
        at, is_asked_once_done = _WHATS.index(what), what in self.once_done
        for spot in spots:
            day, pk, *_, done = spot
            if done or not is_asked_once_done:
                yield Place(day, at, pk), (what, spot)

    def _scheduled_after(self, after: Place | None) -> Iterable[Found]:
        for spots in self._scheduled.values():
            yield from (one for one in spots if after is None or one[0] > after)

    def _rows_after(self, after: Place | None, most: int) -> Iterable[Found]:
        for number, kind in enumerate(KINDS, len(_WHATS)):
            rows = kind.read(self.span)
            if after is not None:
                rows = rows.filter(_beyond(after, number))
            yield from _found(number, rows[:most])


def _found(number: int, rows: Iterable[Any]) -> Iterable[Found]:
    return ((Place(row.day, number, row.pk), row) for row in rows)


def _beyond(after: Place, number: int) -> Q:
    """Return the condition that a row of a kind stands after a place."""
    if number != after.kind:
        return Q(day__gte=after.day) if number > after.kind else Q(day__gt=after.day)
    return Q(day__gte=after.day) & (Q(day__gt=after.day) | Q(pk__gt=after.pk))


def _counted(rows: QuerySet[Any], today: date) -> Tally:
    found = rows.order_by().aggregate(all=Count("pk"), over=Count("pk", filter=Q(day__lt=today)))
    return Tally(found["all"], found["over"])


def _told(found: Sequence[Found]) -> list[Entry]:
    """Tell what was found in words; models are read once for all that is scheduled."""
    scheduled = [thing for place, thing in found if place.kind < len(_WHATS)]
    coming = iter(schedule_queries.with_models(scheduled))
    return [
        tell_scheduled(next(coming))
        if place.kind < len(_WHATS)
        else KINDS[place.kind - len(_WHATS)].tell(thing)
        for place, thing in found
    ]


def _place(found: Found) -> Place:
    return found[0]
