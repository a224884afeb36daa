"""How the record is protected: what holds, what does not yet, and the proof of one entry."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.rights import MANAGE_PEOPLE
from apps.audit.sealing import anchors, health, reading
from apps.audit.unrecorded import Unrecorded
from apps.console.queries.record import VIEW_RECORD, events_visible_to
from apps.core.clock import database_now
from apps.integrations.streams.standing import standing


@signed_in
@require_safe
def protection(request: ActorRequest) -> HttpResponse:
    """Show what protects the record to those who read all of it, and to administrators."""
    if not any(request.actor.may(right) for right in (VIEW_RECORD, MANAGE_PEOPLE)):
        raise Http404
    at = database_now()
    found = [*health.protections(anchors.configured(), now=at), *standing(now=at)]
    page = {
        "protections": found,
        "lacking": [one for one in found if one.tone != health.GOOD],
        "unrecorded": Unrecorded.count,
    }
    return render(request, "console/protection.html", page)


@signed_in
@require_safe
def proof(request: ActorRequest, uid: UUID) -> HttpResponse:
    """Give the proof that an entry is in the log; back to the entry while there is none yet."""
    event = get_object_or_404(events_visible_to(request.actor), uid=uid)
    found = reading.proof_of(event)
    if found is None:
        messages.info(request, "Recorded, sealing: its proof is there in a moment.")
        return redirect("audit:entry", uid)
    return _file(found.text.encode(), f"{uid}.proof")


@signed_in
@require_safe
def raw(request: ActorRequest, uid: UUID) -> HttpResponse:
    """Give the stored bytes of an entry, which its proof is of."""
    event = get_object_or_404(events_visible_to(request.actor), uid=uid)
    return _file(bytes(event.entry), f"{uid}.json")


def _file(data: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private"}
    return HttpResponse(data, content_type="application/octet-stream", headers=headers)
