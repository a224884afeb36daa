"""Environments: the list, one whole with what is seen there, describing and closing."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals.forms import ReasonForm
from apps.approvals.views.acting import FORM, answered
from apps.console.serving import environments as pages
from apps.console.serving.forms import ChangeEnvironmentForm, CreateEnvironmentForm
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.deployments import operations, queries
from apps.deployments.models import Environment
from apps.deployments.operations import environments as rules


@signed_in
@require_safe
def environments(request: ActorRequest) -> HttpResponse:
    """List the environments, those that are open first."""
    return render(request, "deployments/environments.html", pages.listing(request))


@signed_in
@require_safe
def environment(request: ActorRequest, name: str) -> HttpResponse:
    """Show an environment: what it admits, what is to run there, and what is seen besides."""
    page = pages.one(request, _find(request, name))
    return render(request, "deployments/environment.html", page)


@signed_in
@require_http_methods(FORM)
def create(request: ActorRequest) -> HttpResponse:
    """Describe an environment for the first time."""
    usual = {**pages.BEGINS_WITH, "owner": request.actor.user_id}
    form = CreateEnvironmentForm(sent_values(request), initial=usual)
    if form.is_valid():
        try:
            made = operations.create_environment(
                form.cleaned_data["name"], form.facts(), by=request.actor
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{made} is described. Versions can be put there now.")
            return redirect(made)
    page = {
        "form": form,
        "title": "Describe an environment",
        "lead": "A place where versions serve, such as production in the EU. It says what may "
        "run there and who brings it about.",
        "button": "Describe",
        "back": reverse("deployments:environments"),
        "crumbs": pages.crumbs(),
        "why_not": pages.why_not_manage(request.actor),
    }
    status = 422 if form.errors else 200
    return render(request, "deployments/environment_form.html", page, status=status)


@signed_in
@require_http_methods(FORM)
def change(request: ActorRequest, name: str) -> HttpResponse:
    """Say anew what an environment is."""
    found = _find(request, name)
    form = ChangeEnvironmentForm.of(found, sent_values(request))
    if form.is_valid():
        try:
            operations.change_environment(
                found, form.facts(), by=request.actor, reason=form.cleaned_data["reason"]
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "It holds for rollouts from now on.")
            return redirect(found)
    page = {
        "form": form,
        "title": f"Change {found}",
        "lead": "Rollouts under way go on as they were asked for. Every change is kept.",
        "button": "Save",
        "back": found.get_absolute_url(),
        "crumbs": pages.crumbs(found),
        "why_not": pages.why_not_change(found, request.actor),
    }
    status = 422 if form.errors else 200
    return render(request, "deployments/environment_form.html", page, status=status)


@signed_in
@require_http_methods(FORM)
def close(request: ActorRequest, name: str) -> HttpResponse:
    """Put nothing into an environment any more."""
    found = _find(request, name)
    page = {
        "title": f"Close {found}",
        "lead": "Nothing is put there any more. What ran there stays on record.",
        "crumbs": pages.crumbs(found),
        "here": "Close",
        "button": "Close the environment",
        "kind": "primary danger",
        "back": found.get_absolute_url(),
    }
    carry_out = partial(operations.close_environment, found, by=request.actor)
    form = ReasonForm(sent_values(request))
    return answered(request, form, carry_out, page, done=f"{found} is closed.", to=found)


def _find(request: ActorRequest, name: str) -> Environment:
    if not rules.NAME.fullmatch(name):  # no database is asked for what names nothing
        raise Http404
    visible = queries.environments_visible_to(request.actor)
    found: Environment = get_object_or_404(visible.select_related("owner", "look"), name=name)
    return found
