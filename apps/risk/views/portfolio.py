"""How all models stand: numbers, the rows behind each, and both as files."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.core import links
from apps.core.errors import DomainError, NotFound
from apps.core.formats import grouped
from apps.core.spreadsheets import form_asked, spreadsheet
from apps.risk.operations import portfolio_exports
from apps.risk.portfolio import lists, tables
from apps.risk.portfolio.lists import Rows
from apps.risk.portfolio.tables import Table
from apps.risk.views.registers import as_file
from apps.validation.documents.exports import typesetting

PAGE_SIZE = 50
PAGE = "page"
MOST_PAGE = 100_000


@signed_in
@require_safe
def portfolio(request: ActorRequest) -> HttpResponse:
    """Show how the models stand that the person may see; every number opens its rows."""
    return _shown(request)


@signed_in
@require_safe
def portfolio_rows(request: ActorRequest, kind: str) -> HttpResponse:
    """List the rows behind a number."""
    asked = {name: links.asked(request, name) for name in request.GET if name != PAGE}
    at = _page_number(links.asked(request, PAGE))
    try:
        found = lists.listed(
            kind, asked, request.actor, now().date(), start=(at - 1) * PAGE_SIZE, size=PAGE_SIZE
        )
    except NotFound:
        raise Http404 from None
    pages = max(-(-found.total // PAGE_SIZE), 1)
    page = {
        "found": found,
        "summary": _summary(found),
        "newer": _to_page(kind, asked, at - 1) if at > 1 else "",
        "older": _to_page(kind, asked, at + 1) if at < pages else "",
        "crumbs": [("Risk", reverse("risk:portfolio"))],
        "query": urlencode(asked),
    }
    return render(request, "risk/portfolio/rows.html", page)


@signed_in
@require_safe
def portfolio_csv(request: ActorRequest, table: str) -> HttpResponseBase:
    """Send one table as a file for spreadsheets."""
    if table not in tables.IDS:
        raise Http404
    form = form_asked(request)
    try:
        portfolio_exports.export_portfolio(table, form, by=request.actor)
    except DomainError as refusal:
        return _shown(request, problem=str(refusal))
    found = {one.id: one for one in tables.tables(request.actor, now().date())}[table]
    return spreadsheet(form, f"portfolio-{table}", found.header, found.cells)


@signed_in
@require_safe
def portfolio_pdf(request: ActorRequest) -> HttpResponse:
    """Send the page as a PDF."""
    try:
        portfolio_exports.export_portfolio("all", "pdf", by=request.actor)
        made = typesetting.as_pdf(_told(request))
    except DomainError as refusal:
        return _shown(request, problem=str(refusal))
    return as_file(made, f"portfolio-{now().date()}.pdf", "application/pdf")


def _shown(request: ActorRequest, *, problem: str = "") -> HttpResponse:
    page = {"tables": tables.tables(request.actor, now().date()), "problem": problem}
    status = 422 if problem else 200
    return render(request, "risk/portfolio/portfolio.html", page, status=status)


def _told(request: ActorRequest) -> dict[str, Any]:
    at = now()
    return {
        "title": "How the models stand",
        "summary": f"Of the models {request.actor.name} may see.",
        "counted": "taken on",
        "number": str(at.date()),
        "status": "as it is now",
        "completeness": f"{len(tables.IDS)} tables",
        "day": [at.year, at.month, at.day],
        "sections": [
            {"title": one.title, "fields": [_field(one)]}
            for one in tables.tables(request.actor, at.date())
        ],
        "signed": [],
        "manifest": [["As of", at.isoformat(timespec="seconds")]],
    }


def _field(table: Table) -> dict[str, Any]:
    rows = [[str(cell) for cell in line] for line in table.cells]
    return {"label": table.aside, "kind": "table", "columns": table.header, "rows": rows}


def _summary(found: Rows) -> str:
    asked = ", ".join(f"{label}: {value}" for label, value in found.asked)
    noun = found.kind.removesuffix("s") if found.total == 1 else found.kind
    return f"{grouped(found.total)} {noun}{f' · {asked}' if asked else ''}"


def _page_number(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) < len(str(MOST_PAGE))
    return max(int(text), 1) if is_number else 1


def _to_page(kind: str, asked: dict[str, str], number: int) -> str:
    query = urlencode([*asked.items(), (PAGE, number)])
    return f"{reverse('risk:portfolio_rows', args=[kind])}?{query}"
