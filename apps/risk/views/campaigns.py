"""Pages of campaigns: listed, begun, followed, ended, and how their models stood as a file."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.core.spreadsheets import form_asked, spreadsheet
from apps.risk import campaign_queries as queries
from apps.risk.assessment_forms import ReasonForm
from apps.risk.models import Campaign, CampaignSnapshot
from apps.risk.operations import campaigns as operations
from apps.risk.pages import campaigns as pages
from apps.risk.review_forms import CampaignForm
from apps.risk.views.acting import FORM, answered


@signed_in
@require_safe
def campaigns(request: ActorRequest) -> HttpResponse:
    """List the campaigns about models the reader may see."""
    return render(request, "risk/campaigns/list.html", pages.listing(request))


@signed_in
@require_safe
def campaign(request: ActorRequest, pk: int) -> HttpResponse:
    """Show one campaign: its progress, and what each owner said."""
    return render(request, "risk/campaigns/one.html", pages.one(request, _find(request, pk)))


@signed_in
@require_safe
def progress(request: ActorRequest, pk: int) -> HttpResponse:
    """Answer the page of a campaign, which asks how far the worker is until all were asked."""
    page = pages.progress(_find(request, pk))
    return render(request, "risk/campaigns/_progress.html", page)


@signed_in
@require_http_methods(FORM)
def begin(request: ActorRequest) -> HttpResponse:
    """Begin a campaign; the form says how many models each tier has."""
    if not pages.may_run(request.actor):
        page = {"why_not": operations.BEGIN_CAMPAIGN.refusal}
        return render(request, "risk/campaigns/begin.html", page, status=403)
    form = CampaignForm(sent_values(request), counts=queries.counts(now().date()))
    if form.is_valid():
        try:
            begun = operations.begin_campaign(
                form.planned, by=request.actor, reason=form.cleaned_data["reason"]
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The campaign begins. A worker asks the owners.")
            return redirect(begun)
    status = 422 if form.errors else 200
    return render(request, "risk/campaigns/begin.html", {"form": form}, status=status)


@signed_in
@require_http_methods(FORM)
def end(request: ActorRequest, pk: int) -> HttpResponse:
    """End a campaign after its last day."""
    held = _find(request, pk)
    page = {
        "title": f"End “{held}”",
        "lead": "Nobody is asked by it any more. What was not answered stays so.",
        "crumbs": [
            ("Campaigns", reverse("risk:campaigns")),
            (str(held), held.get_absolute_url()),
        ],
        "here": "End",
        "button": "End the campaign",
        "kind": "danger",
        "back": held.get_absolute_url(),
    }
    act = partial(operations.end_campaign, held, by=request.actor)
    form = ReasonForm(sent_values(request))
    return answered(request, form, act, page, done="The campaign is ended.", to=held)


@signed_in
@require_safe
def snapshot(request: ActorRequest, pk: int, moment: str) -> HttpResponseBase:
    """Send how the models of a campaign stood before or after it, to who runs campaigns."""
    held = _find(request, pk)
    kept = get_object_or_404(CampaignSnapshot, campaign=held, moment=moment)
    form = form_asked(request)
    operations.export_snapshot(kept, by=request.actor)
    return spreadsheet(form, f"{held}-{moment}", queries.COLUMNS, kept.rows)


def _find(request: ActorRequest, pk: int) -> Campaign:
    visible = queries.campaigns_visible_to(request.actor).select_related("begun_by", "ended_by")
    found: Campaign = get_object_or_404(visible, pk=pk)
    return found
