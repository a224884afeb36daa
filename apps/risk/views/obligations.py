"""Pages of obligations: those of a model, and one that is met, put off or given to somebody."""

from functools import partial

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.catalog import queries as catalog
from apps.core.sent import sent_values
from apps.risk.assessment_forms import ReasonForm
from apps.risk.models import Obligation
from apps.risk.operations import obligations as operations
from apps.risk.pages import obligations as pages
from apps.risk.pages.tiers import crumbs
from apps.risk.tier_forms import AssignForm, DeferForm
from apps.risk.views.acting import FORM, answered


@signed_in
@require_safe
def obligations(request: ActorRequest, name: str) -> HttpResponse:
    """List the obligations of a model by how they stand."""
    model = catalog.model_or_none(request.actor, name)
    if model is None:
        raise Http404
    return render(request, "risk/obligations/list.html", pages.of_model(model, now()))


@signed_in
@require_safe
def obligation(request: ActorRequest, pk: int) -> HttpResponse:
    """Show one obligation."""
    page = pages.one(_find(request, pk), request.actor, now())
    return render(request, "risk/obligations/one.html", page)


@signed_in
@require_http_methods(FORM)
def meet(request: ActorRequest, pk: int) -> HttpResponse:
    """Say that an obligation is met."""
    held = _find(request, pk)
    carry_out = partial(operations.meet_obligation, held, by=request.actor)
    page = _page(held, "Call it met", "It no longer makes the condition stricter.")
    form = ReasonForm(sent_values(request))
    return answered(request, form, carry_out, page, done="It is met.", to=held)


@signed_in
@require_http_methods(FORM)
def defer(request: ActorRequest, pk: int) -> HttpResponse:
    """Put an obligation off."""
    held = _find(request, pk)
    carry_out = partial(operations.defer_obligation, held, by=request.actor)
    page = _page(held, "Put it off", "Until that day is over, gates treat it as not binding yet.")
    form = DeferForm(sent_values(request))
    return answered(request, form, carry_out, page, done="It is put off.", to=held)


@signed_in
@require_http_methods(FORM)
def assign(request: ActorRequest, pk: int) -> HttpResponse:
    """Give an obligation to whoever sees to it."""
    held = _find(request, pk)
    carry_out = partial(operations.assign_obligation, held, by=request.actor)
    page = _page(held, "Give it to somebody", "They see to it that it is met.")
    form = AssignForm(sent_values(request), people=pages.people_for(held.model))
    return answered(request, form, carry_out, page, done="It has somebody to see to it.", to=held)


def _page(held: Obligation, title: str, lead: str) -> dict[str, object]:
    return {
        "title": title,
        "lead": lead,
        "crumbs": [*crumbs(held.model), (held.title, held.get_absolute_url())],
        "here": title,
        "button": title,
        "back": held.get_absolute_url(),
    }


def _find(request: ActorRequest, pk: int) -> Obligation:
    visible = catalog.models_visible_to(request.actor)
    related = ("model__owner", "version__model", "use_case", "assessment__questionnaire", "owner")
    found = Obligation.objects.filter(model__in=visible.values("pk"))
    held: Obligation = get_object_or_404(
        found.select_related(*related, "met_by", "deferred_by"), pk=pk
    )
    return held
