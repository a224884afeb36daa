"""Incidents, the reports that authorities expect of them, and the clocks these follow from."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse

from apps.api.v1.answers.base import Answer
from apps.risk.clocks import Clock, Clocks
from apps.risk.models import Incident, ReportDuty
from apps.risk.pages.incident import clock_in_words


class IncidentLine(Answer):
    """An incident in a list."""

    number: int
    model: str
    version: int | None
    title: str
    severity: str
    state: str
    discovered_at: datetime
    owner: str
    reported_by: str
    reported_at: datetime
    url: str
    page: str

    @classmethod
    def of(cls, incident: Incident) -> "IncidentLine":
        return cls(**_line(incident))


class IncidentPage(Answer):
    """Some incidents, the newest first; ``next`` leads on, or is nothing."""

    incidents: list[IncidentLine]
    next: str | None


class ReportAnswer(Answer):
    """A report an authority expects; ``running`` and ``overdue`` are still to be made."""

    number: int
    clock: str
    name: str
    authority: str
    cites: list[str]
    due_at: datetime
    state: str
    """``running``, ``overdue``, ``reported`` or ``set-aside``."""
    reported_at: datetime | None
    reported_by: str | None
    reference: str
    set_aside_at: datetime | None
    set_aside_by: str | None
    why_set_aside: str

    @classmethod
    def of(cls, duty: ReportDuty, *, at: datetime) -> "ReportAnswer":
        state, _, _ = clock_in_words(duty, at)
        return cls(
            number=duty.pk,
            clock=duty.clock,
            name=duty.name,
            authority=duty.authority,
            cites=list(duty.cites),
            due_at=duty.due_at,
            state=state,
            reported_at=duty.reported_at,
            reported_by=duty.reported_by.username if duty.reported_by else None,
            reference=duty.reference,
            set_aside_at=duty.set_aside_at,
            set_aside_by=duty.set_aside_by.username if duty.set_aside_by else None,
            why_set_aside=duty.why_set_aside,
        )


class IncidentAnswer(IncidentLine):
    """An incident whole, with its reports. People follow it at its ``page``."""

    description: str
    harm: str
    traits: list[str]
    happened_at: datetime | None
    classified_at: datetime
    containment: str
    contained_by: str | None
    contained_at: datetime | None
    why_closed: str
    closed_by: str | None
    closed_at: datetime | None
    reports: list[ReportAnswer]
    findings: str
    timeline: str

    @classmethod
    def whole(
        cls, incident: Incident, duties: Iterable[ReportDuty], *, at: datetime
    ) -> "IncidentAnswer":
        return cls(
            **_line(incident),
            description=incident.description,
            harm=incident.harm,
            traits=list(incident.traits),
            happened_at=incident.happened_at,
            classified_at=incident.classified_at,
            containment=incident.containment,
            contained_by=incident.contained_by.username if incident.contained_by else None,
            contained_at=incident.contained_at,
            why_closed=incident.why_closed,
            closed_by=incident.closed_by.username if incident.closed_by else None,
            closed_at=incident.closed_at,
            reports=[ReportAnswer.of(duty, at=at) for duty in duties],
            findings=f"{reverse('v1:findings')}?incident={incident.pk}",
            timeline=reverse("v1:incident_timeline", args=[incident.pk]),
        )


class FactAnswer(Answer):
    """Something that can be true of an incident."""

    id: str
    title: str
    help: str


class SpanAnswer(Answer):
    """So long after something: ``discovered``, ``classified``, or the report of another clock."""

    after: str
    time: str


class ClockAnswer(Answer):
    """One report: to whom, where all of some facts are so, and until the first of its spans."""

    id: str
    title: str
    authority: str
    applies_when: list[str]
    unless: list[str]
    spans: list[SpanAnswer]
    cites: list[str]

    @classmethod
    def of(cls, clock: Clock) -> "ClockAnswer":
        return cls(
            id=clock.id,
            title=clock.title,
            authority=clock.authority,
            applies_when=list(clock.applies_when),
            unless=list(clock.unless),
            spans=[SpanAnswer(after=span.after, time=span.words) for span in clock.spans],
            cites=list(clock.cites),
        )


class ReportingClocks(Answer):
    """The facts an incident is reported with, and the reports that follow."""

    law_as_of: str
    facts: list[FactAnswer]
    clocks: list[ClockAnswer]

    @classmethod
    def of(cls, known: Clocks) -> "ReportingClocks":
        return cls(
            law_as_of=known.law_as_of,
            facts=[FactAnswer(id=one.id, title=one.title, help=one.help) for one in known.facts],
            clocks=[ClockAnswer.of(clock) for clock in known.clocks],
        )


def _line(incident: Incident) -> dict[str, Any]:
    return {
        "number": incident.pk,
        "model": incident.model.name,
        "version": incident.version.number if incident.version else None,
        "title": incident.title,
        "severity": incident.severity,
        "state": incident.state,
        "discovered_at": incident.discovered_at,
        "owner": incident.owner.username,
        "reported_by": incident.reported_by.username,
        "reported_at": incident.reported_at,
        "url": reverse("v1:incident", args=[incident.pk]),
        "page": incident.get_absolute_url(),
    }
