"""Monitoring: series and breaches are read, and points posted. People manage both in a browser."""

from django.http import Http404
from ninja import Router

from apps.api.callers import Call
from apps.api.v1 import found
from apps.api.v1.answers.monitoring import (
    BreachAnswer,
    BreachPage,
    PostedPoints,
    Series,
    SeriesList,
)
from apps.api.v1.asked.common import Limit
from apps.api.v1.asked.monitoring import NewPoint, NewPoints
from apps.catalog import queries as catalog
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.inputs import MOST_INTEGER, InputRefused
from apps.core.paging import Order
from apps.validation import operations
from apps.validation.models import MonitoringSeries
from apps.validation.monitoring import queries
from apps.validation.operations.measurements import POST_POINTS, Measured

router = Router(tags=["monitoring"])
NEWEST_FIRST = Order(("pk",))
_SERIES = "/models/{name}/monitoring"


@router.get(_SERIES, url_name="monitoring", response=SeriesList)
def list_series(request: Call, name: str) -> SeriesList:
    """List what is watched of a model and how it stands, ended series too."""
    model = found.model(request.actor, name)
    series = queries.series_visible_to(request.actor).filter(model=model).order_by("pk")
    return SeriesList(series=[Series.of(one) for one in queries.standings(series)])


@router.post(f"{_SERIES}/{{int:series}}/points", url_name="points", response={201: PostedPoints})
def post_points(request: Call, name: str, series: int, asked: NewPoints) -> PostedPoints:
    """Post measured values, all or none; a value that is there already changes nothing.

    A token with the scope ``monitor`` is enough, and reads nothing.
    """
    watched = _series(request, name, series)
    versions = _versions(watched.model, asked.points)
    points = [
        Measured(
            point.at,
            point.value,
            point.sample_size,
            None if point.version is None else versions[point.version],
        )
        for point in asked.points
    ]
    return PostedPoints.of(operations.post_points(watched, points, by=request.actor))


@router.get("/models/{name}/breaches", url_name="breaches", response=BreachPage)
def list_breaches(request: Call, name: str, limit: Limit = 100, page: str = "") -> BreachPage:
    """List the breaches of a model, the newest first."""
    model = found.model(request.actor, name)
    breaches = queries.breaches_visible_to(request.actor).filter(series__model=model)
    bound_to = f"breaches of {model.record_id} for {request.actor.id}"
    rows = NEWEST_FIRST.page(breaches, size=limit, mark=page, bound_to=bound_to)
    shown = [BreachAnswer.of(breach) for breach in rows.rows]
    return BreachPage(breaches=shown, next=rows.older or None)


def _series(request: Call, name: str, pk: int) -> MonitoringSeries:
    """Return a series of a model the caller may see, or post to."""
    if pk > MOST_INTEGER:
        raise Http404
    seen = queries.series_visible_to(request.actor)
    posted = queries.series_on(catalog.models_where(request.actor, POST_POINTS.permission))
    series: MonitoringSeries | None = (seen | posted).filter(model__name=name, pk=pk).first()
    if series is None:
        raise Http404
    return series


def _versions(model: RegisteredModel, points: list[NewPoint]) -> dict[int, ModelVersion]:
    """Return the versions that points name by number, in one query."""
    wanted = {point.version for point in points if point.version is not None}
    known = {number for number in wanted if 0 < number <= catalog.MOST_NUMBER}
    versions = model.versions.filter(number__in=known, deleted_at=None).select_related("model")
    there = {version.number: version for version in versions}
    for number in sorted(wanted - there.keys()):
        raise InputRefused(f"{model} has no version {number}.")
    return there
