"""What happened to findings and incidents, from the record: raised, answered, reported, closed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from apps.accounts import queries as accounts
from apps.audit import timeline
from apps.audit.governed import GovernedRow, RecordKind
from apps.audit.models import AuditEvent
from apps.audit.timeline import TimelineEntry
from apps.risk.models import Finding, Incident, ReportDuty, RiskAcceptance


@dataclass(frozen=True)
class Told:
    """One thing that was done: which action, by whom, and why."""

    at: datetime
    action: str
    who: str
    """The name of a person, or of what acts by itself."""
    reason: str


def of_finding(finding: Finding) -> QuerySet[AuditEvent]:
    """Return the events that changed a finding, or a risk accepted of it."""
    return _about(finding, RiskAcceptance.RECORD, finding.acceptances.order_by("pk"))


def of_incident(incident: Incident) -> QuerySet[AuditEvent]:
    """Return the events that changed an incident, or the reports expected of it."""
    return _about(incident, ReportDuty.RECORD, incident.duties.order_by("pk"))


def told(events: Iterable[AuditEvent]) -> list[Told]:
    """Return events as people read them, in one more query for the names."""
    entries = [TimelineEntry.of(event) for event in events]
    names = accounts.names_of({entry.actor["id"] for entry in entries})
    return [
        Told(
            entry.time,
            entry.action,
            names.get(entry.actor["id"], "Signet, by itself"),
            entry.reason,
        )
        for entry in entries
    ]


def _about(
    row: Finding | Incident, kind: RecordKind, parts: Iterable[GovernedRow]
) -> QuerySet[AuditEvent]:
    """Return the events about a row or its parts; refusals stand in no chain, so none is there."""
    of_parts = Q(subject_type=kind.word, subject_id__in=[part.record_id for part in parts])
    in_chain = timeline.about_roots([row.root.record_ref])
    return timeline.events((timeline.about_subject(row) | of_parts) & in_chain)
