"""What the record holds about a request, in words for one reader."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q

from apps.accounts import queries as accounts
from apps.approvals import words
from apps.approvals.cases import Case
from apps.approvals.models import PromotionRequest
from apps.audit import timeline
from apps.audit.models import AuditEvent
from apps.audit.timeline import TimelineEntry
from apps.core.actors import Actor

MOST_ENTRIES = 50
VIEW_RECORD = "audit.view_record"
_DECIDING = {
    PromotionRequest.State.PROMOTED: "version.promote",
    PromotionRequest.State.DECLINED: "request.sign_off",
    PromotionRequest.State.WITHDRAWN: "request.withdraw",
}


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
    events = timeline.events(_about(case) & _open_to(reader, case.request))
    return _lines(case, events.order_by("-id")[:MOST_ENTRIES])


def decision(case: Case) -> Line | None:
    """Return the entry that closed a request; nothing while it is open."""
    deciding = _DECIDING.get(PromotionRequest.State(case.request.state))
    done = timeline.events(timeline.about_subject(case.request)).filter(
        action=deciding, outcome=AuditEvent.Outcome.DONE
    )
    return next(iter(_lines(case, done.order_by("-id")[:1])), None) if deciding else None


def _lines(case: Case, events: Iterable[AuditEvent]) -> list[Line]:
    entries = [TimelineEntry.of(event) for event in events]
    names = accounts.names_of({entry.actor["id"] for entry in entries})
    subjects = _subjects(case)
    return [_line(entry, names, subjects) for entry in entries]


def _about(case: Case) -> Q:
    about = timeline.about_subject(case.request)
    for signed in case.sign_offs:
        about |= timeline.about_subject(signed)
    return about


def _open_to(reader: Actor, request: PromotionRequest) -> Q:
    """Return the condition that a reader may know of an event: refusals stand in no chain, and
    only auditors and whoever was refused see them."""
    if reader.may(VIEW_RECORD):
        return Q()
    return timeline.about_roots([request.root.record_ref]) | timeline.by_actor(reader.id)


def _subjects(case: Case) -> Mapping[str, str]:
    request = case.request
    labels = {request.record_id: f"{request.version} to {request.get_target_display().lower()}"}
    for signed in case.sign_offs:
        labels[signed.record_id] = f"the sign-off as {signed.get_role_display()}"
    return labels


def _line(entry: TimelineEntry, names: Mapping[str, str], subjects: Mapping[str, str]) -> Line:
    said = words.of_decision(entry)
    return Line(
        entry=entry,
        title=f"{said.done} {subjects[entry.subject['id']]}",
        who=names.get(entry.actor["id"], entry.actor["id"]),
        icon=said.icon,
        tone=said.tone,
    )
