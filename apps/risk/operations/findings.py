"""Findings begin: raised by people, from an incident, or by themselves once per cause."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from apps.accounts.models import User
from apps.audit.actions import Action
from apps.audit.changes import Record, change
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import BY_WORKER, SYSTEM, Actor
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.hidden import require_in_order
from apps.core.inputs import InputRefused, require_text
from apps.core.sweeping import NotDue
from apps.risk import finding_queries, policy_says, subjects
from apps.risk.models import Finding, Incident, Severity
from apps.risk.models.findings import MOST_TEXT, MOST_TITLE

RAISE_FINDING = Action(
    "model.raise_finding",
    permission="catalog.raise_finding",
    refusal="Raising a finding takes a duty on this model.",
)
RAISE_FROM_INCIDENT = Action(
    "incident.raise_finding",
    permission="catalog.raise_finding",
    refusal="Raising a finding takes a duty on this model.",
)
OPEN_BY_ITSELF = Action("model.open_finding", permission=BY_WORKER)
TRACE_BACK = Action("finding.trace_back", permission=BY_WORKER)

MOST_STANDING = 5_000
"""How many findings of one model people leave unsettled at once."""

Subject = RegisteredModel | ModelVersion


@dataclass(frozen=True)
class Said:
    """What somebody says a finding is."""

    title: str
    description: str
    severity: str
    kind: str = Finding.Kind.ISSUE.value
    version: ModelVersion | None = None


@dataclass(frozen=True)
class Found:
    """What was found by itself, under a cause that opens one finding while it stands."""

    cause: str
    source: Finding.Source
    severity: str
    title: str
    description: str


def raise_finding(
    model: RegisteredModel, said: Said, *, by: Actor, owner: User | None = None
) -> Finding:
    """Raise a finding about a model, or about one version and those after it.

    Its owner is the model's unless another is named; the tier and the severity say by when.

    Raises:
        InputRefused: when a text is missing, or a word is not one of those there are.
    """
    with change(RAISE_FINDING, model, by=by) as record:
        return _raised(model, said, by=by, owner=owner, record=record)


def raise_finding_from_incident(
    incident: Incident, said: Said, *, by: Actor, owner: User | None = None
) -> Finding:
    """Raise a finding that follows from an incident, which keeps a life of its own."""
    with change(RAISE_FROM_INCIDENT, incident, by=by) as record:
        if incident.state == Incident.State.CLOSED:
            raise RuleBroken("This incident is closed. Raise the finding on the model.")
        return _raised(incident.model, said, by=by, owner=owner, record=record, incident=incident)


def raise_in_review(model: RegisteredModel, said: Said, *, by: Actor) -> Finding:
    """Raise a finding inside the change that reviews or attests a model, which is its source."""
    with change(RAISE_FINDING, model, by=by) as record:
        source = Finding.Source.REVIEW
        return _raised(model, said, by=by, owner=None, record=record, source=source)


def raise_automatically(
    subject: Subject, found: Found, *, still: Callable[[], bool] = lambda: True
) -> Finding:
    """Open a finding for a cause, unless one stands already; for the worker.

    ``still`` is asked under the lock of the model whether it is so by now. Found on an earlier
    version than before, the finding that stands is carried from there on.

    Raises:
        NotDue: when it is not so any more, or a finding of this cause stands.
    """
    with change(OPEN_BY_ITSELF, subject, by=SYSTEM) as record:
        if not still():
            raise NotDue("It is not so any more.")
        model, version = _parts(subject)
        standing = finding_queries.standing_or_none(model, found.cause)
        if standing is None:
            return _opened(model, version, found, record)
        if not is_earlier(version, standing):
            raise NotDue("A finding of this cause stands already.")
        _trace_back(standing, version)
    return standing


def find(subject: Subject, found: Found) -> Finding:
    """Return the finding of a cause that stands, or open one: inside the change that found it."""
    model, version = _parts(subject)
    standing = finding_queries.standing_or_none(model, found.cause)
    if standing is None or is_earlier(version, standing):
        return raise_automatically(subject, found)
    return standing


def due_by(model: RegisteredModel, severity: str, raised_at: datetime) -> date:
    """Return the last day to settle a finding in time, by the policy in force at the tier."""
    days = policy_says.policy().at(subjects.current_tier(model)).days_for(severity)
    return raised_at.date() + timedelta(days=days)


def require_owner(person: User, model: RegisteredModel) -> None:
    """Refuse an owner who could not answer for a finding."""
    if not person.is_active or person.is_service_account:
        raise RuleBroken(f"{person} cannot own a finding: a person with an open account does.")
    if not finding_queries.may_answer(person, model):
        raise RuleBroken(f"{person} holds no duty on this model, and could not settle it.")


def require_said(text: str, label: str, most: int = MOST_TEXT, *, lines: bool = True) -> str:
    """Return a text without space around it, once it says something and can be kept."""
    if not text.strip():
        raise InputRefused(f"{label} is missing.")
    require_text(text.strip(), label, most, lines=lines)
    require_in_order(text, label)
    return text.strip()


def is_earlier(version: ModelVersion | None, standing: Finding) -> bool:
    """Say whether something was found before the version from which on a finding stands."""
    if standing.version is None:
        return False
    return version is None or version.number < standing.version.number


def _raised(
    model: RegisteredModel,
    said: Said,
    *,
    by: Actor,
    owner: User | None,
    record: Record,
    incident: Incident | None = None,
    source: Finding.Source = Finding.Source.PERSON,
) -> Finding:
    if by.user_id is None:
        raise NotAllowed("Only a person or a service account raises a finding.")
    _require_words(model, said)
    if owner is not None:
        require_owner(owner, model)
    standing = Finding.objects.filter(model=model, state__in=Finding.STANDING).count()
    if standing >= MOST_STANDING:
        raise RuleBroken(f"A model has at most {MOST_STANDING:,} findings at once. Close some.")
    finding = Finding(
        model=model,
        version=said.version,
        incident=incident,
        kind=said.kind,
        severity=said.severity,
        source=Finding.Source.INCIDENT if incident else source,
        title=require_said(said.title, "The title", MOST_TITLE, lines=False),
        description=require_said(said.description, "The description"),
        owner=owner or model.owner,
        due=due_by(model, said.severity, record.time),
        raised_by_id=by.user_id,
        raised_at=record.time,
    )
    return _saved(finding, record)


def _opened(
    model: RegisteredModel, version: ModelVersion | None, found: Found, record: Record
) -> Finding:
    finding = Finding(
        model=model,
        version=version,
        severity=found.severity,
        source=found.source,
        cause=found.cause,
        title=_cut(found.title, MOST_TITLE),
        description=_cut(found.description, MOST_TEXT),
        owner=model.owner,
        due=due_by(model, found.severity, record.time),
        raised_at=record.time,
    )
    return _saved(finding, record)


def _saved(finding: Finding, record: Record) -> Finding:
    finding.save()
    record.about(finding)
    record.note(
        model=finding.model.record_id,
        version=finding.version.record_id if finding.version else None,
        severity=finding.severity,
        source=finding.source,
        cause=finding.cause,
        due=str(finding.due),
    )
    return finding


def _trace_back(finding: Finding, version: ModelVersion | None) -> None:
    """Let a finding stand from an earlier version on, where its cause was found, too."""
    with change(TRACE_BACK, finding, by=SYSTEM) as record:
        finding.version = version
        finding.save()
        record.note(version=version.record_id if version else None, cause=finding.cause)


def _require_words(model: RegisteredModel, said: Said) -> None:
    if said.kind not in Finding.Kind.values:
        raise InputRefused("A finding is an issue, a limitation or an exception.")
    if said.severity not in Severity.values:
        raise InputRefused("A finding is critical, high, medium or low.")
    if said.version is not None and said.version.model_id != model.pk:
        raise InputRefused(f"{said.version} is no version of {model.name}.")


def _parts(subject: Subject) -> tuple[RegisteredModel, ModelVersion | None]:
    return (subject, None) if isinstance(subject, RegisteredModel) else (subject.model, subject)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
