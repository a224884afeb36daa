"""Series, what became of posted points, and breaches."""

from datetime import datetime

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.validation.models import Breach
from apps.validation.monitoring.queries import Standing
from apps.validation.operations.measurements import Posted


class Series(Answer):
    """One metric that is watched, and how it stands."""

    id: int
    metric: str
    environment: str
    version: int | None
    unit: str
    direction: str
    amber_least: str
    amber_most: str
    red_least: str
    red_most: str
    owner: str
    interval_days: int
    started_at: datetime
    ended_at: datetime | None
    band: str
    """``green``, ``amber`` or ``red``; ``none`` before the first value."""
    value: float | None
    measured_at: datetime | None
    unacknowledged: int
    points: str
    page: str

    @classmethod
    def of(cls, standing: Standing) -> "Series":
        series, newest = standing.series, standing.newest
        return cls(
            id=series.pk,
            metric=series.metric,
            environment=series.environment,
            version=series.version.number if series.version else None,
            unit=series.unit,
            direction=series.direction,
            amber_least=series.amber_least,
            amber_most=series.amber_most,
            red_least=series.red_least,
            red_most=series.red_most,
            owner=series.owner.username,
            interval_days=series.interval_days,
            started_at=series.started_at,
            ended_at=series.ended_at,
            band=standing.band.value if standing.band else "none",
            value=newest.value if newest else None,
            measured_at=newest.measured_at if newest else None,
            unacknowledged=standing.unacknowledged,
            points=reverse("v1:points", args=[series.model.name, series.pk]),
            page=series.get_absolute_url(),
        )


class SeriesList(Answer):
    """The series of a model."""

    series: list[Series]


class PostedPoints(Answer):
    """What became of posted values: nothing a caller who may only post does not know."""

    added: int
    repeated: int
    breaches_opened: int
    breaches_ended: int

    @classmethod
    def of(cls, posted: Posted) -> "PostedPoints":
        return cls(
            added=posted.added,
            repeated=posted.repeated,
            breaches_opened=posted.opened,
            breaches_ended=posted.ended,
        )


class BreachAnswer(Answer):
    """A stretch of values past a band."""

    id: int
    series: int
    metric: str
    band: str
    value: float
    started_at: datetime
    ended_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    remark: str
    page: str

    @classmethod
    def of(cls, breach: Breach) -> "BreachAnswer":
        return cls(
            id=breach.pk,
            series=breach.series_id,
            metric=breach.series.metric,
            band=breach.band,
            value=breach.value,
            started_at=breach.started_at,
            ended_at=breach.ended_at,
            acknowledged_at=breach.acknowledged_at,
            acknowledged_by=breach.acknowledged_by.username if breach.acknowledged_by else "",
            remark=breach.remark,
            page=breach.get_absolute_url(),
        )


class BreachPage(Answer):
    """Some breaches, and the mark of those after them."""

    breaches: list[BreachAnswer]
    next: str | None
