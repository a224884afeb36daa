"""Monitoring: series begin, change their bands and end; points come in; breaches are answered."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apps.accounts.models import User
from apps.audit.actions import Action
from apps.audit.changes import Record, change, record_access
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor
from apps.core.digests import digest_of, utc_text
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import MOST_INTEGER, InputRefused, require_text
from apps.validation.models import Breach, MonitoringPoint, MonitoringSeries
from apps.validation.monitoring import breaches
from apps.validation.monitoring.bands import Bands, Episode

_MANAGE = "catalog.manage_monitoring"
_POST = "catalog.post_measurements"
_REFUSAL = "Owners, operators, validators and risk officers of this model manage its monitoring."

START = Action("monitoring.start", permission=_MANAGE, refusal=_REFUSAL)
CHANGE_BANDS = Action(
    "monitoring.change_bands", permission=_MANAGE, needs_reason=True, refusal=_REFUSAL
)
END_SERIES = Action("monitoring.end", permission=_MANAGE, needs_reason=True, refusal=_REFUSAL)
POST_POINTS = Action(
    "monitoring.post",
    permission=_POST,
    refusal="Developers, owners and operators of this model post its measurements.",
)
OPEN_BREACH = Action("breach.open", permission=_POST)
CHANGE_BREACH = Action("breach.change", permission=_POST)
END_BREACH = Action("breach.end", permission=_POST)
EXPORT_POINTS = Action("monitoring.export", permission="catalog.view_registeredmodel")
ACKNOWLEDGE = Action("breach.acknowledge", permission=_MANAGE, needs_reason=True, refusal=_REFUSAL)

MOST_SERIES = 200
"""How many series of a model are live at once."""
MOST_POSTED = 1_000
MOST_POINTS = 200_000
"""How many points one series holds."""
MOST_BREACHES = 20
"""How many breaches one post opens, changes or ends."""
MOST_INTERVAL = 366
AHEAD = timedelta(minutes=5)
"""How far the clock of who measures may be ahead of ours."""
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Watched:
    """What a series watches."""

    metric: str
    direction: str
    environment: str = ""
    unit: str = ""
    version: ModelVersion | None = None


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


def start_series(
    model: RegisteredModel,
    watched: Watched,
    bands: Bands,
    *,
    by: Actor,
    owner: User,
    interval_days: int,
) -> MonitoringSeries:
    """Begin to watch a metric of a model, or of one version of it.

    Raises:
        InputRefused: when a text, a threshold or the interval is not what it may be.
        RuleBroken: when the metric is watched there already.
    """
    with change(START, model, by=by) as record:
        _require_person(by)
        _require_watched(model, watched)
        _require_bands(bands, watched.direction)
        _require_expected(owner, interval_days)
        live = MonitoringSeries.objects.filter(model=model, ended_at=None)
        if live.count() >= MOST_SERIES:
            raise RuleBroken(f"A model has at most {MOST_SERIES} series at once. End one first.")
        series = MonitoringSeries(
            model=model,
            version=watched.version,
            environment=watched.environment.strip(),
            metric=watched.metric.strip(),
            unit=watched.unit.strip(),
            direction=watched.direction,
            owner=owner,
            interval_days=interval_days,
            started_at=record.time,
        )
        same = live.filter(
            version=series.version, environment=series.environment, metric=series.metric
        )
        if same.exists():
            raise RuleBroken(f"{series} is watched already. End that series first.")
        series.take(bands)
        series.save()
        record.about(series)
        record.note(metric=series.metric, environment=series.environment, **_told(bands))
    return series


def change_bands(
    series: MonitoringSeries,
    bands: Bands,
    *,
    by: Actor,
    reason: str,
    owner: User | None = None,
    interval_days: int | None = None,
) -> MonitoringSeries:
    """Give a series other thresholds, which hold for points posted from then on.

    With them its owner and interval can change.
    """
    with change(CHANGE_BANDS, series, by=by, reason=reason) as record:
        _require_person(by)
        series.require_live()
        _require_bands(bands, series.direction)
        owner = owner or series.owner
        interval = series.interval_days if interval_days is None else interval_days
        _require_expected(owner, interval)
        now = (series.bands, series.owner_id, series.interval_days)
        if now == (bands, owner.pk, interval):
            raise RuleBroken("Nothing would change.")
        series.take(bands)
        series.owner, series.interval_days = owner, interval
        series.save()
        record.note(metric=series.metric, **_told(bands))
    return series


def end_series(series: MonitoringSeries, *, by: Actor, reason: str) -> MonitoringSeries:
    """Watch a metric no longer; its points and breaches stay."""
    with change(END_SERIES, series, by=by, reason=reason) as record:
        _require_person(by)
        series.require_live()
        series.ended_at = record.time
        series.save()
        record.note(metric=series.metric, open_breaches=breaches.unacknowledged(series))
    return series


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


def acknowledge_breach(breach: Breach, *, by: Actor, reason: str) -> Breach:
    """Answer for a breach: say what it was and what was done."""
    with change(ACKNOWLEDGE, breach, by=by, reason=reason) as record:
        _require_person(by)
        breach.require_unacknowledged()
        breach.acknowledged_at, breach.acknowledged_by_id = record.time, by.user_id
        breach.remark = record.reason
        breach.save()
        record.note(band=breach.band, metric=breach.series.metric)
    return breach


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
            _write(END_BREACH, breach, episode, by=by)
        else:
            _write(CHANGE_BREACH, breach, episode, by=by)
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


def _write(action: Action, breach: Breach, episode: Episode, *, by: Actor) -> None:
    with change(action, breach, by=by) as record:
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
            raise _another(point, there.value)
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
            raise _another(wanted[at], value)


def _another(point: Measured, value: float) -> RuleBroken:
    return RuleBroken(
        f"For {point.at.isoformat()} the value {value!r} is known, not {point.value!r}. What was "
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


# -- what the other operations ask -----------------------------------------------------------------


def _require_person(by: Actor) -> None:
    if not by.is_person:
        raise NotAllowed("A person manages monitoring, in a browser.")


def _require_watched(model: RegisteredModel, watched: Watched) -> None:
    if not watched.metric.strip():
        raise InputRefused("Name the metric.")
    require_text(watched.metric, "The metric", 120)
    require_text(watched.environment, "The environment", 120)
    require_text(watched.unit, "The unit", 30)
    if watched.direction not in MonitoringSeries.Direction.values:
        raise InputRefused(f"There is no direction {watched.direction!a:.40}.")
    if watched.version is not None:
        if watched.version.model_id != model.pk:
            raise InputRefused(f"{watched.version} is no version of {model}.")
        watched.version.require_ready()


def _require_bands(bands: Bands, direction: str) -> None:
    """Refuse thresholds on the side that is good."""
    bands.require()
    higher, lower = MonitoringSeries.Direction.HIGHER, MonitoringSeries.Direction.LOWER
    if direction == higher and (bands.amber_most or bands.red_most):
        raise InputRefused("Higher is better here, so it has a least and no most.")
    if direction == lower and (bands.amber_least or bands.red_least):
        raise InputRefused("Lower is better here, so it has a most and no least.")


def _require_expected(owner: User, interval_days: int) -> None:
    if not owner.is_active:
        raise RuleBroken(f"The account of {owner} is closed. Choose another owner.")
    if not 1 <= interval_days <= MOST_INTERVAL:
        raise InputRefused(f"A point is expected at least every 1 to {MOST_INTERVAL} days.")


def _told(bands: Bands) -> dict[str, str]:
    return {
        "amber_least": bands.amber_least,
        "amber_most": bands.amber_most,
        "red_least": bands.red_least,
        "red_most": bands.red_most,
    }
