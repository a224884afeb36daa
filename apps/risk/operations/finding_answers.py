"""Findings are answered: owned, planned, remedied, closed by another, or put off."""

from datetime import date, datetime, timedelta

from apps.accounts.models import User
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.core.actors import BY_WORKER, SYSTEM, Actor
from apps.core.errors import RuleBroken
from apps.core.inputs import InputRefused
from apps.risk import finding_queries
from apps.risk.finding_rules import require
from apps.risk.models import Finding, FindingEvidence, FindingExtension, Severity
from apps.risk.operations import risk_acceptances
from apps.risk.operations.findings import due_by, require_owner, require_said
from apps.validation.models import EvidenceItem

_ANSWER, _MANAGE = finding_queries.ANSWER, finding_queries.MANAGE_FINDINGS
_NOT_A_MANAGER = "Peer reviewers and the second line manage findings of this model."

PLAN_FINDING = Action("finding.plan", permission=_ANSWER, refusal="Its owner plans it.")
ATTACH_EVIDENCE = Action(
    "finding.attach_evidence", permission=_ANSWER, refusal="Its owner attaches evidence."
)
REPORT_READY = Action(
    "finding.report_ready", permission=_ANSWER, refusal="Its owner says when it can be closed."
)
PROPOSE_CLOSING = Action("finding.propose_closing", permission=BY_WORKER)
ASSIGN_FINDING = Action(
    "finding.assign", permission=_MANAGE, needs_reason=True, refusal=_NOT_A_MANAGER
)
CHANGE_SEVERITY = Action(
    "finding.change_severity", permission=_MANAGE, needs_reason=True, refusal=_NOT_A_MANAGER
)
EXTEND_FINDING = Action(
    "finding.extend", permission=_MANAGE, needs_reason=True, refusal=_NOT_A_MANAGER
)
CLOSE_FINDING = Action(
    "finding.close", permission=_MANAGE, needs_reason=True, refusal=_NOT_A_MANAGER
)
REOPEN_FINDING = Action(
    "finding.reopen", permission=_MANAGE, needs_reason=True, refusal=_NOT_A_MANAGER
)

MOST_EXTENDED_DAYS = 366
MOST_ATTACHED = 100

_WORTH = {name: place for place, name in enumerate(Severity.values)}


# -- the owner


def plan_finding(finding: Finding, *, by: Actor, plan: str) -> None:
    """Say how a finding will be settled; it can be said anew until it is."""
    with change(PLAN_FINDING, finding, by=by):
        require(PLAN_FINDING, finding, by)
        finding.plan = require_said(plan, "The plan")
        finding.state = Finding.State.PLANNED
        finding.save()


def attach_evidence(finding: Finding, item: EvidenceItem, *, by: Actor) -> FindingEvidence:
    """Attach an evidence item of the model that shows what was done.

    Raises:
        RuleBroken: when it is of another model, counts no more, or is attached already.
    """
    with change(ATTACH_EVIDENCE, finding, by=by) as record:
        person = require(ATTACH_EVIDENCE, finding, by)
        item.refresh_from_db()
        if item.model_id != finding.model_id:
            raise RuleBroken("This evidence is of another model.")
        if item.withdrawn_at is not None or item.declined_at is not None:
            raise RuleBroken(f"This evidence does not count: it is {item.state.label.lower()}.")
        if finding.attached.filter(item=item).exists():
            raise RuleBroken("This evidence is attached already.")
        if finding.attached.count() >= MOST_ATTACHED:
            raise RuleBroken(f"A finding has at most {MOST_ATTACHED} evidence items.")
        attached = FindingEvidence(
            finding=finding, item=item, attached_by_id=person, attached_at=record.time
        )
        attached.save()
        record.note(evidence=item.record_id, file=item.file_digest, link=item.link)
    return attached


def report_ready(finding: Finding, *, by: Actor, remedy: str) -> None:
    """Say what was done, so that somebody else can close the finding."""
    with change(REPORT_READY, finding, by=by) as record:
        person = require(REPORT_READY, finding, by)
        finding.remedy = require_said(remedy, "What was done")
        finding.remedied_by_id, finding.remedied_at = person, record.time
        finding.state = Finding.State.READY
        finding.save()
        record.note(evidence=finding.attached.count())


def propose_closing(finding: Finding, *, remedied_by: int, remedy: str) -> None:
    """Let somebody else close a finding whose cause was settled, inside the change that did so.

    What is settled needs nobody to bear its risk any more.
    """
    with change(PROPOSE_CLOSING, finding, by=SYSTEM) as record:
        risk_acceptances.end_standing(finding, at=record.time)
        finding.remedy, finding.state = remedy, Finding.State.READY
        finding.remedied_by_id, finding.remedied_at = remedied_by, record.time
        finding.save()
        record.note(cause=finding.cause)


# -- somebody else


def assign_finding(finding: Finding, *, by: Actor, reason: str, owner: User) -> None:
    """Let another person answer for a finding.

    Raises:
        RuleBroken: when that person could not, or does already.
    """
    with change(ASSIGN_FINDING, finding, by=by, reason=reason) as record:
        require(ASSIGN_FINDING, finding, by)
        if owner.pk == finding.owner_id:
            raise RuleBroken(f"{owner} owns it already.")
        require_owner(owner, finding.model)
        _require_end_by_another(finding, owner)
        record.note(was=finding.owner.record_id, owner=owner.record_id)
        finding.owner = owner
        finding.save()


def change_severity(finding: Finding, *, by: Actor, reason: str, severity: str) -> None:
    """Take a finding to be graver or milder; its day may come sooner by that, and never later."""
    with change(CHANGE_SEVERITY, finding, by=by, reason=reason) as record:
        require(CHANGE_SEVERITY, finding, by)
        if severity not in Severity.values:
            raise InputRefused("A finding is critical, high, medium or low.")
        if severity == finding.severity:
            raise RuleBroken(f"It is {finding.get_severity_display().lower()} already.")
        record.note(was=finding.severity, severity=severity, was_due=str(finding.due))
        set_severity(finding, severity, at=record.time)
        record.note(due=str(finding.due))


def set_severity(finding: Finding, severity: str, *, at: datetime) -> None:
    """Set how grave a finding is, with its day, inside the change that says so.

    A graver one is open again: nobody signed that they bear that.
    """
    if is_graver(severity, than=finding.severity):
        risk_acceptances.end_standing(finding, at=at)
    sooner = due_by(finding.model, severity, finding.raised_at)
    finding.severity, finding.due = severity, min(finding.due, sooner)
    finding.save()


def is_graver(severity: str, than: str) -> bool:
    """Say whether one severity is graver than another."""
    return _WORTH[severity] < _WORTH[than]


def extend_finding(finding: Finding, *, by: Actor, reason: str, due: date) -> FindingExtension:
    """Give a finding more time, until a later day."""
    with change(EXTEND_FINDING, finding, by=by, reason=reason) as record:
        person = require(EXTEND_FINDING, finding, by)
        _require_ahead(due, record.time)
        if due <= finding.due:
            raise RuleBroken(f"It is due on {finding.due} as it is. Give a later day.")
        extension = FindingExtension(
            finding=finding,
            was_due=finding.due,
            due=due,
            reason=record.reason,
            owner_id=finding.owner_id,
            granted_by_id=person,
            granted_at=record.time,
        )
        extension.save()
        finding.due = due
        finding.save()
        record.note(was_due=str(extension.was_due), due=str(due))
    return extension


def close_finding(finding: Finding, *, by: Actor, reason: str) -> None:
    """Close a finding that was remedied, as neither its owner nor who remedied it."""
    with change(CLOSE_FINDING, finding, by=by, reason=reason) as record:
        person = require(CLOSE_FINDING, finding, by)
        finding.state, finding.why_closed = Finding.State.CLOSED, record.reason
        finding.closed_by_id, finding.closed_at = person, record.time
        finding.save()
        record.note(severity=finding.severity, due=str(finding.due))


def reopen_finding(finding: Finding, *, by: Actor, reason: str) -> None:
    """Open a finding again whose remedy does not hold; its day stays what it was.

    Raises:
        RuleBroken: when another finding of the same cause stands by now.
    """
    with change(REOPEN_FINDING, finding, by=by, reason=reason) as record:
        require(REOPEN_FINDING, finding, by)
        record.note(was=finding.state)
        if finding.state == Finding.State.CLOSED and finding.cause:
            other = finding_queries.standing_or_none(finding.model, finding.cause)
            if other is not None:
                raise RuleBroken(f"“{other}” was opened for the same cause since. Follow that one.")
        finding.state, finding.why_closed = Finding.State.OPEN, ""
        finding.closed_by, finding.closed_at = None, None
        finding.remedied_by, finding.remedied_at = None, None
        finding.save()


def _require_ahead(day: date, at: datetime) -> None:
    if day <= at.date():
        raise RuleBroken("An extension ends on a day to come.")
    if day > (last := at.date() + timedelta(days=MOST_EXTENDED_DAYS)):
        raise RuleBroken(f"An extension lasts for {MOST_EXTENDED_DAYS} days at most: until {last}.")


def _require_end_by_another(finding: Finding, owner: User) -> None:
    """Refuse an owner who bears the risk already: nobody bears what they answer for."""
    if finding.acceptances.filter(ended_at=None, accepted_by=owner).exists():
        raise RuleBroken(f"{owner} accepted its risk, so somebody else owns it.")
