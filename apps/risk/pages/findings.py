"""What the lists of findings and incidents show, filtered as the address says."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import now

from apps.accounts.access import ActorRequest
from apps.catalog.models import RegisteredModel
from apps.core import links
from apps.core.paging import Order
from apps.risk import finding_queries
from apps.risk.models import Finding, Incident, Severity
from apps.risk.pages.finding import SEVERITIES, TONES, due_in_words
from apps.risk.pages.incident import TONES as INCIDENT_TONES

PAGE_SIZE = 25
NEWEST_FIRST = Order(("id",))
SEVERITY, STATE, DUE, WHOSE = "severity", "state", "due", "owner"
_OVERDUE = [("overdue", "Overdue")]
_MINE = [("me", "Mine")]
_STANDING = ("standing", "Not closed")


def listing(request: ActorRequest, model: RegisteredModel | None = None) -> dict[str, Any]:
    """Return what the list of findings shows, across models or of one."""
    today = now().date()
    findings = finding_queries.findings_visible_to(request.actor)
    if model is not None:
        findings = findings.filter(model=model)
    findings = _filtered(request, findings)
    found = links.page_of(request, findings, NEWEST_FIRST, PAGE_SIZE)
    return {
        "model": model,
        "rows": [
            {
                "finding": one,
                "tone": TONES[Finding.State(one.state)],
                "severity_tone": SEVERITIES[one.severity],
                "due": due_in_words(one, today),
            }
            for one in found.rows
        ],
        "facets": [
            {"title": "Severity", "options": _options(request, SEVERITY, Severity.choices)},
            {
                "title": "State",
                "options": _options(request, STATE, [_STANDING, *Finding.State.choices]),
            },
            {"title": "Due", "options": _options(request, DUE, _OVERDUE)},
            {"title": "Owner", "options": _options(request, WHOSE, _MINE)},
        ],
        **_around(request, found.newer, found.older, (SEVERITY, STATE, DUE, WHOSE)),
        "may_raise": model is not None and request.actor.may(finding_queries.ANSWER, model),
        "crumbs": _crumbs(model),
        "here": "Findings",
    }


def incidents(request: ActorRequest, model: RegisteredModel | None = None) -> dict[str, Any]:
    """Return what the list of incidents shows, across models or of one."""
    found_incidents = finding_queries.incidents_visible_to(request.actor)
    if model is not None:
        found_incidents = found_incidents.filter(model=model)
    severity, state = links.asked(request, SEVERITY), links.asked(request, STATE)
    if severity in Incident.Severity.values:
        found_incidents = found_incidents.filter(severity=severity)
    if state in Incident.State.values:
        found_incidents = found_incidents.filter(state=state)
    found = links.page_of(request, found_incidents, NEWEST_FIRST, PAGE_SIZE)
    choices = Incident.Severity.choices
    return {
        "model": model,
        "rows": [
            {"incident": one, "tone": INCIDENT_TONES[Incident.State(one.state)]}
            for one in found.rows
        ],
        "facets": [
            {"title": "Severity", "options": _options(request, SEVERITY, choices)},
            {"title": "State", "options": _options(request, STATE, Incident.State.choices)},
        ],
        **_around(request, found.newer, found.older, (SEVERITY, STATE)),
        "may_report": model is not None and request.actor.may("catalog.report_incident", model),
        "crumbs": _crumbs(model),
        "here": "Incidents",
    }


def _filtered(request: ActorRequest, findings: QuerySet[Finding]) -> QuerySet[Finding]:
    severity, state = links.asked(request, SEVERITY), links.asked(request, STATE)
    if severity in Severity.values:
        findings = findings.filter(severity=severity)
    if state in Finding.State.values:
        findings = findings.filter(state=state)
    if state == _STANDING[0]:
        findings = findings.filter(state__in=Finding.STANDING)
    if links.asked(request, DUE) == "overdue":
        findings = finding_queries.overdue(findings, now().date())
    if links.asked(request, WHOSE) == "me":
        findings = findings.filter(owner=request.actor.user_id)
    return findings


def _around(request: HttpRequest, newer: str, older: str, names: Sequence[str]) -> dict[str, str]:
    is_filtered = any(links.asked(request, name) for name in names)
    return {
        "clear": request.path if is_filtered else "",
        "newer": links.to_page(request, newer),
        "older": links.to_page(request, older),
    }


def _crumbs(model: RegisteredModel | None) -> list[tuple[str, str]]:
    if model is None:
        return []
    return [("Models", reverse("models:list")), (model.name, model.get_absolute_url())]


def _options(
    request: HttpRequest, name: str, values: Sequence[tuple[str, str]]
) -> list[dict[str, Any]]:
    chosen = links.asked(request, name)
    return [
        {
            "label": str(label),
            "url": links.with_query(request, **{name: "" if value == chosen else value}),
            "current": value == chosen,
        }
        for value, label in values
    ]
