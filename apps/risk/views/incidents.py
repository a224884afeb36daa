"""Pages of incidents: listed, reported, shown with their clocks, and answered."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.risk import finding_queries
from apps.risk.finding_forms import carried_out
from apps.risk.incident_forms import IncidentForm
from apps.risk.models import Incident, ReportDuty
from apps.risk.operations import incidents as operations
from apps.risk.pages import findings as lists
from apps.risk.pages import incident as pages
from apps.risk.views.acting import FORM
from apps.risk.views.findings import model_named, versions_of


@signed_in
@require_safe
def incidents(request: ActorRequest) -> HttpResponse:
    """List the incidents of every model the reader may see."""
    return render(request, "risk/incidents/list.html", lists.incidents(request))


@signed_in
@require_safe
def of_model(request: ActorRequest, name: str) -> HttpResponse:
    """List the incidents of one model."""
    page = lists.incidents(request, model_named(request.actor, name))
    return render(request, "risk/incidents/list.html", page)


@signed_in
@require_safe
def incident(request: ActorRequest, pk: int) -> HttpResponse:
    """Show one incident with its clocks."""
    return _show(request, _find(request, pk))


@signed_in
@require_POST
def answer(request: ActorRequest, pk: int, act: str) -> HttpResponse:
    """Answer an incident in one of the ways there are."""
    found, chosen = _find(request, pk), pages.ACTS.get(act)
    if chosen is None:
        raise Http404
    form = pages.form_of(chosen, found, sent=request.POST)
    if carried_out(form, partial(chosen.carry_out, found, by=request.actor)):
        messages.success(request, chosen.done)
        return redirect(found)
    return _show(request, _find(request, pk), (chosen, None, form))


@signed_in
@require_POST
def answer_report(request: ActorRequest, pk: int, act: str) -> HttpResponse:
    """Say that a report was made, or why it need not be."""
    visible = finding_queries.incidents_visible_to(request.actor)
    duty: ReportDuty = get_object_or_404(
        ReportDuty.objects.filter(incident__in=visible.values("pk")), pk=pk
    )
    chosen = pages.DUTY_ACTS.get(act)
    if chosen is None:
        raise Http404
    found = _find(request, duty.incident_id)
    form = pages.form_of(chosen, found, duty.pk, request.POST)
    if carried_out(form, partial(chosen.carry_out, duty, by=request.actor)):
        messages.success(request, chosen.done)
        return redirect(found)
    return _show(request, found, (chosen, duty.pk, form))


@signed_in
@require_http_methods(FORM)
def report(request: ActorRequest, name: str) -> HttpResponse:
    """Report an incident of a model."""
    model = model_named(request.actor, name)
    form = IncidentForm(sent_values(request))
    form.offer(versions_of(model))
    if form.is_valid():
        try:
            reported = operations.report_incident(model, by=request.actor, **form.asked)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The incident was reported.")
            return redirect(reported)
    action = operations.REPORT_INCIDENT
    page = {
        "form": form,
        "model": model,
        "why_not": "" if request.actor.may(action.permission, model) else action.refusal,
        "back": model.get_absolute_url(),
        "crumbs": [
            (model.name, model.get_absolute_url()),
            ("Incidents", reverse("risk:model_incidents", args=[model.name])),
        ],
        "here": "Report",
    }
    status = 422 if form.errors else 200
    return render(request, "risk/incidents/report.html", page, status=status)


def _find(request: ActorRequest, pk: int) -> Incident:
    visible = finding_queries.incidents_visible_to(request.actor)
    found: Incident = get_object_or_404(visible, pk=pk)
    return found


def _show(request: ActorRequest, found: Incident, sent: pages.Sent | None = None) -> HttpResponse:
    page = pages.one(found, request.actor, sent)
    return render(request, "risk/incidents/one.html", page, status=422 if sent else 200)
