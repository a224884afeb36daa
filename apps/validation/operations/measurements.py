"""Measurements: values come in, and open, change or end the breaches of their series."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apps.audit.actions import Action, Sealing
from apps.audit.changes import Record, change, record_access
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.digests import digest_of, utc_text
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import MOST_INTEGER, InputRefused
from apps.validation.models import Breach, MonitoringPoint, MonitoringSeries
from apps.validation.monitoring import breaches
from apps.validation.monitoring.bands import Episode

_POST = "catalog.post_measurements"

POST_POINTS = Action(
    "monitoring.post",
    permission=_POST,
    refusal="Developers, owners and operators of this model post its measurements.",
)
OPEN_BREACH = Action("breach.open", permission=_POST)
CHANGE_BREACH = Action("breach.change", permission=_POST)
END_BREACH = Action("breach.end", permission=_POST)
EXPORT_POINTS = Action(
    "monitoring.export", permission="catalog.view_registeredmodel", sealing=Sealing.FIRST
)

MOST_POSTED = 1_000
MOST_POINTS = 200_000
"""How many points one series holds."""
MOST_BREACHES = 20
"""How many breaches one post opens, changes or ends."""
AHEAD = timedelta(minutes=5)
"""How far the clock of who measures may be ahead of ours."""
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Measured:
    """One value as it comes in."""

    at: datetime
    value: float
    sample_size: int | None = None
    version: ModelVersion | None = None


@dataclass(frozen=True)
class Posted:
    """What became of the points of one call."""

    added: int
    repeated: int
    opened: int
    ended: int


def post_points(series: MonitoringSeries, points: Sequence[Measured], *, by: Actor) -> Posted:
    """Take in values, all or none, and open, change or end the breaches they make.

    A value that is there already changes nothing; late ones are taken in where they belong.

    Raises:
        InputRefused: when a value or a moment is not what it may be, or there are too many.
        RuleBroken: when another value is known for a moment.
    """
    with change(POST_POINTS, series, by=by) as record:
        series.require_live()
        wanted = _wanted(series, points, record.time)
        known = dict(
            series.points.filter(measured_at__in=wanted).values_list("measured_at", "value")
        )
        _require_same(wanted, known)
        fresh = [wanted[at] for at in sorted(wanted.keys() - known.keys())]
        if series.points.count() + len(fresh) > MOST_POINTS:
            raise RuleBroken(f"A series holds at most {MOST_POINTS:,} points. Start another one.")
        MonitoringPoint.objects.bulk_create(
            _row(series, point, by=by, at=record.time) for point in fresh
        )
        opened, ended = _settle(series, fresh[0].at, by=by) if fresh else (0, 0)
        record.note(
            points=len(fresh), repeated=len(known), opened=opened, ended=ended, digest=_sum(fresh)
        )
    return Posted(len(fresh), len(known), opened, ended)


def export_points(series: MonitoringSeries, *, by: Actor) -> None:
    """Record who takes the points of a series away."""
    record_access(EXPORT_POINTS, series, by=by, facts={"points": series.points.count()})


# -- what posting does -----------------------------------------------------------------------------


def _settle(series: MonitoringSeries, since: datetime, *, by: Actor) -> tuple[int, int]:
    """Write the breaches that points since a moment make; return how many opened and ended."""
    moves = breaches.moves(series, since)
    if len(moves) > MOST_BREACHES:
        raise RuleBroken(
            f"These points open or end more than {MOST_BREACHES} breaches. Look at the thresholds, "
            "or post fewer points at once."
        )
    opened = ended = 0
    for breach, episode in moves:
        if breach is None:
            _open(series, episode, by=by)
            opened += 1
            ended += episode.ended_at is not None
        elif episode.ended_at is not None and breach.ended_at is None:
            ended += 1
            _end(breach, episode, by=by)
        else:
            _change(breach, episode, by=by)
    return opened, ended


def _open(series: MonitoringSeries, episode: Episode, *, by: Actor) -> None:
    with change(OPEN_BREACH, series, by=by) as record:
        breach = Breach(
            series=series,
            band=episode.band.value,
            started_at=episode.started_at,
            value=episode.value,
            ended_at=episode.ended_at,
        )
        breach.save()
        record.about(breach)
        _note(record, breach)


def _end(breach: Breach, episode: Episode, *, by: Actor) -> None:
    with change(END_BREACH, breach, by=by) as record:
        _write(breach, episode, record)


def _change(breach: Breach, episode: Episode, *, by: Actor) -> None:
    with change(CHANGE_BREACH, breach, by=by) as record:
        _write(breach, episode, record)


def _write(breach: Breach, episode: Episode, record: Record) -> None:
    breach.band, breach.value = episode.band.value, episode.value
    breach.started_at, breach.ended_at = episode.started_at, episode.ended_at
    breach.save()
    _note(record, breach)


def _note(record: Record, breach: Breach) -> None:
    record.note(band=breach.band, value=repr(breach.value), started=utc_text(breach.started_at))


def _wanted(
    series: MonitoringSeries, points: Sequence[Measured], now: datetime
) -> dict[datetime, Measured]:
    """Return the points by their moment, provided each may be taken in."""
    if not points:
        raise InputRefused("There is no point.")
    if len(points) > MOST_POSTED:
        raise InputRefused(f"One call takes at most {MOST_POSTED:,} points.")
    wanted: dict[datetime, Measured] = {}
    for point in points:
        _require_point(series, point, now)
        there = wanted.setdefault(point.at, point)
        if there.value != point.value:
            raise _another(point)
    return wanted


def _require_point(series: MonitoringSeries, point: Measured, now: datetime) -> None:
    if point.at.tzinfo is None:
        raise InputRefused(f"The moment {point.at.isoformat()} has no time zone. Add Z for UTC.")
    if not _OLDEST <= point.at <= now + AHEAD:
        raise InputRefused(f"The moment {point.at.isoformat()} is in the future, or before 1990.")
    if not math.isfinite(point.value):
        raise InputRefused("A value is a finite number.")
    if point.sample_size is not None and not 0 <= point.sample_size <= MOST_INTEGER:
        raise InputRefused("A sample size is a whole number, zero or more.")
    if point.version is not None:
        if point.version.model_id != series.model_id:
            raise InputRefused(f"{point.version} is no version of {series.model}.")
        if series.version_id not in {None, point.version.pk}:
            raise InputRefused(f"This series is about {series.version}, not {point.version}.")


def _require_same(wanted: dict[datetime, Measured], known: dict[datetime, float]) -> None:
    for at, value in sorted(known.items()):
        if wanted[at].value != value:
            raise _another(wanted[at])


def _another(point: Measured) -> RuleBroken:
    """Return the refusal; it does not tell the other value, since who may post may not read."""
    return RuleBroken(
        f"For {point.at.isoformat()} another value than {point.value!r} is known. What was "
        "measured never changes, so nothing of this call was kept."
    )


def _row(series: MonitoringSeries, point: Measured, *, by: Actor, at: datetime) -> MonitoringPoint:
    if by.user_id is None:
        raise NotAllowed("Only a person or a service account posts measurements.")
    return MonitoringPoint(
        series=series,
        measured_at=point.at,
        value=point.value,
        sample_size=point.sample_size,
        version=point.version,
        posted_at=at,
        posted_by_id=by.user_id,
    )


def _sum(points: Sequence[Measured]) -> str:
    """Return the digest of what was added: each moment with its value."""
    return digest_of([[utc_text(point.at), repr(point.value)] for point in points])
