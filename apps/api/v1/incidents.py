"""Incidents: listed, read with the clocks of their reports, and reported.

People follow them in a browser: who contains or closes one, or tells an authority, is a person.
"""

from typing import Literal

from django.db.models import QuerySet
from django.http import Http404
from ninja import Router

from apps.api.callers import Call
from apps.api.v1 import finding, found
from apps.api.v1.answers.findings import FindingAnswer
from apps.api.v1.answers.incidents import (
    IncidentAnswer,
    IncidentLine,
    IncidentPage,
    ReportingClocks,
)
from apps.api.v1.answers.story import Timeline
from apps.api.v1.asked.common import Limit, Words
from apps.api.v1.asked.findings import NewFinding
from apps.api.v1.asked.incidents import NewIncident
from apps.audit.actions import Action
from apps.catalog import queries as catalog
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.inputs import MOST_INTEGER
from apps.core.paging import Order
from apps.risk import clocks, finding_queries, story
from apps.risk.models import Incident
from apps.risk.operations import findings
from apps.risk.operations import incidents as operations
from apps.risk.operations.incidents import Told

router = Router(tags=["incidents"])
NEWEST_FIRST = Order(("id",))
IN_ORDER = Order(("id",), least_first=True)
_INCIDENT = "/incidents/{int:incident}"
_RELATED = ("model__owner", "version__model", "owner", "reported_by", "contained_by", "closed_by")

Severity = Literal["", "serious", "other"]
State = Literal["", "open", "contained", "closed"]


@router.get("/reporting-clocks", url_name="reporting_clocks", response=ReportingClocks)
def list_clocks(request: Call) -> ReportingClocks:  # noqa: ARG001 - the framework's
    """List what can be true of an incident, and the reports to authorities that follow from it."""
    return ReportingClocks.of(clocks.shipped())


@router.get("/incidents", url_name="incidents", response=IncidentPage)
def list_incidents(
    request: Call,
    *,
    model: Words = "",
    severity: Severity = "",
    state: State = "",
    limit: Limit = 100,
    page: str = "",
) -> IncidentPage:
    """List the incidents the caller may see, the newest first."""
    asked = {"model__name": model, "severity": severity, "state": state}
    incidents = finding_queries.incidents_visible_to(request.actor)
    incidents = incidents.filter(**{key: told for key, told in asked.items() if told})
    bound_to = f"incidents for {request.actor.id}: {[model, severity, state]}"
    rows = NEWEST_FIRST.page(incidents, size=limit, mark=page, bound_to=bound_to)
    lines = [IncidentLine.of(one) for one in rows.rows]
    return IncidentPage(incidents=lines, next=rows.older or None)


@router.post("/models/{name}/incidents", url_name="report_incident", response={201: IncidentAnswer})
def report_incident(request: Call, name: str, asked: NewIncident) -> IncidentAnswer:
    """Report that something went wrong where a model is used; the clocks that apply begin.

    A token with the scope ``raise`` is enough.
    """
    model = found.model(request.actor, name, to=operations.REPORT_INCIDENT)
    told = asked.model_dump(exclude={"owner", "version"})
    version = None if asked.version is None else found.version_of(model, asked.version)
    reported = operations.report_incident(
        model, Told(**told, version=version), by=request.actor, owner=found.person(asked.owner)
    )
    return _whole(reported)


@router.get(_INCIDENT, url_name="incident", response=IncidentAnswer)
def show_incident(request: Call, incident: int) -> IncidentAnswer:
    """Show an incident with the reports that authorities expect of it, and until when."""
    return _whole(_found(request.actor, incident))


@router.get(f"{_INCIDENT}/timeline", url_name="incident_timeline", response=Timeline)
def list_timeline(request: Call, incident: int, limit: Limit = 100, page: str = "") -> Timeline:
    """List what was done about an incident, the oldest first: classified, contained, reported."""
    known = _found(request.actor, incident)
    bound_to = f"timeline of {known.record_id} for {request.actor.id}"
    rows = IN_ORDER.page(story.of_incident(known), size=limit, mark=page, bound_to=bound_to)
    return Timeline.of(story.told(rows.rows), rows.older)


@router.post(f"{_INCIDENT}/findings", url_name="raise_from_incident", response={201: FindingAnswer})
def raise_from_incident(request: Call, incident: int, asked: NewFinding) -> FindingAnswer:
    """Raise a finding that follows from an incident, which goes on by itself."""
    known = _found(request.actor, incident, to=findings.RAISE_FROM_INCIDENT)
    raised = findings.raise_finding_from_incident(
        known,
        finding.said_of(known.model, asked),
        by=request.actor,
        owner=found.person(asked.owner),
    )
    return finding.whole(raised)


def _found(actor: Actor, number: int, *, to: Action | None = None) -> Incident:
    """Return an incident of a model the actor may see, or do something to."""
    if number > MOST_INTEGER:
        raise Http404
    known = _one(finding_queries.incidents_visible_to(actor), number)
    if known is None and to is not None:
        models = catalog.models_where(actor, to.permission)
        known = _one(Incident.objects.filter(model__in=models.values("pk")), number)
    if known is None:
        raise Http404
    return known


def _one(incidents: QuerySet[Incident], number: int) -> Incident | None:
    return incidents.select_related(*_RELATED).filter(pk=number).first()


def _whole(incident: Incident) -> IncidentAnswer:
    duties = incident.duties.select_related("reported_by", "set_aside_by").order_by("due_at", "pk")
    return IncidentAnswer.whole(incident, duties, at=database_now())
