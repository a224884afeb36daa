"""What is different about all that was in production at two moments."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.approvals.models import Authorization
from apps.approvals.past import told
from apps.approvals.past.differences import tier_differences
from apps.approvals.past.production import BATCH, STANDING, in_production
from apps.approvals.past.told import Facts, Words
from apps.audit import past
from apps.audit.past import Moved
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core import moments
from apps.core.actors import Actor
from apps.risk.past import maybe_retiered

ENTERED, LEFT = "Entered production", "Left production"


@dataclass(frozen=True)
class Step:
    """One difference: a version that came or went, or what changed of one that stayed."""

    known_as: str
    number: int
    what: str
    before: str
    after: str
    event: UUID | None
    at: datetime | None

    @property
    def order(self) -> tuple[str, int, str]:
        return self.known_as, self.number, self.what


@dataclass(frozen=True)
class _Place:
    model_id: int
    number: int
    known_as: str


_Places = Mapping[int, _Place]


def differences(actor: Actor, after: datetime, until: datetime) -> list[Step]:
    """Return what is different about production, by the name of the model.

    Only what changed in between is read whole, so many models that stayed as they were cost little.
    """
    before, now = _places(actor, after), _places(actor, until)
    return sorted(
        (
            *_came_and_went(before, now, after, until),
            *_stayed({pk: now[pk] for pk in now if pk in before}, after, until),
        ),
        key=lambda one: one.order,
    )


def _places(actor: Actor, at: datetime) -> _Places:
    found = in_production(actor, at).values_list("id", "model_id", "number", "known_as")
    return {pk: _Place(*told) for pk, *told in found}


def _came_and_went(
    before: _Places, now: _Places, after: datetime, until: datetime
) -> Iterator[Step]:
    known = {**before, **now}
    others = sorted(before.keys() ^ now.keys())
    for ids in _some(others):
        for one in past.moved(ModelVersion, _stage, after, until, Q(id__in=ids)):
            change, place = one.changes[0], known[one.row.pk]
            came = one.row.pk in now
            yield Step(
                place.known_as,
                place.number,
                ENTERED if came else LEFT,
                str(change.before or "not registered"),
                str(change.after),
                change.event,
                change.at,
            )


def _stage(version: ModelVersion) -> Facts:
    return {"Stage": Stage(version.stage).label}


def _stayed(places: _Places, after: datetime, until: datetime) -> Iterator[Step]:
    by_model: dict[int, list[int]] = {}
    for pk, place in places.items():
        by_model.setdefault(place.model_id, []).append(pk)
    models = past.touched(RegisteredModel, "id", after, until)
    granted = past.touched(Authorization, "version_id", after, until)
    for ids in _some(sorted(models & by_model.keys())):
        moved = past.moved(RegisteredModel, _owner, after, until, Q(id__in=ids))
        yield from _changed(moved, lambda row: by_model[row.pk], places)
    for ids in _some(sorted(granted & places.keys())):
        yield from _authorized(ids, places, after, until)
    for ids in _some(sorted(maybe_retiered(after, until) & by_model.keys())):
        for pk, tiers in tier_differences(ids, after, until).items():
            for version in by_model[pk]:
                place = places[version]
                for one in tiers:
                    yield Step(
                        place.known_as,
                        place.number,
                        one.name,
                        one.before,
                        one.after,
                        one.event,
                        one.at,
                    )


def _owner(model: RegisteredModel) -> Facts:
    facts = told.of_model(model)
    return {name: facts[name] for name in ("Name", "Owner", "Team")}


def _changed(
    moved: Sequence[Moved[Any]], versions_of: Callable[[Any], Sequence[int]], places: _Places
) -> Iterator[Step]:
    words = Words.of(moved, {})
    for one in moved:
        for change in one.changes:
            for version in versions_of(one.row):
                place = places[version]
                yield Step(
                    place.known_as,
                    place.number,
                    change.name,
                    words.value(change.before),
                    words.value(change.after),
                    change.event,
                    change.at,
                )


def _authorized(
    ids: Sequence[int], places: _Places, after: datetime, until: datetime
) -> Iterator[Step]:
    """Return the versions that rest on another authorization, or on one that changed."""
    within = Q(version_id__in=ids)
    moved = past.moved(Authorization, told.of_authorization, after, until, within)
    last: dict[int, tuple[UUID, datetime]] = {}
    for one in moved:
        newest = max(one.changes, key=lambda change: change.at)
        version = one.row.version_id
        if version not in last or newest.at >= last[version][1]:
            last[version] = newest.event, newest.at
    before = _in_words(ids, after)
    now = _in_words(ids, until)
    for version in ids:
        place, was, is_now = places[version], before.get(version, ""), now.get(version, "")
        if was != is_now:
            event, at = last.get(version, (None, None))
            yield Step(place.known_as, place.number, "Authorization", was, is_now, event, at)


def _in_words(ids: Sequence[int], at: datetime) -> Mapping[int, str]:
    found = past.as_they_were(Authorization, at, Q(version_id__in=ids), Q(state__in=STANDING))
    return {one.version_id: _authorization(one) for one in found}


def _authorization(one: Authorization) -> str:
    until = moments.in_words(one.valid_until) if one.valid_until else "without end"
    return f"{one.get_state_display()}, granted {moments.in_words(one.granted_at)}, until {until}"


def _some(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Return ids a batch at a time: what changed between two far moments may be very much."""
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
