"""Pages of the past: each answers what was true then, for who may see the thing today."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals import policy_queries
from apps.approvals import queries as requests
from apps.approvals.past.production import in_production
from apps.catalog import operations
from apps.catalog import queries as catalog
from apps.catalog.models import RegisteredModel
from apps.console.as_of import model as model_page
from apps.console.as_of import policy as policy_page
from apps.console.as_of import production as portfolio
from apps.console.as_of import promotion as promotion_page
from apps.console.as_of import version as version_page
from apps.console.as_of.asking import Asked
from apps.core import links
from apps.core.errors import DomainError
from apps.core.paging import BadMark
from apps.core.spreadsheets import form_asked, spreadsheet

HOME = "as_of:production"


@signed_in
@require_safe
def production(request: ActorRequest) -> HttpResponse:
    """Show what was in production at a moment, under which approvals, or what is different."""
    asked = Asked.of(request.GET, compares=True)
    page = asked.page(reverse("models:list"), "in production")
    page["may_take"] = catalog.exam_limits_of(request.actor) is None
    if asked.is_about_two:
        page |= portfolio.differences(request.actor, asked)
    elif asked.at is not None:
        page |= _listed(request, asked)
    return render(request, "console/as_of/production.html", page, status=asked.status)


def _listed(request: ActorRequest, asked: Asked) -> dict[str, Any]:
    try:
        found = portfolio.page(request.actor, asked, request.GET.get(links.MARK, ""))
    except BadMark as refusal:
        messages.warning(request, f"{refusal} It is shown here.")
        found = portfolio.page(request.actor, asked, "")
    turned = {way: links.to_page(request, found[way]) for way in ("newer", "older")}
    return found | turned


@signed_in
@require_safe
def production_csv(request: ActorRequest) -> HttpResponseBase:
    """Send all that was in production, or all that is different, as a file for spreadsheets."""
    asked = Asked.of(request.GET, compares=True)
    if asked.at is None:
        return redirect(links.with_query(request).replace(request.path, reverse(HOME), 1))
    form = form_asked(request)
    total = in_production(request.actor, asked.at).order_by().count()
    try:
        operations.export_models(by=request.actor, query=f"as of {asked.query}", rows=total)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(f"{reverse(HOME)}?{asked.query}")
    name = portfolio.file_name(asked)
    if asked.is_about_two:
        rows = portfolio.difference_cells(request.actor, asked)
        return spreadsheet(form, name, portfolio.DIFFERENCES_HEADER, rows)
    return spreadsheet(form, name, portfolio.HEADER, portfolio.cells(request.actor, asked.at))


@signed_in
@require_safe
def model(request: ActorRequest, name: str) -> HttpResponse:
    """Show a model as it was, or what is different about it at two moments."""
    found, asked = _model(request, name), Asked.of(request.GET, compares=True)
    page = asked.page(found.get_absolute_url(), f"{found.name}") | {"model": found}
    if asked.is_about_two:
        page |= model_page.compared(found, asked, request.actor)
    elif asked.at is not None:
        page |= model_page.page(found, asked, request.actor)
    return render(request, "console/as_of/model.html", page, status=asked.status)


def _model(request: ActorRequest, name: str) -> RegisteredModel:
    found = catalog.model_or_none(request.actor, name)
    if found is None:
        raise Http404
    return found


@signed_in
@require_safe
def version(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Show a version as it was: its stage, its evidence, and who had approved it."""
    found = catalog.version_or_none(request.actor, name, number)
    if found is None:
        raise Http404
    asked = Asked.of(request.GET)
    page = asked.page(found.get_absolute_url(), str(found)) | {"version": found}
    if asked.at is not None:
        page |= version_page.page(found, asked, request.actor)
    return render(request, "console/as_of/version.html", page, status=asked.status)


@signed_in
@require_safe
def promotion(request: ActorRequest, pk: int) -> HttpResponse:
    """Show a promotion request as it was, and how it was judged when decided."""
    found = get_object_or_404(requests.requests_visible_to(request.actor), pk=pk)
    asked = Asked.of(request.GET)
    page = asked.page(found.get_absolute_url(), str(found)) | {"promotion": found}
    if asked.at is not None:
        page |= promotion_page.page(found, asked, request.actor)
    return render(request, "console/as_of/promotion.html", page, status=asked.status)


@signed_in
@require_safe
def policy(request: ActorRequest, pk: int) -> HttpResponse:
    """Show a version of the policy as it was, and which one was in force."""
    found = get_object_or_404(policy_queries.policies_visible_to(request.actor), pk=pk)
    asked = Asked.of(request.GET)
    page = asked.page(found.get_absolute_url(), str(found)) | {"version": found}
    if asked.at is not None:
        page |= policy_page.page(found, asked, request.actor)
    return render(request, "console/as_of/policy.html", page, status=asked.status)
