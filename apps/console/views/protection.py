"""How the record is protected: what holds, and what does not yet."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.rights import MANAGE_PEOPLE
from apps.audit.sealing import anchors, health
from apps.audit.unrecorded import Unrecorded
from apps.console.queries.record import VIEW_RECORD
from apps.core.clock import database_now


@signed_in
@require_safe
def protection(request: ActorRequest) -> HttpResponse:
    """Show what protects the record to those who read all of it, and to administrators."""
    if not any(request.actor.may(right) for right in (VIEW_RECORD, MANAGE_PEOPLE)):
        raise Http404
    found = health.protections(anchors.configured(), now=database_now())
    page = {
        "protections": found,
        "lacking": [one for one in found if one.tone != health.GOOD],
        "unrecorded": Unrecorded.count,
    }
    return render(request, "console/protection.html", page)
