"""Findings: listed, read with what was done to them, and raised.

People answer findings in a browser: who plans, closes or bears the risk of one is a person.
"""

from typing import Annotated, Literal

from django.db.models import QuerySet
from django.http import Http404
from ninja import Router
from pydantic import Field

from apps.api.callers import Call
from apps.api.v1 import found
from apps.api.v1.answers.findings import FindingAnswer, FindingLine, FindingPage
from apps.api.v1.answers.story import Timeline
from apps.api.v1.asked.common import Limit, Words
from apps.api.v1.asked.findings import NewFinding
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.inputs import MOST_INTEGER
from apps.core.paging import Order
from apps.risk import finding_queries, story
from apps.risk.models import Finding
from apps.risk.operations import findings as operations
from apps.risk.operations.findings import Said

router = Router(tags=["findings"])
NEWEST_FIRST = Order(("id",))
IN_ORDER = Order(("id",), least_first=True)
_FINDING = "/findings/{int:finding}"
_PEOPLE = ("raised_by", "remedied_by", "closed_by")

Severity = Literal["", "critical", "high", "medium", "low"]
State = Literal["", "standing", "open", "planned", "ready_to_close", "accepted", "closed"]
Due = Literal["", "overdue"]
Number = Annotated[int, Field(ge=0, le=MOST_INTEGER)]


@router.get("/findings", url_name="findings", response=FindingPage)
def list_findings(
    request: Call,
    *,
    model: Words = "",
    severity: Severity = "",
    state: State = "",
    due: Due = "",
    owner: Words = "",
    incident: Number = 0,
    limit: Limit = 100,
    page: str = "",
) -> FindingPage:
    """List the findings the caller may see, the newest first; ``standing`` are those not closed."""
    on = database_now().date()
    asked = {
        "model__name": model,
        "severity": severity,
        "owner__username": owner,
        "incident": incident,
    }
    findings = _visible(request.actor).filter(**{key: told for key, told in asked.items() if told})
    if state == "standing":
        findings = findings.filter(state__in=Finding.STANDING)
    elif state:
        findings = findings.filter(state=state)
    if due:
        findings = finding_queries.overdue(findings, on)
    told = [model, severity, state, due, owner, incident]
    bound_to = f"findings for {request.actor.id}: {told}"
    rows = NEWEST_FIRST.page(findings, size=limit, mark=page, bound_to=bound_to)
    lines = [FindingLine.of(one, on=on) for one in rows.rows]
    return FindingPage(findings=lines, next=rows.older or None)


@router.post("/models/{name}/findings", url_name="raise_finding", response={201: FindingAnswer})
def raise_finding(request: Call, name: str, asked: NewFinding) -> FindingAnswer:
    """Raise a finding about a model, or about one of its versions and those after it.

    A token with the scope ``raise`` is enough. The severity and the tier say until when.
    """
    model = found.model(request.actor, name, to=operations.RAISE_FINDING)
    said, owner = said_of(model, asked), found.person(asked.owner)
    return whole(operations.raise_finding(model, said, by=request.actor, owner=owner))


@router.get(_FINDING, url_name="finding", response=FindingAnswer)
def show_finding(request: Call, finding: int) -> FindingAnswer:
    """Show a finding with its plan, its evidence, and the time and risks that were granted."""
    return whole(_found(request.actor, finding))


@router.get(f"{_FINDING}/timeline", url_name="finding_timeline", response=Timeline)
def list_timeline(request: Call, finding: int, limit: Limit = 100, page: str = "") -> Timeline:
    """List what was done to a finding, the oldest first: raised, answered, extended, closed."""
    known = _found(request.actor, finding)
    bound_to = f"timeline of {known.record_id} for {request.actor.id}"
    rows = IN_ORDER.page(story.of_finding(known), size=limit, mark=page, bound_to=bound_to)
    return Timeline.of(story.told(rows.rows), rows.older)


def said_of(model: RegisteredModel, asked: NewFinding) -> Said:
    """Return what a caller says of a finding, as the operation takes it."""
    version = None if asked.version is None else found.version_of(model, asked.version)
    return Said(asked.title, asked.description, asked.severity, asked.kind, version)


def whole(finding: Finding) -> FindingAnswer:
    """Return a finding as it is shown whole."""
    return FindingAnswer.whole(finding, on=database_now().date())


def _visible(actor: Actor) -> QuerySet[Finding]:
    return finding_queries.findings_visible_to(actor).select_related(*_PEOPLE)


def _found(actor: Actor, number: int) -> Finding:
    """Return a finding of a model the actor may see."""
    if number > MOST_INTEGER:
        raise Http404
    known = _visible(actor).filter(pk=number).first()
    if known is None:
        raise Http404
    return known
