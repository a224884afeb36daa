"""Pages of findings: listed, raised, shown, and answered."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.catalog import queries as catalog
from apps.catalog.models import RegisteredModel
from apps.core import links
from apps.core.actors import Actor
from apps.core.sent import sent_values
from apps.risk import finding_queries
from apps.risk.finding_forms import FindingForm, carried_out
from apps.risk.models import Finding, Incident
from apps.risk.operations import findings as operations
from apps.risk.operations.findings import Said
from apps.risk.pages import finding as pages
from apps.risk.pages import findings as lists
from apps.risk.views.acting import FORM


@signed_in
@require_safe
def findings(request: ActorRequest) -> HttpResponse:
    """List the findings of every model the reader may see."""
    return render(request, "risk/findings/list.html", lists.listing(request))


@signed_in
@require_safe
def of_model(request: ActorRequest, name: str) -> HttpResponse:
    """List the findings of one model."""
    page = lists.listing(request, model_named(request.actor, name))
    return render(request, "risk/findings/list.html", page)


@signed_in
@require_safe
def finding(request: ActorRequest, pk: int) -> HttpResponse:
    """Show one finding, with what the reader may answer."""
    page = pages.one(finding_or_404(request.actor, pk), request.actor)
    return render(request, "risk/findings/one.html", page)


@signed_in
@require_POST
def answer(request: ActorRequest, pk: int, act: str) -> HttpResponse:
    """Answer a finding in one of the ways there are."""
    found, chosen = finding_or_404(request.actor, pk), pages.ACTS.get(act)
    if chosen is None:
        raise Http404
    form = pages.form_of(chosen, found, request.POST)
    if pages.send(chosen, found, request.actor, form):
        messages.success(request, chosen.done)
        return redirect(found)
    page = pages.one(finding_or_404(request.actor, pk), request.actor, (chosen, form))
    return render(request, "risk/findings/one.html", page, status=422)


@signed_in
@require_http_methods(FORM)
def raise_finding(request: ActorRequest, name: str) -> HttpResponse:
    """Raise a finding about a model, or from an incident the address names."""
    model = model_named(request.actor, name)
    incident = _incident(request, model)
    form = FindingForm(sent_values(request))
    form.offer(versions_of(model))
    if carried_out(form, partial(_raise, model, incident, request.actor)):
        messages.success(request, "The finding was raised.")
        newest = Finding.objects.filter(model=model, raised_by=request.actor.user_id).latest("pk")
        return redirect(newest)
    action = operations.RAISE_FINDING
    page = {
        "form": form,
        "model": model,
        "incident": incident,
        "why_not": "" if request.actor.may(action.permission, model) else action.refusal,
        "back": (incident or model).get_absolute_url(),
        "crumbs": [
            (model.name, model.get_absolute_url()),
            ("Findings", reverse("risk:model_findings", args=[model.name])),
        ],
        "here": "Raise",
    }
    status = 422 if form.errors else 200
    return render(request, "risk/findings/raise.html", page, status=status)


def model_named(actor: Actor, name: str) -> RegisteredModel:
    """Return the model of a name that somebody may see; otherwise there is none."""
    found = catalog.model_or_none(actor, name)
    if found is None:
        raise Http404
    return found


def versions_of(model: RegisteredModel) -> Any:
    """Return the versions something can be about, the newest first."""
    return model.versions.filter(deleted_at=None).select_related("model").order_by("-number")


def _raise(model: RegisteredModel, incident: Incident | None, by: Actor, **given: Any) -> Finding:
    owner = given.pop("owner")
    said = Said(**given)
    if incident is not None:
        return operations.raise_finding_from_incident(incident, said, by=by, owner=owner)
    return operations.raise_finding(model, said, by=by, owner=owner)


def _incident(request: ActorRequest, model: RegisteredModel) -> Incident | None:
    """Return the incident the address names, if it is one of the model."""
    asked = links.asked(request, "incident")
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) < 18):
        raise Http404
    visible = finding_queries.incidents_visible_to(request.actor)
    return get_object_or_404(visible, pk=int(asked), model=model)


def finding_or_404(actor: Actor, pk: int) -> Finding:
    """Return a finding that somebody may see; otherwise there is none."""
    found: Finding = get_object_or_404(finding_queries.findings_visible_to(actor), pk=pk)
    return found
