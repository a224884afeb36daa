"""Lineage from and to other tools: run events of OpenLineage are taken in, and given."""

from collections.abc import Callable, Sequence

from django.conf import settings
from django.http import Http404, HttpResponse
from ninja import Router

from apps.api.callers import Call
from apps.api.describing import JSON_LINES, LINES
from apps.api.openlineage.intake import Named, read_event
from apps.api.openlineage.naming import NamedVersion
from apps.api.openlineage.telling import events_of
from apps.api.v1 import found
from apps.api.v1.answers.run_events import ObservedAnswer
from apps.api.v1.asked.run_events import RunEvent
from apps.catalog import lineage, operations, queries
from apps.catalog.models import ModelVersion
from apps.catalog.operations import OBSERVE_INPUTS, Seen, SeenRun
from apps.core.actors import Actor
from apps.core.inputs import InputRefused

router = Router(tags=["lineage"])


@router.post("/lineage", url_name="run_events", response=ObservedAnswer)
def take_run_event(request: Call, asked: RunEvent) -> ObservedAnswer:
    """Take a run event of OpenLineage: what a run of a job was seen to read and make.

    The same event again changes nothing, and the order of events does not matter.
    """
    told = read_event(asked)
    seen = _seen(request.actor)
    of_runs = _versions_of(request.actor, told.training_runs)
    run = SeenRun(
        told.run,
        told.job,
        [seen(one) for one in told.read],
        [*map(seen, told.made), *of_runs],
    )
    return ObservedAnswer.of(operations.observe_run(run, by=request.actor))


@router.get(
    "/models/{name}/versions/{int:number}/openlineage", url_name="openlineage", openapi_extra=LINES
)
def give_run_events(request: Call, name: str, number: int) -> HttpResponse:
    """Give the lineage of a version as run events, one a line, once it is recorded who takes it."""
    version = found.version(request.actor, name, number)
    around, _ = lineage.around(version, request.actor)
    events = events_of(around, site=settings.BASE_URL)
    operations.export_version_lineage(version, by=request.actor, rows=len(events))
    return HttpResponse("".join(f"{event}\n" for event in events), content_type=JSON_LINES)


# -- what is named ---------------------------------------------------------------------------------


def _seen(actor: Actor) -> Callable[[Named], Seen]:
    return lambda one: _version(actor, one) if isinstance(one, NamedVersion) else one


def _version(actor: Actor, named: NamedVersion) -> ModelVersion:
    """Return a version the actor may see, or register beside."""
    try:
        return found.version(actor, named.model, named.number, to=OBSERVE_INPUTS)
    except Http404:
        raise InputRefused(f"There is no version {str(named)!a:.300} that you can see.") from None


def _versions_of(actor: Actor, training_runs: Sequence[str]) -> list[ModelVersion]:
    """Return the versions of some MLflow runs that the actor may say something of."""
    versions = ModelVersion.objects.filter(
        run_uid__in=training_runs,
        deleted_at=None,
        model__in=queries.models_where(actor, OBSERVE_INPUTS.permission),
    )
    most = operations.MOST_MADE_VERSIONS + 1
    return list(versions.select_related("model", "run").order_by("pk")[:most])
