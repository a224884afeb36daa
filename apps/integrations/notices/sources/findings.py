"""Findings and incidents: told to who settles them, and again when their time runs out."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from django.db.models import QuerySet

from apps.audit.models import AuditEvent
from apps.core.formats import calendar_day, moment
from apps.integrations.notices.due import Due, days_before, in_one_line
from apps.integrations.notices.kinds import FINDING, REMINDER, TROUBLE
from apps.integrations.notices.sources.decisions import row_id
from apps.integrations.notices.sources.people import in_charge, those_who_may
from apps.risk.models import Finding, Incident, ReportDuty, RiskAcceptance

ENDS_WITHIN = (7, 30)
REPORTED_WITHIN = timedelta(hours=24)
_MOST_QUOTED = 200


def all_standing(at: datetime) -> Iterator[Due]:
    """Say which findings wait for whom, and which are overdue."""
    yield from _assigned(Finding.objects.all())
    late = Finding.objects.filter(state__in=Finding.UNSETTLED, due__lt=at.date())
    for finding in late.select_related("model").order_by("pk"):
        yield Due(
            {finding.owner_id, *in_charge(finding.model)},
            f"finding:{finding.record_id}:overdue:{finding.due}",
            TROUBLE,
            f"A finding on {finding.model.name} is overdue since {calendar_day(finding.due)}",
            f"“{_called(finding)}” is not settled. It may keep gates shut.",
            finding.get_absolute_url(),
            finding.model_id,
        )


def assigned(event: AuditEvent) -> Iterator[Due]:
    """Say that a finding was raised, or given to somebody else, while it waits for its owner."""
    if event.subject_type == Finding.RECORD.word:  # not what traced a finding back that stands
        yield from _assigned(Finding.objects.filter(pk=row_id(event.subject_id)))


def accepted_ending(at: datetime) -> Iterator[Due]:
    """Say which risks are borne only for some days more."""
    last = at.date() + timedelta(days=max(ENDS_WITHIN))
    ending = RiskAcceptance.objects.filter(ended_at=None, ends_on__lte=last)
    for one in ending.select_related("finding__model").order_by("pk"):
        end = datetime.combine(one.ends_on, time.min, UTC) + timedelta(days=1)
        if span := days_before(end, at, ENDS_WITHIN):
            finding = one.finding
            yield Due(
                {one.accepted_by_id, finding.owner_id},
                f"acceptance:{one.record_id}:{span}",
                REMINDER,
                f"The risk of a finding on {finding.model.name} is accepted until "
                f"{calendar_day(one.ends_on)}",
                f"After it “{_called(finding)}” is open again.",
                finding.get_absolute_url(),
                finding.model_id,
            )


def reports_due(at: datetime) -> Iterator[Due]:
    """Say which reports an authority expects within a day, or should have had."""
    waiting = ReportDuty.objects.filter(
        reported_at=None, set_aside_at=None, due_at__lte=at + REPORTED_WITHIN
    ).exclude(incident__state=Incident.State.CLOSED)
    for duty in waiting.select_related("incident__model").order_by("pk"):
        incident, is_late = duty.incident, duty.is_overdue(at)
        people = those_who_may("catalog.manage_incidents", incident.model)
        when = f"was due by {moment(duty.due_at, 'full')}" if is_late else "is due within a day"
        yield Due(
            {incident.owner_id, *people},
            f"report:{duty.record_id}:{'overdue' if is_late else 'soon'}:{duty.due_at:%Y%m%d%H%M}",
            TROUBLE,
            f"A report on an incident of {incident.model.name} {when}",
            f"{duty.name}, to: {duty.authority}. Say on its page when it was made.",
            incident.get_absolute_url(),
            incident.model_id,
        )


def _assigned(findings: QuerySet[Finding]) -> Iterator[Due]:
    waiting = findings.filter(state__in=(Finding.State.OPEN, Finding.State.PLANNED))
    for finding in waiting.select_related("model").order_by("pk"):
        yield Due(
            (finding.owner_id,),
            f"finding:{finding.record_id}:owner:{finding.owner_id}",
            FINDING,
            f"A finding on {finding.model.name} is yours to settle by {calendar_day(finding.due)}",
            f"{finding.get_severity_display()}: “{_called(finding)}” Say how you will settle it.",
            finding.get_absolute_url(),
            finding.model_id,
        )


def _called(finding: Finding) -> str:
    return in_one_line(finding.title, _MOST_QUOTED)
