"""A field's history where it stands: one page for each field of a model, version, use, supplier."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.console.queries import field_history
from apps.console.views import inventory
from apps.console.views.inventory import Place
from apps.console.views.uses import Kind


@signed_in
@require_safe
def of_model(request: ActorRequest, name: str, field: str) -> HttpResponse:
    """Show all that a field of a model said."""
    return _shown(request, inventory.of_model(inventory.find_model(request, name)), field)


@signed_in
@require_safe
def of_version(request: ActorRequest, name: str, number: int, field: str) -> HttpResponse:
    """Show all that a field of a version said."""
    return _shown(
        request, inventory.of_version(inventory.find_version(request, name, number)), field
    )


@signed_in
@require_safe
def of_record(
    request: ActorRequest, name: str, *, field: str, kind: Kind, **key: object
) -> HttpResponse:
    """Show all that a field of a use or supplier record said."""
    return _shown(request, kind.place(inventory.find_model(request, name), key), field)


def _shown(request: ActorRequest, place: Place, key: str) -> HttpResponse:
    past = field_history.past_of(place.subject, key, request.actor)
    if past is None:
        raise Http404
    page = {
        "place": place,
        "past": past,
        "crumbs": [*place.crumbs, (inventory.crumb(place), place.home)],
    }
    return render(request, "console/field_history.html", page)
