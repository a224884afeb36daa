"""Gauges for whoever watches the installation: how much there is, waits and is wrong."""

from django.http import HttpResponse
from ninja import Router

from apps.api import metrics
from apps.api.callers import Call
from apps.api.describing import METRICS
from apps.core.clock import database_now

router = Router(tags=["metrics"])


@router.get("/metrics", url_name="metrics", openapi_extra=METRICS)
def show_metrics(request: Call) -> HttpResponse:  # noqa: ARG001 - any token may have it
    """Give gauges in Prometheus' text format, for every token: counts, and no name of a model."""
    told = metrics.as_text(metrics.gathered(at=database_now()))
    return HttpResponse(told, content_type=metrics.CONTENT_TYPE)
