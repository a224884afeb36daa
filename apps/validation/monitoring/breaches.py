"""Which breaches of a series begin, grow worse or end once points came in."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from apps.validation.models import Breach, MonitoringSeries
from apps.validation.monitoring.bands import GREENS_TO_END, Band, Episode, Walk

Move = tuple[Breach | None, Episode]
"""What becomes of a breach: one there is, or a new one, and the stretch it covers now."""


def moves(series: MonitoringSeries, since: datetime) -> list[Move]:
    """Return what points since a moment, late ones among them, make of the breaches of a series.

    Points before that moment stay as they were judged. A stretch that meets a breach there is
    belongs to it, so that late points never double one.
    """
    points = series.points.order_by("measured_at").values_list("measured_at", "value")
    walk = _begun(series, points.filter(measured_at__lt=since), since)
    there = list(_later(series, since))
    found: list[Move] = []
    for episode in walk.through(points.filter(measured_at__gte=since)):
        breach = next((one for one in there if _meets(one, episode)), None)
        if breach is None:
            found.append((None, episode))
            continue
        grown = _grown(breach, episode)
        if grown is not None:
            found.append((breach, grown))
        if breach.ended_at is None and episode.ended_at is not None:
            there.remove(breach)  # what comes after its end is another one
    return found


def unacknowledged(series: MonitoringSeries) -> int:
    """Return how many breaches of a series nobody answered for yet."""
    return series.breaches.filter(acknowledged_at=None).count()


def _begun(series: MonitoringSeries, before: object, since: datetime) -> Walk:
    """Return the walk as it stood at a moment: with the breach that went on then."""
    ongoing = (
        series.breaches.filter(started_at__lt=since)
        .filter(Q(ended_at=None) | Q(ended_at__gte=since))
        .order_by("-started_at")
        .first()
    )
    if ongoing is None:
        return Walk(series.bands)
    current = Episode(Band(ongoing.band), ongoing.started_at, ongoing.value)
    last = before.order_by("-measured_at")[: GREENS_TO_END - 1]  # type: ignore[attr-defined]
    greens = 0
    for _, value in last:
        if series.bands.of(value) is not Band.GREEN:
            break
        greens += 1
    return Walk(series.bands, current, greens)


def _later(series: MonitoringSeries, since: datetime) -> Iterable[Breach]:
    breaches = series.breaches.filter(Q(ended_at=None) | Q(ended_at__gte=since))
    return breaches.order_by("started_at", "pk")


def _meets(breach: Breach, episode: Episode) -> bool:
    """Say whether a breach and a stretch have a moment in common."""
    begins_before = episode.ended_at is None or breach.started_at < episode.ended_at
    return begins_before and (breach.ended_at is None or episode.started_at <= breach.ended_at)


def _grown(breach: Breach, episode: Episode) -> Episode | None:
    """Return what a breach becomes by the stretch it belongs to, or nothing when it stays.

    It never grows milder or begins later, and one that has ended does not go on again.
    """
    is_worse = episode.band.severity > Band(breach.band).severity
    before = Episode(Band(breach.band), breach.started_at, breach.value, breach.ended_at)
    after = Episode(
        episode.band if is_worse else before.band,
        min(before.started_at, episode.started_at),
        episode.value if is_worse else before.value,
        before.ended_at or episode.ended_at,
    )
    return None if after == before else after
