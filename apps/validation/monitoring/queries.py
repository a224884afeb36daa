"""Reads of monitoring: series an actor may see, their newest points, and what policies read."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber

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


@dataclass(frozen=True)
class Glimpse:
    """What is read of a series to judge by: when it last reported, its band, its breaches."""

    series: MonitoringSeries
    reported_at: datetime | None
    band: Band | None
    """That of a breach while it lasts, else of the newest value."""
    unacknowledged: int

    @classmethod
    def of(cls, series: Any) -> "Glimpse":
        """Read a series with what was annotated to it."""
        if series.ongoing is not None:
            band: Band | None = Band(series.ongoing)
        else:
            band = None if series.newest is None else series.bands.of(series.newest)
        return cls(series, series.reported_at, band, series.unacknowledged)


@dataclass(frozen=True)
class Watched:
    """How the series about some versions and their models stand, read once for all of them."""

    of_models: Mapping[int, Sequence[Glimpse]]
    of_versions: Mapping[int, Sequence[Glimpse]]

    @classmethod
    def about(cls, versions: Collection[ModelVersion]) -> "Watched":
        """Read the monitoring of many versions in one query."""
        models = {version.model_id for version in versions}
        of_them = Q(version__in=[version.pk for version in versions]) | Q(version=None)
        series = MonitoringSeries.objects.filter(of_them, model__in=models).order_by("pk")
        of_models: dict[int, list[Glimpse]] = defaultdict(list)
        of_versions: dict[int, list[Glimpse]] = defaultdict(list)
        for one in map(Glimpse.of, _glimpsed(series)):
            if one.series.version_id is None:
                of_models[one.series.model_id].append(one)
            else:
                of_versions[one.series.version_id].append(one)
        return cls(of_models, of_versions)

    def facts(self, version: ModelVersion, at: datetime) -> dict[str, object]:
        """Return what policies read about the monitoring of a version, but for its plan.

        Series of the version count, and those of its model as a whole. Breaches of series that
        have ended count until somebody acknowledged them.
        """
        found = [
            *self.of_models.get(version.model_id, ()),
            *self.of_versions.get(version.pk, ()),
        ]
        live = [one for one in found if one.series.ended_at is None]
        bands = [one.band for one in live if one.band is not None]
        reports = [one.reported_at for one in live if one.reported_at is not None]
        return {
            "configured": bool(live),
            "metrics_with_thresholds": len(
                {one.series.metric for one in live if one.series.bands.is_set}
            ),
            "status": worst(bands).value if bands else "none",
            "last_report_age_days": max((at - max(reports)).days, 0) if reports else -1,
            "open_breaches": sum(one.unacknowledged for one in found),
        }


def monitoring_facts(version: ModelVersion, at: datetime) -> dict[str, object]:
    """Return what policies read about the monitoring of one version."""
    plan_approved = has_valid(version.model, PLAN, at)
    return {"plan_approved": plan_approved, **Watched.about([version]).facts(version, at)}


def _glimpsed(series: QuerySet[MonitoringSeries]) -> QuerySet[MonitoringSeries, Any]:
    """Read series with their newest value and breaches."""
    points = MonitoringPoint.objects.filter(series=OuterRef("pk")).order_by("-measured_at")
    breaches = Breach.objects.filter(series=OuterRef("pk")).order_by()
    waiting = breaches.filter(acknowledged_at=None).values("series").annotate(count=Count("pk"))
    return series.annotate(
        newest=Subquery(points.values("value")[:1]),
        reported_at=Subquery(points.values("measured_at")[:1]),
        ongoing=Subquery(breaches.filter(ended_at=None).values("band")[:1]),
        unacknowledged=Coalesce(Subquery(waiting.values("count")), 0),
    )


def _newest_points(series: Sequence[MonitoringSeries]) -> Mapping[int, MonitoringPoint]:
    of_series = MonitoringPoint.objects.filter(series=OuterRef("pk")).order_by("-measured_at")
    ids = MonitoringSeries.objects.filter(pk__in=[one.pk for one in series])
    newest = ids.order_by().values(newest=Subquery(of_series.values("pk")[:1]))
    points = MonitoringPoint.objects.filter(pk__in=newest)
    return {point.series_id: point for point in points}
