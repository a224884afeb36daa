"""What the record holds about a request, in words for one reader."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q

from apps.accounts import queries as accounts
from apps.approvals import words
from apps.approvals.cases import Case
from apps.approvals.models import PromotionRequest
from apps.approvals.operations import PROMOTE
from apps.approvals.pages import transitions
from apps.audit import timeline
from apps.audit.models import AuditEvent
from apps.audit.timeline import TimelineEntry
from apps.core.actors import Actor

MOST_ENTRIES = 50
VIEW_RECORD = "audit.view_record"
ASKING = frozenset({"version.request_promotion", "version.request_rollback"})


@dataclass(frozen=True)
class Line:
    """One entry of the record as the page shows it."""

    entry: TimelineEntry
    title: str
    who: str
    icon: str
    tone: str


def told(case: Case, reader: Actor) -> list[Line]:
    """Return what a reader may know the record holds about a request, newest first."""
    about = _about(case) | _that_closed(case.request)
    events = timeline.events(about & _open_to(reader, case.request))
    return _lines(case, events.order_by("-id")[:MOST_ENTRIES])


def decision(case: Case) -> Line | None:
    """Return the entry that closed a request; nothing while it is open."""
    if case.request.is_open:
        return None
    return next(iter(_lines(case, timeline.events(_that_closed(case.request)))), None)


def _that_closed(request: PromotionRequest) -> Q:
    """Return the condition that an event closed a request: the last that left a state of it."""
    if request.is_open:
        return Q(pk__in=())
    states = PromotionRequest.history.filter(id=request.pk).order_by("-history_id")
    return Q(uid__in=list(states.values_list("event_id", flat=True)[:1]))


def _lines(case: Case, events: Iterable[AuditEvent]) -> list[Line]:
    entries = [TimelineEntry.of(event) for event in events]
    names = accounts.names_of({entry.actor["id"] for entry in entries})
    subjects = _subjects(case)
    return [_line(case, entry, names, subjects) for entry in entries]


def _about(case: Case) -> Q:
    about = timeline.about_subject(case.request)
    for signed in case.sign_offs:
        about |= timeline.about_subject(signed)
        for asked in signed.tied_to:
            about |= timeline.about_subject(asked)
    return about


def _open_to(reader: Actor, request: PromotionRequest) -> Q:
    """Return the condition that a reader may know of an event: refusals stand in no chain, and
    only auditors and whoever was refused see them."""
    if reader.may(VIEW_RECORD):
        return Q()
    return timeline.about_roots([request.root.record_ref]) | timeline.by_actor(reader.id)


def _subjects(case: Case) -> Mapping[str, str]:
    request = case.request
    version = request.version
    labels = {
        request.record_id: transitions.of(request).about.format(version),
        version.record_id: str(version),
        version.model.record_id: version.model.name,
    }
    for signed in case.sign_offs:
        labels[signed.record_id] = f"the sign-off as {signed.get_role_display()}"
        for asked in signed.tied_to:
            labels[asked.record_id] = "a condition of a sign-off"
    return labels


def _title(case: Case, entry: TimelineEntry, done: str, subjects: Mapping[str, str]) -> str:
    """Return what an entry did; asking for a transition, and making it, names the transition."""
    said = transitions.of(case.request)
    if entry.action in ASKING and entry.outcome == AuditEvent.Outcome.DONE:
        return said.asked.format(case.request.version)
    if entry.action == said.action.name and entry.action != PROMOTE.name:
        return f"{done} {case.request.version}"
    return f"{done} {subjects.get(entry.subject['id'], case.request.version)}"


def _line(
    case: Case, entry: TimelineEntry, names: Mapping[str, str], subjects: Mapping[str, str]
) -> Line:
    said = words.of_decision(entry)
    return Line(
        entry=entry,
        title=_title(case, entry, said.done, subjects),
        who=names.get(entry.actor["id"], entry.actor["id"]),
        icon=said.icon,
        tone=said.tone,
    )
