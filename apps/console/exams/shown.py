"""What the pages of exam rooms show: rooms, the models of one, and what has been looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import now

from apps.accounts.access import ActorRequest
from apps.audit import timeline
from apps.audit.models import AuditEvent
from apps.audit.timeline import TimelineEntry
from apps.catalog import exams
from apps.catalog import operations as catalog
from apps.catalog.models import ExamRoom
from apps.console.exams import pages
from apps.console.exams.visits import Visit
from apps.console.queries import telling
from apps.core import links
from apps.core.paging import Order

PAGE_SIZE = 25
LOOKS_SHOWN = 50
MODELS_SHOWN = 100
NEWEST_FIRST = Order(("id",))
BY_NAME = Order(("name", "id"), least_first=True)
LOOKS = (catalog.LOOK.name, catalog.TURN_AWAY.name)


@dataclass(frozen=True)
class ShownLook:
    """One look, in words: when, at what, and whether it was shown."""

    entry: TimelineEntry
    words: str
    address: str
    status: str
    tone: str

    @classmethod
    def of(cls, event: AuditEvent) -> "ShownLook":
        entry = TimelineEntry.of(event)
        detail = entry.detail
        method, code = str(detail.get("method")), detail.get("status")
        asked = pages.in_words(str(detail.get("page") or ""))
        was_shown = entry.action == catalog.LOOK.name
        return cls(
            entry,
            asked if method in pages.GET else f"{asked}, sent as {method}",
            str(detail.get("address")),
            "Shown" if was_shown else f"Refused ({code})",
            "good" if was_shown else "bad",
        )


def status_of(room: ExamRoom, at: datetime) -> tuple[str, str]:
    """Return how a room stands at a moment, as words and tone."""
    if room.closed_at is not None:
        return "Closed", "idle"
    if room.until <= at:
        return "Over", "idle"
    return ("Open", "info") if room.begins_at <= at else ("Not begun", "idle")


def listing(request: ActorRequest) -> dict[str, Any]:
    """Return the page of exam rooms the address asks for."""
    visible = exams.rooms_visible_to(request.actor)
    found, at = links.page_of(request, visible, NEWEST_FIRST, PAGE_SIZE), now()
    return {
        "rows": [_row(room, at) for room in found.rows],
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
        "may_open": exams.may_host(request.actor),
    }


def room(request: ActorRequest, room: ExamRoom) -> dict[str, Any]:
    """Return what the page of one room shows its hosts."""
    at = now()
    label, tone = status_of(room, at)
    found = links.page_of(request, looks_at(room), NEWEST_FIRST, LOOKS_SHOWN)
    models = list(exams.models_of(room).order_by("name", "pk")[:MODELS_SHOWN])
    is_over = room.is_over(at)
    return {
        "room": room,
        "statuses": [{"label": label, "tone": tone}],
        "facts": _facts(room),
        "models": models,
        "more": max(len(room.granted) - len(models), 0),
        "looks": [ShownLook.of(event) for event in found.rows],
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
        "lines": telling.lines(_changes_of(room)),
        "may_change": exams.may_host(request.actor) and not is_over,
    }


def examiners_page(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    """Return what the examiner's own page shows: nothing of any model once the exam is over."""
    room = visit.room
    if room is None or not visit.is_open:
        is_to_come = room is not None and not room.is_over(visit.at)
        return {"room": room, "is_to_come": is_to_come}
    found = links.page_of(request, exams.models_of(room), BY_NAME, MODELS_SHOWN)
    return {
        "room": room,
        "rows": found.rows,
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
        "facts": [*_facts(room), {"term": "Opened by", "person": str(room.opened_by)}],
        "places": _places(visit),
    }


def looks_at(room: ExamRoom) -> QuerySet[AuditEvent]:
    """Return what was looked at, or refused, in a room."""
    return timeline.events(timeline.about_subject(room)).filter(action__in=LOOKS)


def _changes_of(room: ExamRoom) -> Sequence[AuditEvent]:
    events = timeline.events(timeline.about_roots([room.record_ref]))
    return list(events.order_by("-id")[:PAGE_SIZE])


def _row(room: ExamRoom, at: datetime) -> dict[str, Any]:
    label, tone = status_of(room, at)
    return {"room": room, "status": label, "tone": tone, "models": len(room.granted)}


def _facts(room: ExamRoom) -> list[dict[str, Any]]:
    parts = [str(ExamRoom.Part(part).label) for part in room.parts]
    facts: list[dict[str, Any]] = [
        {"term": "Examiner", "person": str(room.examiner)},
        {"term": "Authority", "value": room.authority},
        {"term": "From", "at": room.begins_at},
        {"term": "Until", "at": room.until},
        {"term": "Models", "value": f"{len(room.granted):,}"},
        {"term": "Shown beside facts", "value": "; ".join(parts) or "Checks and decisions alone"},
    ]
    if room.closed_at is not None:
        facts.append({"term": "Closed", "at": room.closed_at})
    return facts


def _places(visit: Visit) -> list[tuple[str, str]]:
    """Return the lists an examiner can open beside the models."""
    lists = [
        ("Promotions of these models", "approvals:promotions"),
        ("Waivers on these models", "approvals:waivers"),
        ("Emergencies of these models", "approvals:emergencies"),
        ("Entries of the record about these models", "audit:list"),
        ("Which page answers which question", "exams:requests"),
    ]
    return [(words, reverse(page)) for words, page in lists if visit.opens(page)]
