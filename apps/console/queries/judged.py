"""What waits on one person of what is judged: assessments, findings, reports of incidents."""

from datetime import date, datetime, timedelta

from apps.catalog import queries as catalog
from apps.console.queries.waiting import MOST, Item
from apps.core.actors import Actor
from apps.core.formats import calendar_day, moment
from apps.risk import assessment_queries, finding_queries
from apps.risk.models import Finding

SOON = timedelta(days=14)
"""How long before its day a planned finding comes back to its owner."""


def on(actor: Actor, *, at: datetime) -> list[Item]:
    """Return what of it a person can do now, each kind in the same few queries."""
    if actor.user_id is None or not actor.is_person:
        return []
    return [
        *_assessments(actor),
        *_to_settle(actor, at.date()),
        *_to_close(actor),
        *_reports(actor, at),
    ]


def _assessments(actor: Actor) -> list[Item]:
    return [
        Item(
            str(one),
            one.get_absolute_url(),
            f"Review the answers · submitted by {one.submitted_by}",
            one.submitted_at,
            icon="clipboard-list",
            tone="info",
        )
        for one in assessment_queries.waiting_on(actor)
        if one.submitted_at is not None
    ]


def _to_settle(actor: Actor, on: date) -> list[Item]:
    found = finding_queries.to_settle_by(
        actor, on + SOON, catalog.models_where(actor, finding_queries.ANSWER)
    )
    return [_owned(one, on) for one in found.order_by("due", "pk")[:MOST]]


def _owned(one: Finding, on: date) -> Item:
    is_planned = one.state == Finding.State.PLANNED
    asked = "Do what was planned" if is_planned else "Say how it will be settled"
    return Item(
        f"{one.title} · {one.subject}",
        one.get_absolute_url(),
        f"{asked} · {one.get_severity_display().lower()} · due {calendar_day(one.due)}",
        one.raised_at,
        status="Overdue" if one.is_overdue(on) else "Yours to settle",
        status_tone="bad" if one.is_overdue(on) else "info",
        icon="flag",
        tone="warn",
        action="Settle",
    )


def _to_close(actor: Actor) -> list[Item]:
    managed = catalog.models_where(actor, finding_queries.MANAGE_FINDINGS)
    found = finding_queries.to_close(actor, managed).select_related("remedied_by")
    return [
        Item(
            f"{one.title} · {one.subject}",
            one.get_absolute_url(),
            f"{one.remedied_by} says that it can be closed · due {calendar_day(one.due)}",
            one.remedied_at,
            status="Ready to close",
            status_tone="info",
            icon="flag",
            tone="info",
            action="Look at it",
        )
        for one in found.order_by("due", "pk")[:MOST]
        if one.remedied_at is not None
    ]


def _reports(actor: Actor, at: datetime) -> list[Item]:
    managed = catalog.models_where(actor, finding_queries.MANAGE_INCIDENTS)
    found = finding_queries.reports_to_make(managed)
    return [
        Item(
            f"{one.name} · {one.incident.model.name}",
            one.incident.get_absolute_url(),
            f"Tell {one.authority} by {moment(one.due_at, 'full')} · {one.incident.title}",
            one.incident.reported_at,
            status="Overdue" if one.is_overdue(at) else "To be reported",
            status_tone="bad" if one.is_overdue(at) else "warn",
            icon="siren",
            tone="bad",
            action="Report",
        )
        for one in found.order_by("due_at", "pk")[:MOST]
    ]
