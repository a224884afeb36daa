"""Reads of monitoring: series an actor may see, their newest points, and what policies read."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from apps.catalog import queries as catalog
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor
from apps.validation.evidence.queries import has_valid
from apps.validation.models import Breach, MonitoringPoint, MonitoringSeries
from apps.validation.monitoring.bands import Band, worst

PLAN = "monitoring_plan"


def series_visible_to(actor: Actor) -> QuerySet[MonitoringSeries]:
    """Return the series of models an actor may see."""
    return series_on(catalog.models_visible_to(actor))


def series_on(models: QuerySet[RegisteredModel]) -> QuerySet[MonitoringSeries]:
    """Return the series of some models; none of versions that were deleted."""
    there = Q(version=None) | Q(version__deleted_at=None)
    found: QuerySet[MonitoringSeries] = MonitoringSeries.objects.filter(there, model__in=models)
    return found.select_related("model", "version__model", "owner")


def breaches_visible_to(actor: Actor) -> QuerySet[Breach]:
    """Return the breaches of series an actor may see."""
    found: QuerySet[Breach] = Breach.objects.filter(series__in=series_visible_to(actor))
    return found.select_related("series__model", "series__version__model", "acknowledged_by")


@dataclass(frozen=True)
class Standing:
    """How a series stands: its newest value, its band, and its breaches."""

    series: MonitoringSeries
    newest: MonitoringPoint | None
    ongoing: Breach | None
    unacknowledged: int

    @property
    def band(self) -> Band | None:
        """The band it is in: that of a breach while it lasts, else of the newest value."""
        if self.ongoing is not None:
            return Band(self.ongoing.band)
        return None if self.newest is None else self.series.bands.of(self.newest.value)

    def is_overdue(self, at: datetime) -> bool:
        """Say whether a point is expected by now and has not come."""
        last = self.newest.measured_at if self.newest else self.series.started_at
        interval = timedelta(days=self.series.interval_days)
        return self.series.ended_at is None and at - last > interval


def standings(series: Iterable[MonitoringSeries]) -> list[Standing]:
    """Return how series stand, in three queries however many they and their breaches are."""
    wanted = list(series)
    newest = _newest_points(wanted)
    breaches = Breach.objects.filter(series__in=[one.pk for one in wanted])
    ongoing = {breach.series_id: breach for breach in breaches.filter(ended_at=None)}
    waiting = breaches.filter(acknowledged_at=None).values("series").annotate(count=Count("pk"))
    unacknowledged = dict(waiting.values_list("series", "count"))
    return [
        Standing(one, newest.get(one.pk), ongoing.get(one.pk), unacknowledged.get(one.pk, 0))
        for one in wanted
    ]


def newest_of_each(
    series: Collection[MonitoringSeries], most: int
) -> Mapping[int, Sequence[MonitoringPoint]]:
    """Return the newest points of each series in order of time, in one query."""
    newest_first = Window(RowNumber(), partition_by=F("series"), order_by=F("measured_at").desc())
    points = MonitoringPoint.objects.filter(series__in=[one.pk for one in series])
    rows = points.annotate(place=newest_first).filter(place__lte=most).select_related("version")
    found: dict[int, list[MonitoringPoint]] = defaultdict(list)
    for point in rows.order_by("series", "measured_at"):
        found[point.series_id].append(point)
    return found


def breaches_of(series: Collection[MonitoringSeries], most: int) -> Mapping[int, Sequence[Breach]]:
    """Return the newest breaches of each series, the newest first, in one query."""
    newest_first = Window(RowNumber(), partition_by=F("series"), order_by=F("started_at").desc())
    breaches = Breach.objects.filter(series__in=[one.pk for one in series])
    rows = breaches.annotate(place=newest_first).filter(place__lte=most)
    by_pk = {one.pk: one for one in series}
    found: dict[int, list[Breach]] = defaultdict(list)
    for breach in rows.select_related("acknowledged_by").order_by("series", "-started_at"):
        breach.series = by_pk[breach.series_id]
        found[breach.series_id].append(breach)
    return found


def monitoring_facts(version: ModelVersion, at: datetime) -> dict[str, object]:
    """Return what policies read about the monitoring of a version.

    Series of the version count, and those of its model as a whole. Breaches of series that have
    ended count until somebody acknowledged them.
    """
    about = MonitoringSeries.objects.filter(Q(version=version) | Q(version=None))
    found = standings(about.filter(model=version.model_id).order_by("pk"))
    live = [one for one in found if one.series.ended_at is None]
    bands = [one.band for one in live if one.band is not None]
    reports = [one.newest.measured_at for one in live if one.newest is not None]
    return {
        "plan_approved": has_valid(version.model, PLAN, at),
        "configured": bool(live),
        "metrics_with_thresholds": len(
            {one.series.metric for one in live if one.series.bands.is_set}
        ),
        "status": worst(bands).value if bands else "none",
        "last_report_age_days": max((at - max(reports)).days, 0) if reports else -1,
        "open_breaches": sum(one.unacknowledged for one in found),
    }


def _newest_points(series: Sequence[MonitoringSeries]) -> Mapping[int, MonitoringPoint]:
    of_series = MonitoringPoint.objects.filter(series=OuterRef("pk")).order_by("-measured_at")
    ids = MonitoringSeries.objects.filter(pk__in=[one.pk for one in series])
    newest = ids.order_by().values(newest=Subquery(of_series.values("pk")[:1]))
    points = MonitoringPoint.objects.filter(pk__in=newest)
    return {point.series_id: point for point in points}
