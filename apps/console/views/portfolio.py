"""The list of models: search, facets, columns, saved views, and the list as a file."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.catalog import exams, saved_views
from apps.catalog import operations as catalog
from apps.catalog.models import RegisteredModel
from apps.console.portfolio_forms import SavedViewForm, ViewForm
from apps.console.queries import columns, portfolio
from apps.console.queries.portfolio import Facet, Portfolio
from apps.console.queries.seeking import Search, address
from apps.core.actors import Actor
from apps.core.errors import DomainError, NotFound
from apps.core.formats import grouped
from apps.core.paging import BadMark, Page
from apps.core.spreadsheets import form_asked, spreadsheet

PAGE_SIZE = 25
ORDER_WORDS = {
    "closest": "closest to the words first",
    "touched": "changed last first",
    "name": "by name",
    "registered": "registered last first",
}
ADD_MODEL = "catalog.add_registeredmodel"
MARK = "page"
JUMP = "go"
"""Sent by the search box of every page: one version found by its digest or run is opened."""


@signed_in
@require_safe
def models(request: ActorRequest) -> HttpResponse:
    """List the models the person may see: search, facets, order, columns."""
    search = Search.of(request.GET)
    found = Portfolio(request.actor, search)
    if JUMP in request.GET and len(found.sought.named) == 1:
        return redirect(found.sought.named[0])
    return _shown(request, found, request.GET.get(MARK, ""))


@signed_in
@require_safe
def export(request: ActorRequest) -> StreamingHttpResponse:
    """Send what the list shows, on all its pages, as a file for spreadsheets."""
    search, form = Search.of(request.GET), form_asked(request)
    found = Portfolio(request.actor, search)
    total = found.count().total
    catalog.export_models(by=request.actor, query=search.query, rows=total)
    lines = (columns.cells(row, search.columns) for row in found.all_rows())
    return spreadsheet(form, "models", columns.header(search.columns), lines)


@signed_in
@require_POST
def save_view(request: ActorRequest) -> HttpResponse:
    """Keep what the list shows now under a name."""
    search, form = _sent_search(request), SavedViewForm(request.POST)
    if form.is_valid():
        try:
            view = saved_views.save(form.cleaned_data["name"], search.query, by=request.actor)
        except DomainError as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, f"The view “{view}” is kept.")
            return redirect(_list(search.query))
    return _shown(request, Portfolio(request.actor, search), saving=form)


@signed_in
@require_POST
def rename_view(request: ActorRequest, pk: int) -> HttpResponse:
    """Give a saved view another name."""
    search = _sent_search(request)
    try:
        view = saved_views.rename(pk, request.POST.get("name", ""), by=request.actor)
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return _shown(request, Portfolio(request.actor, search), status=422)
    messages.success(request, f"The view is called “{view}” now.")
    return redirect(_list(search.query))


@signed_in
@require_POST
def delete_view(request: ActorRequest, pk: int) -> HttpResponse:
    """Forget a saved view."""
    try:
        view = saved_views.delete(pk, by=request.actor)
    except NotFound:
        raise Http404 from None
    messages.success(request, f"The view “{view}” is deleted.")
    return redirect(_list(_sent_search(request).query))


def _shown(
    request: ActorRequest,
    found: Portfolio,
    mark: str = "",
    *,
    saving: SavedViewForm | None = None,
    status: int = 200,
) -> HttpResponse:
    search = found.search
    page, counts = _page(request, found, mark), found.count()
    shown = {
        "search": search,
        "rows": portfolio.rows(page.rows),
        "columns": [columns.COLUMNS[key] for key in search.columns],
        "summary": _summary(search, counts.total),
        "facets": _options(search, portfolio.facets(search, counts)),
        "clear": _list(search.wide().query) if search.is_narrow else "",
        "with_digest": found.sought.named,
        "newer": _to_page(search, page.newer),
        "older": _to_page(search, page.older),
        "kept": list(search.pairs("q")),
        "view_form": ViewForm.of(search),
        "kept_by_view": list(search.pairs("sort", "columns")),
        "saved": _saved(search, request.actor),
        "saving": saving or SavedViewForm(),
        "export_url": address(reverse("models:export_list"), search.query),
        "may_register": request.actor.may(ADD_MODEL),
        "exam_url": _exam_url(request, search),
    }
    refused = saving is not None and bool(saving.errors)
    return render(request, "console/models.html", shown, status=422 if refused else status)


def _page(request: ActorRequest, found: Portfolio, mark: str) -> Page[RegisteredModel]:
    try:
        return found.page(size=PAGE_SIZE, mark=mark)
    except BadMark as refusal:
        messages.warning(request, f"{refusal} It is shown here.")
        return found.page(size=PAGE_SIZE)


def _exam_url(request: ActorRequest, search: Search) -> str:
    """Return where an exam room is opened for what the list shows; nothing for who may not."""
    if not (search.is_narrow and exams.may_host(request.actor)):
        return ""
    return address(reverse("exams:open"), search.query)


def _sent_search(request: ActorRequest) -> Search:
    """Return the search that a form was sent from."""
    return Search.of(QueryDict(request.POST.get("query", "")[: saved_views.MOST_QUERY]))


def _list(query: str) -> str:
    return address(reverse("models:list"), query)


def _to_page(search: Search, mark: str) -> str:
    return _list(urlencode([*search.pairs(), (MARK, mark)])) if mark else ""


def _summary(search: Search, total: int) -> str:
    order = ORDER_WORDS[search.order]
    return f"{grouped(total)} model{'' if total == 1 else 's'}, {order}"


def _options(search: Search, facets: Sequence[Facet]) -> list[dict[str, Any]]:
    """Return the facets with their values as links; a chosen one takes itself back."""
    return [
        {
            "title": facet.title,
            "more": facet.more,
            "options": [
                {
                    "label": option.label,
                    "count": option.count,
                    "current": option.is_chosen,
                    "url": _list(search.toggled(facet.key, option.value).query),
                }
                for option in facet.options
            ],
        }
        for facet in facets
    ]


def _saved(search: Search, actor: Actor) -> list[dict[str, Any]]:
    return [
        {
            "pk": view.pk,
            "name": view.name,
            "url": _list(view.query),
            "current": view.query == search.query,
        }
        for view in saved_views.of(actor)
    ]
