"""What is done about a deployment: traffic shifted, rolled back, withdrawn, tried, recorded."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals.forms import ReasonForm
from apps.approvals.serving import operations
from apps.approvals.serving.operations.rollouts import BY_HAND, rollback_target
from apps.approvals.views.acting import FORM, answered
from apps.console.serving import acting as pages
from apps.console.serving import words
from apps.console.serving.acting import Parts
from apps.console.serving.deploy_forms import ByHandForm, ShiftForm, WayBackForm
from apps.console.serving.views.deployments import find
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.deployments.models import Deployment, Rollout


@signed_in
@require_http_methods(FORM)
def shift(request: ActorRequest, pk: int) -> HttpResponse:
    """Change the roles and shares of what is to run."""
    found = find(request, pk)
    parts = Parts.of(found, sent_values(request))
    form = ShiftForm(sent_values(request), initial={"shown": parts.shown})
    if all((form.is_valid(), parts.are_valid())):
        try:
            rollout = operations.shift(found, parts.asked(), by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{rollout} is asked for.")
            return redirect(found)
    is_refused = request.method == "POST"
    page = {**pages.frame(found, request.actor), "form": form, "parts": parts.forms}
    return render(request, "deployments/shift.html", page, status=422 if is_refused else 200)


@signed_in
@require_http_methods(FORM)
def roll_back(request: ActorRequest, pk: int) -> HttpResponse:
    """Bring back what ran before."""
    found = find(request, pk)
    form = WayBackForm(sent_values(request))
    if form.is_valid():
        to, reason = form.cleaned_data["to"], form.cleaned_data["reason"]
        meant = get_object_or_404(found.rollouts, number=to) if to else None
        try:
            rollout = operations.roll_back(found, by=request.actor, reason=reason, to=meant)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{rollout} is asked for: it goes back.")
            return redirect(found)
    page = {**pages.going_back(found, request.actor, at=now()), "form": form}
    return render(request, "deployments/roll_back.html", page, status=422 if form.errors else 200)


@signed_in
@require_http_methods(FORM)
def withdraw(request: ActorRequest, pk: int) -> HttpResponse:
    """Let nothing of a model run somewhere any more."""
    found = find(request, pk)
    form = ReasonForm(sent_values(request))
    if form.is_valid():
        try:
            rollout = operations.withdraw(found, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{rollout} is asked for: nothing is to run there.")
            return redirect(found)
    page = {
        **pages.frame(found, request.actor),
        "form": form,
        "radius": pages.consumers(found, request.actor),
    }
    return render(request, "deployments/withdraw.html", page, status=422 if form.errors else 200)


@signed_in
@require_http_methods(FORM)
def drill(request: ActorRequest, pk: int) -> HttpResponse:
    """Try the way back on purpose."""
    found = find(request, pk)
    target = rollback_target(found)
    leads = words.of_rollout_parts(target) if target else "nowhere: nothing ran before"
    page = {
        "title": "Try the way back",
        "lead": "It goes back to what ran before and, once that is there, comes forth again by "
        "itself. What it showed is kept as evidence.",
        "crumbs": pages.crumbs(found),
        "here": "Try the way back",
        "button": "Begin the drill",
        "back": found.get_absolute_url(),
        "facts": [{"term": "It goes back to", "value": leads}],
    }
    carry_out = partial(operations.begin_drill, found, by=request.actor)
    form = ReasonForm(sent_values(request))
    return answered(request, form, carry_out, page, done="The drill has begun.", to=found)


@signed_in
@require_http_methods(FORM)
def record_by_hand(request: ActorRequest, pk: int, number: int) -> HttpResponse:
    """Say how a rollout ended that people carry out."""
    found = find(request, pk)
    rollout = _by_hand(found, number)
    page = {
        "title": f"How did rollout {number} end?",
        "lead": f"{found}. People carry it out, so it is for you to say.",
        "crumbs": pages.crumbs(found),
        "here": f"Rollout {number}",
        "button": "Record it",
        "back": found.get_absolute_url(),
        "facts": [{"term": "To run", "value": words.of_rollout_parts(rollout)}],
    }

    def carry_out(*, outcome: str, told: str) -> Rollout:
        return operations.record_by_hand(
            rollout, by=request.actor, done=outcome == "done", told=told
        )

    form = ByHandForm(sent_values(request))
    return answered(request, form, carry_out, page, done="It is recorded.", to=found)


def _by_hand(deployment: Deployment, number: int) -> Rollout:
    """Return a rollout that people carry out, or answer that there is none."""
    rows = deployment.rollouts.select_related("deployment__model", "deployment__environment")
    found: Rollout = get_object_or_404(rows, number=number, deployer=BY_HAND)
    return found
