"""What the page of one incident shows: its clocks, and the answers this reader may give."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.timezone import now

from apps.audit.actions import Action
from apps.core.actors import Actor
from apps.core.formats import duration
from apps.risk import clocks, incident_forms
from apps.risk.assessment_forms import ReasonForm
from apps.risk.models import Incident, ReportDuty
from apps.risk.operations import findings, incidents

TONES = {
    Incident.State.OPEN: "bad",
    Incident.State.CONTAINED: "warn",
    Incident.State.CLOSED: "good",
}
HALF_A_DAY = 12 * 3600


@dataclass(frozen=True)
class Act:
    """One answer to an incident, or to one of its reports."""

    id: str
    title: str
    button: str
    done: str
    action: Action
    form: type[forms.Form]
    carry_out: Callable[..., object]
    states: tuple[Incident.State, ...]


_LIVE = (Incident.State.OPEN, Incident.State.CONTAINED)
ACTS: Mapping[str, Act] = {
    act.id: act
    for act in (
        Act(
            "contain",
            "Contain it",
            "Contained",
            "The incident is contained.",
            incidents.CONTAIN_INCIDENT,
            incident_forms.ContainForm,
            incidents.contain_incident,
            (Incident.State.OPEN,),
        ),
        Act(
            "classify",
            "Say anew what is true of it",
            "Save",
            "The incident was classified anew.",
            incidents.CLASSIFY_INCIDENT,
            incident_forms.ClassifyForm,
            incidents.classify_incident,
            _LIVE,
        ),
        Act(
            "close",
            "Close it",
            "Close the incident",
            "The incident was closed.",
            incidents.CLOSE_INCIDENT,
            ReasonForm,
            incidents.close_incident,
            (Incident.State.CONTAINED,),
        ),
    )
}
DUTY_ACTS: Mapping[str, Act] = {
    act.id: act
    for act in (
        Act(
            "report",
            "It was reported",
            "Reported",
            "The report was recorded.",
            incidents.MAKE_REPORT,
            incident_forms.ReportForm,
            incidents.make_report,
            _LIVE,
        ),
        Act(
            "set-aside",
            "It need not be reported",
            "Set aside",
            "The report was set aside.",
            incidents.SET_REPORT_ASIDE,
            ReasonForm,
            incidents.set_report_aside,
            _LIVE,
        ),
    )
}
Sent = tuple[Act, int | None, forms.Form]
"""A form that was refused: which answer, and the report it is about."""


def form_of(
    act: Act, incident: Incident, duty_id: int | None = None, sent: Any = None
) -> forms.Form:
    """Return the form of an answer; what is true of the incident stands as it was said."""
    initial = {"severity": incident.severity, "traits": incident.traits}
    prefix = act.id if duty_id is None else f"{act.id}-{duty_id}"
    return act.form(sent, prefix=prefix, initial=initial)


def one(incident: Incident, reader: Actor, sent: Sent | None = None) -> dict[str, Any]:
    """Return what the page shows; a form that was refused stays as it was typed."""
    at = now()
    duties = list(
        incident.duties.select_related("reported_by", "set_aside_by").order_by("due_at", "pk")
    )
    offered, why_not = _offered(incident, reader, sent)
    may_manage = reader.is_person and reader.may(incidents.MAKE_REPORT.permission, incident.model)
    known = clocks.shipped()
    raise_url = reverse("risk:raise_finding", args=[incident.model.name])
    may_raise = incident.state in _LIVE and reader.may(
        findings.RAISE_FROM_INCIDENT.permission, incident.model
    )
    return {
        "incident": incident,
        "tone": TONES[Incident.State(incident.state)],
        "clocks": [_clock(duty, incident, at, may_manage, sent) for duty in duties],
        "traits": [fact.title for name in incident.traits if (fact := known.fact_or_none(name))],
        "law_as_of": known.law_as_of,
        "findings": incident.findings.select_related("owner").order_by("pk"),
        "offered": offered,
        "why_not": why_not,
        "raise_url": f"{raise_url}?incident={incident.pk}" if may_raise else "",
        "facts": _facts(incident),
        "crumbs": [
            ("Incidents", reverse("risk:incidents")),
            (incident.model.name, incident.model.get_absolute_url()),
        ],
        "here": "Incident",
    }


def _offered(
    incident: Incident, reader: Actor, sent: Sent | None
) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    offered, why_not = [], []
    for act in ACTS.values():
        refused = sent[2] if sent is not None and sent[0] is act else None
        if incident.state not in act.states and refused is None:
            continue
        words = _why_not(act, incident, reader)
        if words:
            why_not.append((act.title, words))
        if refused is not None or not words:
            url = reverse("risk:answer_incident", args=[incident.pk, act.id])
            form = refused or form_of(act, incident)
            offered.append({"act": act, "form": form, "url": url, "is_sent": refused is not None})
    return offered, why_not


def _why_not(act: Act, incident: Incident, reader: Actor) -> str:
    if not reader.may(act.action.permission, incident.model):
        return act.action.refusal
    if not reader.is_person:
        return "A person follows incidents, in a browser."
    return incidents.why_not_close(incident, reader) if act.id == "close" else ""


def _clock(
    duty: ReportDuty, incident: Incident, at: datetime, may_manage: bool, sent: Sent | None
) -> dict[str, Any]:
    state, tone, words = clock_in_words(duty, at)
    forms_shown = []
    for act in DUTY_ACTS.values():
        refused = sent[2] if sent is not None and sent[:2] == (act, duty.pk) else None
        if refused is not None or (may_manage and duty.is_outstanding):
            url = reverse("risk:answer_report", args=[duty.pk, act.id])
            form = refused or form_of(act, incident, duty.pk)
            forms_shown.append(
                {"act": act, "form": form, "url": url, "is_sent": refused is not None}
            )
    return {"duty": duty, "state": state, "tone": tone, "words": words, "offered": forms_shown}


def clock_in_words(duty: ReportDuty, at: datetime) -> tuple[str, str, str]:
    """Return the state of a clock, its tone, and what it says."""
    if duty.reported_at is not None:
        is_late = duty.reported_at > duty.due_at
        return "reported", "warn" if is_late else "good", "Reported late" if is_late else "Reported"
    if duty.set_aside_at is not None:
        return "set-aside", "idle", "Set aside"
    left = duty.due_at - at
    if left.total_seconds() < 0:
        return "overdue", "bad", f"Overdue by {duration(-left)}"
    tone = "warn" if left.total_seconds() < HALF_A_DAY else "info"
    return "running", tone, f"{duration(left)} left"


def _facts(incident: Incident) -> list[dict[str, Any]]:
    subject = incident.subject
    facts: list[dict[str, Any]] = [
        {"term": "About", "value": str(subject), "href": subject.get_absolute_url()},
        {"term": "Severity", "value": incident.get_severity_display()},
        {"term": "Followed by", "person": str(incident.owner)},
        {"term": "Discovered", "at": incident.discovered_at},
        {"term": "Reported by", "person": str(incident.reported_by)},
        {"term": "Reported", "at": incident.reported_at},
    ]
    if incident.happened_at is not None:
        facts.insert(3, {"term": "Happened", "at": incident.happened_at})
    if incident.closed_at is not None:
        facts.append({"term": "Closed by", "person": str(incident.closed_by)})
    return facts
