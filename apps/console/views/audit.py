"""The record: the list of entries, and one entry whole."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.audit import timeline
from apps.audit.models import AuditEvent, Leaf, SignedCheckpoint
from apps.audit.timeline import TimelineEntry
from apps.console import words
from apps.console.forms import RecordFilterForm
from apps.console.queries import changes, record, telling
from apps.console.queries.names import Names
from apps.console.queries.telling import Line
from apps.core import links

PAGE_SIZE = 50


@signed_in
@require_safe
def entries(request: ActorRequest) -> HttpResponse:
    """List the entries the person may see, newest first."""
    form = RecordFilterForm(request.GET or None)
    wanted = form.wanted()
    events = record.events_visible_to(request.actor).filter(wanted.condition(request.actor))
    found = links.page_of(request, events, record.ORDER, PAGE_SIZE)
    page = {
        "form": form,
        "lines": telling.lines(found.rows),
        "is_filtered": not wanted.is_empty,
        "sees_all": request.actor.may(record.VIEW_RECORD),
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
    }
    return render(request, "console/audit.html", page, status=422 if form.errors else 200)


@signed_in
@require_safe
def entry(request: ActorRequest, uid: UUID) -> HttpResponse:
    """Show one entry whole: who, when, why, what changed, and its place in the record."""
    event = get_object_or_404(record.events_visible_to(request.actor), uid=uid)
    read = TimelineEntry.of(event)
    changed = timeline.differences(event)
    root = [read.chain["root"]] if read.chain else []
    names = Names.of([read], *root, *telling.mentioned(read), *changes.mentions(changed))
    before, after = record.neighbors(event)
    page = {
        "entry": read,
        "line": Line.of(read, names),
        "statuses": _statuses(read),
        "facts": _facts(read, names),
        "changes": changes.in_words(changed, names),
        "signature": _signature_facts(read),
        "chain": _chain_facts(read, names),
        "seal": _seal_facts(event),
        "before": before,
        "after": after,
        "origin": _parent(request, read),
    }
    return render(request, "console/audit_entry.html", page)


def _statuses(entry: TimelineEntry) -> list[dict[str, str]]:
    outcome = AuditEvent.Outcome(entry.outcome)
    tone = "bad" if outcome in timeline.UNDONE else "good"
    return [{"label": words.OUTCOMES[outcome], "tone": tone}]


def _facts(entry: TimelineEntry, names: Names) -> list[dict[str, Any]]:
    actor = entry.actor
    subject = names.of_ref(f"{entry.subject['type']}:{entry.subject['id']}")
    return [
        {"term": "Who", "person": names.of_actor(actor["id"])},
        {"term": "Known as", "value": actor["id"]},
        {"term": "When", "at": entry.time},
        {"term": "In UTC", "value": f"{entry.time.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"},
        {"term": "Through", "value": words.DOORS.get(actor["door"], actor["door"])},
        {"term": "Identified by", "value": words.WAYS_IN.get(actor["auth"], actor["auth"])},
        {"term": "Action", "value": entry.action},
        {"term": "About", "value": subject.label, "href": subject.href},
    ]


def _signature_facts(entry: TimelineEntry) -> list[dict[str, Any]]:
    """Return what was signed, and how the person proved who they are; nothing when unsigned."""
    if entry.sign is None:
        return []
    meaning, signed_at = str(entry.sign["meaning"]), str(entry.sign["at"])
    return [
        {"term": "Meaning", "value": words.MEANINGS.get(meaning, meaning)},
        {"term": "Statement", "digest": entry.sign["statement"]},
        {"term": "Confirmed by", "value": entry.sign["method"]},
        {"term": "Signed", "at": datetime.fromisoformat(signed_at)},
    ]


def _chain_facts(entry: TimelineEntry, names: Names) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [{"term": "Entry", "value": entry.number}]
    if entry.chain:
        root = names.of_ref(entry.chain["root"])
        facts += [
            {"term": "Chain of", "value": root.label, "href": root.href},
            {"term": "Place in it", "value": entry.chain["rev"]},
            {"term": "Follows", "digest": f"sha256:{entry.chain['prev']}"},
        ]
    return [*facts, {"term": "Leaf hash", "digest": f"sha256:{entry.leaf}"}]


def _parent(request: ActorRequest, entry: TimelineEntry) -> str:
    """Return the page of the entry this one is part of, when the reader may see it."""
    if entry.parent is None:
        return ""
    visible = record.events_visible_to(request.actor).filter(uid=entry.parent).exists()
    return reverse("audit:entry", args=[entry.parent]) if visible else ""


def _seal_facts(event: AuditEvent) -> list[dict[str, Any]]:
    """Return the entry's place in the sealed log, and the checkpoint that covers it."""
    leaf = Leaf.objects.filter(event=event).first()
    if leaf is None:
        return []
    covering = SignedCheckpoint.objects.filter(size__gt=leaf.seq).order_by("size").first()
    facts: list[dict[str, Any]] = [{"term": "Entry of the log", "value": f"{leaf.seq:,}"}]
    if covering is not None:
        facts.append({"term": "Signed", "at": covering.signed_at})
    return facts
