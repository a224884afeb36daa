"""Versions of a model side by side."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.catalog import queries as catalog
from apps.console.queries import comparing
from apps.core.errors import DomainError

OFFERED = 50


@signed_in
@require_safe
def compare(request: ActorRequest, name: str) -> HttpResponse:
    """Show the versions chosen in the address side by side, or let them be chosen."""
    model = catalog.model_or_none(request.actor, name)
    if model is None:
        raise Http404
    numbers = request.GET.getlist("version")
    page = {
        "model": model,
        "crumbs": [
            ("Models", reverse("models:list")),
            (model.name, model.get_absolute_url()),
        ],
        "offered": comparing.offered(model, OFFERED),
        "least": comparing.LEAST,
        "most": comparing.MOST,
        "asked": set(numbers),
    }
    if not numbers:
        return render(request, "console/compare.html", page)
    try:
        versions = comparing.chosen(model, numbers)
    except DomainError as refusal:
        return render(request, "console/compare.html", page | {"refusal": refusal}, status=422)
    page |= {"versions": versions, "sections": comparing.sections(versions)}
    return render(request, "console/compare.html", page)
