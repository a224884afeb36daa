"""Incidents: reported, contained, told to the authorities that expect it, and closed by another."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.accounts.models import User
from apps.accounts.signing.giving import require_person
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused, require_text
from apps.risk import clocks
from apps.risk.models import Incident, ReportDuty
from apps.risk.models.incidents import MOST_REFERENCE, MOST_TITLE
from apps.risk.operations.findings import require_owner, require_said

_MANAGE = "catalog.manage_incidents"
_NOT_A_MANAGER = (
    "The owner, operators, risk officers and compliance officers of this model follow incidents."
)

REPORT_INCIDENT = Action(
    "model.report_incident",
    permission="catalog.report_incident",
    refusal="Reporting an incident takes a duty on this model.",
)
CLASSIFY_INCIDENT = Action(
    "incident.classify", permission=_MANAGE, needs_reason=True, refusal=_NOT_A_MANAGER
)
CONTAIN_INCIDENT = Action("incident.contain", permission=_MANAGE, refusal=_NOT_A_MANAGER)
CLOSE_INCIDENT = Action(
    "incident.close", permission=_MANAGE, needs_reason=True, refusal=_NOT_A_MANAGER
)
MAKE_REPORT = Action("report_duty.report", permission=_MANAGE, refusal=_NOT_A_MANAGER)
SET_REPORT_ASIDE = Action(
    "report_duty.set_aside", permission=_MANAGE, needs_reason=True, refusal=_NOT_A_MANAGER
)


@dataclass(frozen=True)
class Told:
    """What somebody tells of an incident."""

    title: str
    description: str
    harm: str
    severity: str
    discovered_at: datetime
    happened_at: datetime | None = None
    version: ModelVersion | None = None
    traits: Sequence[str] = ()
    """What is true of it, by the ids of the facts that reporting clocks ask for."""


_FOLLOWS = "follows incidents"


def report_incident(
    model: RegisteredModel, told: Told, *, by: Actor, owner: User | None = None
) -> Incident:
    """Report that something went wrong where a model is used; the clocks that apply begin to run.

    The model's owner follows it to its end unless another is named.

    Raises:
        InputRefused: when a text is missing, or a moment cannot be.
    """
    with change(REPORT_INCIDENT, model, by=by) as record:
        person = _person(by)
        _require_told(model, told, record.time)
        if owner is not None:
            require_owner(owner, model)
        incident = Incident(
            model=model,
            version=told.version,
            title=require_said(told.title, "The title", MOST_TITLE, lines=False),
            description=require_said(told.description, "What happened"),
            harm=require_said(told.harm, "What was harmed"),
            severity=told.severity,
            traits=_known(told.traits),
            happened_at=told.happened_at,
            discovered_at=told.discovered_at,
            classified_at=record.time,
            owner=owner or model.owner,
            reported_by_id=person,
            reported_at=record.time,
        )
        _require_grave(incident)
        incident.save()
        begun = _begin_clocks(incident)
        record.about(incident)
        record.note(
            model=model.record_id,
            version=told.version.record_id if told.version else None,
            severity=incident.severity,
            traits=incident.traits,
            reports=[duty.clock for duty in begun],
        )
    return incident


def classify_incident(
    incident: Incident, *, by: Actor, reason: str, severity: str, traits: Collection[str]
) -> Incident:
    """Say anew how grave an incident is and what is true of it; clocks that apply now begin.

    A report that was due before stays so until somebody sets it aside and says why.
    """
    with change(CLASSIFY_INCIDENT, incident, by=by, reason=reason) as record:
        require_person(by, _FOLLOWS)
        _require_live(incident)
        if severity not in Incident.Severity.values:
            raise InputRefused("An incident is serious or other.")
        known = _known(traits)
        if (severity, known) == (incident.severity, incident.traits):
            raise RuleBroken("Nothing would change.")
        incident.severity, incident.traits = severity, known
        incident.classified_at = record.time
        _require_grave(incident)
        incident.save()
        begun = _begin_clocks(incident)
        record.note(severity=severity, traits=known, reports=[duty.clock for duty in begun])
    return incident


def contain_incident(incident: Incident, *, by: Actor, containment: str) -> None:
    """Say how an incident was contained: it does no more harm, though it is not settled."""
    with change(CONTAIN_INCIDENT, incident, by=by) as record:
        person = require_person(by, _FOLLOWS)
        if incident.state != Incident.State.OPEN:
            raise RuleBroken(f"This incident is {incident.get_state_display().lower()} by now.")
        incident.containment = require_said(containment, "What was done")
        incident.contained_by_id, incident.contained_at = person, record.time
        incident.state = Incident.State.CONTAINED
        incident.save()


def make_report(
    duty: ReportDuty, *, by: Actor, reported_at: datetime, reference: str = ""
) -> ReportDuty:
    """Say that an authority was told, when, and under what it keeps the report.

    Raises:
        InputRefused: when the moment lies before the incident was discovered, or ahead.
    """
    with change(MAKE_REPORT, duty, by=by) as record:
        person = require_person(by, _FOLLOWS)
        _require_outstanding(duty)
        if not duty.incident.discovered_at <= reported_at <= record.time:
            raise InputRefused("It was reported after the incident was discovered, and not ahead.")
        require_text(reference.strip(), "The reference", MOST_REFERENCE)
        duty.reported_at, duty.reported_by_id = reported_at, person
        duty.reference = reference.strip()
        duty.save()
        _follow(duty)
        record.note(
            incident=duty.incident.record_id,
            clock=duty.clock,
            in_time=reported_at <= duty.due_at,
            due_at=duty.due_at.isoformat(),
        )
    return duty


def set_report_aside(duty: ReportDuty, *, by: Actor, reason: str) -> ReportDuty:
    """Say why a report need not be made after all."""
    with change(SET_REPORT_ASIDE, duty, by=by, reason=reason) as record:
        person = require_person(by, _FOLLOWS)
        _require_outstanding(duty)
        duty.set_aside_at, duty.set_aside_by_id = record.time, person
        duty.why_set_aside = record.reason
        duty.save()
        record.note(incident=duty.incident.record_id, clock=duty.clock)
    return duty


def close_incident(incident: Incident, *, by: Actor, reason: str) -> None:
    """Close a contained incident, as neither who reported nor who contained it.

    Raises:
        RuleBroken: while a report is outstanding: it is made, or set aside with a reason.
    """
    with change(CLOSE_INCIDENT, incident, by=by, reason=reason) as record:
        person = require_person(by, _FOLLOWS)
        if words := why_not_close(incident, by):
            raise NotAllowed(words)
        if incident.state != Incident.State.CONTAINED:
            raise RuleBroken(
                "Contain the incident first."
                if incident.state == Incident.State.OPEN
                else "This incident is closed already."
            )
        waiting = [str(duty) for duty in incident.duties.order_by("pk") if duty.is_outstanding]
        if waiting:
            raise RuleBroken(f"Report this first, or set it aside: {'; '.join(waiting)}.")
        incident.state, incident.why_closed = Incident.State.CLOSED, record.reason
        incident.closed_by_id, incident.closed_at = person, record.time
        incident.save()
        record.note(severity=incident.severity)


def why_not_close(incident: Incident, by: Actor) -> str:
    """Say why somebody is not the one to close an incident; nothing for who is."""
    if by.user_id == incident.reported_by_id:
        return "You reported this incident, so somebody else closes it."
    if by.user_id is not None and by.user_id == incident.contained_by_id:
        return "You contained this incident, so somebody else closes it."
    return ""


# -- what the operations ask and write -------------------------------------------------------------


def _begin_clocks(incident: Incident) -> list[ReportDuty]:
    """Write the duties that apply by now and were not there before."""
    known = clocks.shipped()
    moments = clocks.moments_of(incident)
    there = {duty.clock: duty for duty in incident.duties.order_by("pk")}
    begun = []
    for clock in known.applying(incident.traits):
        duty = there.get(clock.id)
        if duty is None:
            duty = ReportDuty(
                incident=incident,
                clock=clock.id,
                name=clock.title,
                authority=clock.authority,
                cites=list(clock.cites),
                due_at=clock.due(moments),
            )
            duty.save()
            begun.append(duty)
        moments[clock.id] = duty.reported_at or duty.due_at
    return begun


def _follow(duty: ReportDuty) -> None:
    """Let the reports whose time runs from this one be due by when it was really made."""
    known = clocks.shipped()
    there = {one.clock: one for one in duty.incident.duties.order_by("pk")}
    moments = clocks.moments_of(duty.incident)
    moments |= {name: one.reported_at or one.due_at for name, one in there.items()}
    later = list(known.after(duty.clock))
    while later:
        clock = later.pop(0)
        follower = there.get(clock.id)
        if follower is None or not follower.is_outstanding:
            continue
        follower.due_at = moments[clock.id] = clock.due(moments)
        follower.save()
        later.extend(known.after(clock.id))


def _known(traits: Collection[str]) -> list[str]:
    """Return facts in the order they are asked in, once each."""
    facts = [fact.id for fact in clocks.shipped().facts]
    if strange := sorted(set(traits).difference(facts)):
        raise InputRefused(f"Nothing is known of {strange[0]!a:.80}.")
    return [fact for fact in facts if fact in traits]


def _require_grave(incident: Incident) -> None:
    """Refuse to take what an authority has to be told to be nothing serious."""
    if incident.severity == Incident.Severity.OTHER and clocks.shipped().applying(incident.traits):
        raise RuleBroken("What has to be reported to an authority is serious. Say so.")


def _require_told(model: RegisteredModel, told: Told, at: datetime) -> None:
    if told.severity not in Incident.Severity.values:
        raise InputRefused("An incident is serious or other.")
    if told.version is not None and told.version.model_id != model.pk:
        raise InputRefused(f"{told.version} is no version of {model.name}.")
    if told.discovered_at > at:
        raise InputRefused("It was discovered by now; give a moment that is not ahead.")
    if told.happened_at is not None and told.happened_at > told.discovered_at:
        raise InputRefused("It happened before it was discovered.")


def _require_live(incident: Incident) -> None:
    if incident.state == Incident.State.CLOSED:
        raise RuleBroken("This incident is closed.")


def _require_outstanding(duty: ReportDuty) -> None:
    if not duty.is_outstanding:
        how = "was made" if duty.reported_at else "was set aside"
        raise RuleBroken(f"This report {how} already.")


def _person(by: Actor) -> int:
    if by.user_id is None:
        raise NotAllowed("Only a person or a service account reports an incident.")
    return by.user_id
