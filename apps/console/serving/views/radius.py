"""What a change of an asset reaches: which versions, where they run, and a finding on each."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals.views.acting import FORM
from apps.catalog import lineage
from apps.console.serving import radius as pages
from apps.console.serving.radius_form import RadiusForm
from apps.core.sent import sent_values


@signed_in
@require_http_methods(FORM)
def radius(request: ActorRequest, uid: UUID) -> HttpResponse:
    """Show where runs what is derived from an asset, and raise a finding on the chosen models."""
    asset = lineage.asset_or_none(request.actor, uid)
    if asset is None:
        raise Http404
    page = pages.shown(asset, request.actor, at=now())
    concerned = pages.concerned(page["reached"])
    form = RadiusForm(sent_values(request))
    form.offer(concerned)
    if form.is_valid():
        outcomes = pages.raise_on_each(form.versions(), form.said, by=request.actor)
        for is_good, text in pages.told(outcomes):
            (messages.success if is_good else messages.warning)(request, text)
        return redirect("deployments:radius", uid)
    page |= {"form": form, "concerned": concerned}
    return render(request, "deployments/radius.html", page, status=422 if form.errors else 200)
