"""Evidence packs: ordered, listed, followed while they are made, taken away."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals.models import EvidencePack, PromotionRequest
from apps.approvals.operations import packs as operations
from apps.approvals.pack_forms import PackForm, PackOfManyForm
from apps.approvals.packs.queries import packs_visible_to
from apps.approvals.pages import packs as pages
from apps.approvals.views.acting import FORM
from apps.approvals.views.showing import find
from apps.catalog import queries as catalog
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.catalog.sending import file_response
from apps.core import links
from apps.core.errors import DomainError, NotFound
from apps.core.sent import sent_values


@signed_in
@require_safe
def packs(request: ActorRequest) -> HttpResponse:
    """List the packs the reader ordered, or for auditors those everybody did."""
    return render(request, "approvals/packs/list.html", pages.listing(request))


@signed_in
@require_http_methods(FORM)
def order_of_model(request: ActorRequest, name: str) -> HttpResponse:
    """Order a pack of a model with all its versions."""
    found = catalog.model_or_none(request.actor, name)
    if found is None:
        raise Http404
    return _ordered_of(request, found)


@signed_in
@require_http_methods(FORM)
def order_of_version(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Order a pack of one version."""
    found = catalog.version_or_none(request.actor, name, number)
    if found is None:
        raise Http404
    return _ordered_of(request, found)


@signed_in
@require_http_methods(FORM)
def order_of_promotion(request: ActorRequest, pk: int) -> HttpResponse:
    """Order a pack of a promotion request and its version."""
    return _ordered_of(request, find(request, pk))


@signed_in
@require_http_methods(FORM)
def order_of_many(request: ActorRequest) -> HttpResponse:
    """Order a pack of several models, chosen by what the portfolio's lists are chosen by."""
    asked = {name: links.asked(request, name) for name in request.GET if name != links.MARK}
    try:
        found = pages.chosen_from(asked, request.actor)
    except NotFound:
        raise Http404 from None
    form = PackOfManyForm(sent_values(request))
    form.offer(row.title for row in found.rows)

    def order(models: list[str], purpose: str) -> EvidencePack:
        visible = catalog.models_visible_to(request.actor).filter(name__in=models)
        return operations.order_pack(*visible.order_by("pk"), by=request.actor, reason=purpose)

    return _answered(request, form, order, pages.ordering_many(found))


@signed_in
@require_safe
def pack(request: ActorRequest, pk: int) -> HttpResponse:
    """Show one pack: how far it is, what it holds, how to check it."""
    return _show(request, _find(request, pk))


@signed_in
@require_safe
def pack_part(request: ActorRequest, pk: int) -> HttpResponse:
    """Show the part of the page that asks for itself again while the pack is made."""
    return render(request, "approvals/packs/_pack.html", pages.one(_find(request, pk)))


@signed_in
@require_POST
def repeat(request: ActorRequest, pk: int) -> HttpResponse:
    """Have a pack made again that could not be made."""
    found = _find(request, pk)
    try:
        operations.repeat_pack(found, by=request.actor)
    except DomainError as refusal:
        return _show(request, found, refusal=str(refusal))
    messages.success(request, "The pack is made again.")
    return redirect(found)


@signed_in
@require_safe
def file(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Send the file of a pack, or a range of it, once it is recorded who takes it."""
    found = _find(request, pk)
    try:
        return file_response(operations.download_pack(found, by=request.actor), request.headers)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect(found)


def _find(request: ActorRequest, pk: int) -> EvidencePack:
    return get_object_or_404(packs_visible_to(request.actor), pk=pk)


def _show(request: ActorRequest, found: EvidencePack, *, refusal: str = "") -> HttpResponse:
    page = {**pages.one(found), "refusal": refusal}
    return render(request, "approvals/packs/one.html", page, status=422 if refusal else 200)


def _ordered_of(
    request: ActorRequest, subject: RegisteredModel | ModelVersion | PromotionRequest
) -> HttpResponse:
    def order(purpose: str) -> EvidencePack:
        return operations.order_pack(subject, by=request.actor, reason=purpose)

    page = pages.ordering(pages.Subject.of(subject))
    return _answered(request, PackForm(sent_values(request)), order, page)


def _answered(
    request: ActorRequest,
    form: PackForm,
    order: Callable[..., EvidencePack],
    page: dict[str, Any],
) -> HttpResponse:
    """Order what a form asks for and follow it, or show the form with what is in the way."""
    if form.is_valid():
        try:
            ordered = order(**form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The pack is ordered. A worker makes it.")
            return redirect(ordered)
    status = 422 if form.errors else 200
    return render(request, "approvals/packs/order.html", {**page, "form": form}, status=status)
