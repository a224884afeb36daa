"""The registers regulators ask for: what there is, each of them page by page, and as files."""

from datetime import UTC, date, datetime, time
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.core import links
from apps.core.errors import DomainError
from apps.core.formats import grouped
from apps.core.paging import BadMark
from apps.core.spreadsheets import form_asked, spreadsheet
from apps.risk.operations import portfolio_exports
from apps.risk.registers import paper, reading, rows
from apps.risk.registers.reading import Register
from apps.risk.registers.rows import Shown

PAGE_SIZE = 20
MARK, AS_OF = "page", "as_of"


@signed_in
@require_safe
def listed(request: ActorRequest) -> HttpResponse:
    """List the registers."""
    page = {"found": reading.shipped()}
    return render(request, "risk/registers/list.html", page)


@signed_in
@require_safe
def register(request: ActorRequest, register: str) -> HttpResponse:
    """Show a register as it is now, page by page, with what is missing counted."""
    found = _register(register)
    return _shown(request, found)


@signed_in
@require_safe
def register_gaps(request: ActorRequest, register: str) -> HttpResponse:
    """Count what is missing over all rows of a register, column by column."""
    found = _register(register)
    gaps = rows.gaps(found, request.actor)
    page = {
        "register": found,
        "gaps": gaps,
        "summary": f"{grouped(gaps.values)} of {grouped(gaps.asked)} values not recorded, "
        f"in {grouped(gaps.rows)} {found.noun if gaps.rows == 1 else f'{found.noun}s'}",
        "crumbs": [*_crumbs(), (found.title, reverse("risk:register", args=[found.id]))],
    }
    return render(request, "risk/registers/gaps.html", page)


@signed_in
@require_safe
def register_csv(request: ActorRequest, register: str) -> HttpResponseBase:
    """Send a register as a file for spreadsheets, as it is or as it was on a day."""
    found = _register(register)
    day, problem = _day(links.asked(request, AS_OF) or "")
    if problem:
        return _shown(request, found, problem=problem)
    form = form_asked(request)
    name = f"{found.id}-{day or now().date()}"
    lines = rows.lines(found, request.actor, _end_of(day))
    try:
        portfolio_exports.export_register(
            found.id, form, day.isoformat() if day else "", by=request.actor
        )
        return spreadsheet(form, name, rows.header(found), lines)
    except DomainError as refusal:
        return _shown(request, found, problem=str(refusal))


@signed_in
@require_safe
def register_pdf(request: ActorRequest, register: str) -> HttpResponse:
    """Send a register as a PDF, one block per row."""
    found = _register(register)
    day, problem = _day(links.asked(request, AS_OF) or "")
    if problem:
        return _shown(request, found, problem=problem)
    try:
        portfolio_exports.export_register(
            found.id, "pdf", day.isoformat() if day else "", by=request.actor
        )
        made = paper.as_pdf(reading.shipped(), found, request.actor, now=now(), at=_end_of(day))
    except DomainError as refusal:
        return _shown(request, found, problem=str(refusal))
    return as_file(made, f"{found.id}-{day or now().date()}.pdf", "application/pdf")


def as_file(content: bytes, name: str, media_type: str) -> HttpResponse:
    """Return a file that is kept, and that a browser runs nothing of."""
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _shown(request: ActorRequest, found: Register, *, problem: str = "") -> HttpResponse:
    shown = _page(request, found)
    page: dict[str, Any] = {
        "register": found,
        "registers": reading.shipped(),
        "shown": shown,
        "gaps": f"{shown.gaps} of {len(shown.rows) * found.asked} values on this page",
        "newer": _to_page(found, shown.page.newer),
        "older": _to_page(found, shown.page.older),
        "as_of": request.GET.get(AS_OF, ""),
        "today": now().date(),
        "problem": problem,
        "crumbs": _crumbs(),
    }
    return render(request, "risk/registers/one.html", page, status=422 if problem else 200)


def _page(request: ActorRequest, found: Register) -> Shown:
    try:
        mark = request.GET.get(MARK, "")
        return rows.page(found, request.actor, size=PAGE_SIZE, mark=mark)
    except BadMark as refusal:
        messages.warning(request, f"{refusal} It is shown here.")
        return rows.page(found, request.actor, size=PAGE_SIZE)


def _register(register_id: str) -> Register:
    found = reading.shipped().named(register_id)
    if found is None:
        raise Http404
    return found


def _day(text: str) -> tuple[date | None, str]:
    """Return the day somebody asks for, or what is wrong with it."""
    if not text:
        return None, ""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None, "Give the day as 2026-11-23."
    if day > now().date():
        return None, "That day is still to come. Choose today or a day before."
    return (None if day == now().date() else day), ""


def _end_of(day: date | None) -> datetime | None:
    return datetime.combine(day, time.max, UTC) if day else None


def _to_page(found: Register, mark: str) -> str:
    return f"{reverse('risk:register', args=[found.id])}?{MARK}={mark}" if mark else ""


def _crumbs() -> list[tuple[str, str]]:
    return [("Risk", reverse("risk:portfolio")), ("Registers", reverse("risk:registers"))]
