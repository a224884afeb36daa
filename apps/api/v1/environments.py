"""Environments: listed and shown, and what is seen in them reported. People describe them."""

from typing import Literal

from django.http import Http404
from ninja import Router

from apps.api.callers import Call
from apps.api.v1.answers.serving import (
    EnvironmentAnswer,
    EnvironmentPage,
    ReportedSightings,
    SightingAnswer,
    SightingPage,
)
from apps.api.v1.asked.common import Limit
from apps.api.v1.asked.serving import NewSightings
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.paging import Order
from apps.deployments import operations, queries, sighting_queries
from apps.deployments.deployers.contract import Seen
from apps.deployments.models import Environment
from apps.deployments.operations.sightings import SEE

router = Router(tags=["environments"])
BY_NAME = Order(("name", "pk"), least_first=True)
NEWEST_FIRST = Order(("pk",))
_ENVIRONMENT = "/environments/{environment}"

State = Literal["going_on", "ended"]


@router.get("/environments", url_name="environments", response=EnvironmentPage)
def list_environments(request: Call, limit: Limit = 100, page: str = "") -> EnvironmentPage:
    """List the environments, and how much of what is to run in each is seen."""
    found = queries.environments_visible_to(request.actor).select_related("owner")
    rows = BY_NAME.page(
        found, size=limit, mark=page, bound_to=f"environments for {request.actor.id}"
    )
    coverage = sighting_queries.coverage_of(rows.rows, at=database_now())
    answers = [EnvironmentAnswer.of(one, coverage[one.pk]) for one in rows.rows]
    return EnvironmentPage(environments=answers, next=rows.older or None)


@router.get(_ENVIRONMENT, url_name="environment", response=EnvironmentAnswer)
def show_environment(request: Call, environment: str) -> EnvironmentAnswer:
    """Show one environment."""
    known = _found(request.actor, environment)
    return EnvironmentAnswer.of(known, sighting_queries.coverage(known, at=database_now()))


@router.get(f"{_ENVIRONMENT}/sightings", url_name="sightings", response=SightingPage)
def list_sightings(
    request: Call,
    environment: str,
    *,
    state: State = "going_on",
    limit: Limit = 100,
    page: str = "",
) -> SightingPage:
    """List what is seen in an environment and goes on, or what has ended, the newest first."""
    known = _found(request.actor, environment)
    seen = sighting_queries.sightings_visible_to(request.actor)
    wanted = seen.filter(environment=known, ended_at__isnull=state == "going_on")
    bound_to = f"sightings in {known.record_id} for {request.actor.id}: {state}"
    rows = NEWEST_FIRST.page(
        wanted.select_related("version__model", "seen_by"),
        size=limit,
        mark=page,
        bound_to=bound_to,
    )
    return SightingPage(
        sightings=[SightingAnswer.of(one) for one in rows.rows], next=rows.older or None
    )


@router.post(f"{_ENVIRONMENT}/sightings", url_name="sightings", response={201: ReportedSightings})
def report_sightings(request: Call, environment: str, asked: NewSightings) -> ReportedSightings:
    """Report what is seen running in an environment: all of it is taken in, or nothing.

    A token with the scope ``observe`` is enough, and reads nothing; best it is narrowed to the
    environment it looks at.
    """
    known = _found(request.actor, environment, may=SEE.permission)
    seen = [Seen(**one.model_dump()) for one in asked.seen]
    told = operations.report(known, seen, by=request.actor, at=asked.at, complete=asked.complete)
    return ReportedSightings.of(told)


def _found(actor: Actor, name: str, *, may: str = "") -> Environment:
    """Return an environment the actor may know of, or do something to."""
    found: Environment | None = (
        queries.environments_visible_to(actor).select_related("owner").filter(name=name).first()
    )
    if found is None and may:
        named = Environment.objects.filter(name=name).first()
        found = named if named is not None and actor.may(may, named) else None
    if found is None:
        raise Http404
    return found
