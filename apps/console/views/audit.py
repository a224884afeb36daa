"""The record: the list of entries, and one entry whole."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.accounts import operations as accounts
from apps.accounts.access import ActorRequest, signed_in
from apps.audit import timeline
from apps.audit.models import AsideEvent, AuditEvent, Leaf, SignedCheckpoint
from apps.audit.timeline import TimelineEntry
from apps.catalog import exams
from apps.console import words
from apps.console.queries import changes, entry_files, record, telling
from apps.console.queries.exam_names import known_to
from apps.console.queries.looking import Filter
from apps.console.queries.names import Names
from apps.console.queries.telling import Line
from apps.console.record_form import RecordFilterForm
from apps.console.views import redactions
from apps.core import links
from apps.core.errors import DomainError
from apps.core.paging import Page
from apps.core.patience import TookTooLong, patience
from apps.core.spreadsheets import form_asked, spreadsheet

PAGE_SIZE = 50
CSV, LINES = links.CSV, "jsonl"


@signed_in
@require_safe
def entries(request: ActorRequest) -> HttpResponse:
    """List the entries the person may see, newest first."""
    form = RecordFilterForm(request.GET)
    wanted = form.wanted()
    found = _found(request, form, wanted)
    page = {
        "form": form,
        "lines": telling.lines(found.rows),
        "is_filtered": not wanted.is_empty,
        "sees_all": request.actor.may(record.VIEW_RECORD),
        "sees_redactions": redactions.may_see(request),
        "hosts_exams": exams.may_host(request.actor),
        "newer": links.to_page(request, found.newer),
        "older": links.to_page(request, found.older),
        "files": _files(request) if found.rows else [],
        "most": entry_files.MOST,
    }
    return render(request, "console/audit.html", page, status=422 if form.errors else 200)


@signed_in
@require_safe
def export(request: ActorRequest, form: str) -> HttpResponseBase:
    """Send what the list shows, on all its pages, once it is recorded who takes it."""
    filled = RecordFilterForm(request.GET)
    wanted = filled.wanted()
    if filled.errors:
        return redirect(_list(request))
    events = record.events_visible_to(request.actor).filter(wanted.condition(request.actor))
    form = form_asked(request) if form == CSV else form
    try:
        found = entry_files.batches(events, wanted.order)
        accounts.export_entries(
            by=request.actor, form=form, asked=wanted.told(), most=entry_files.MOST
        )
        if form != LINES:
            return spreadsheet(form, "entries", entry_files.HEADER, entry_files.sheet(found))
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(_list(request))
    headers = {
        "Content-Disposition": 'attachment; filename="entries.jsonl"',
        "Cache-Control": "private, no-store",
    }
    lines = entry_files.json_lines(found)
    return StreamingHttpResponse(lines, content_type="application/x-ndjson", headers=headers)


def _found(request: ActorRequest, form: RecordFilterForm, wanted: Filter) -> Page[AuditEvent]:
    """Return a page of what is looked for; nothing when that takes the database too long."""
    events = record.events_visible_to(request.actor).filter(wanted.condition(request.actor))
    try:
        with patience():
            return links.page_of(request, events, wanted.order, PAGE_SIZE)
    except TookTooLong as refusal:
        form.add_error(None, f"{refusal} A day, a person or a model narrows it most.")
        return Page([])


def _files(request: ActorRequest) -> list[tuple[str, str]]:
    """Return where what is listed is taken away, by what each file is called."""
    query = links.with_query(request).partition("?")[2]
    csv, lines = (
        f"{reverse(name)}?{query}" if query else reverse(name)
        for name in ("audit:export_csv", "audit:export_lines")
    )
    return [("CSV", csv), ("XLSX", links.as_workbook(csv)), ("JSON lines", lines)]


def _list(request: ActorRequest) -> str:
    return f"{reverse('audit:list')}?{request.GET.urlencode()}"


@signed_in
@require_safe
def entry(request: ActorRequest, uid: UUID) -> HttpResponse:
    """Show one entry whole: who, when, why, what changed, and its place in the record."""
    event = get_object_or_404(record.events_visible_to(request.actor), uid=uid)
    read = TimelineEntry.of(event)
    changed = timeline.differences(event)
    root = [read.chain["root"]] if read.chain else []
    mentioned = (*root, *telling.mentioned(read), *changes.mentions(changed))
    names = Names(known_to(request.actor, Names.of([read], *mentioned).known))
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
        "aside": AsideEvent.objects.filter(pk=event.pk).first(),
        "before": before,
        "after": after,
        "origin": _parent(request, read),
        "redaction": redactions.notice_of(event),
        "may_redact": redactions.may_ask(request, event),
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
