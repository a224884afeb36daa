"""A version is put into an environment, once it is shown whether it may run there."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals.serving import operations
from apps.approvals.views.acting import FORM
from apps.catalog import queries as catalog
from apps.catalog.models import RegisteredModel
from apps.console.serving import deploying as pages
from apps.console.serving.deploy_forms import DeployForm
from apps.console.serving.deploying import Choice
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.deployments.models import Rollout


@signed_in
@require_http_methods(FORM)
def deploy(request: ActorRequest, name: str) -> HttpResponse:
    """Put a version into an environment."""
    model = _model(request, name)
    choice = Choice.of(model, request.actor, sent_values(request) or request.GET)
    form = DeployForm(sent_values(request))
    if form.is_valid():
        try:
            rollout = _asked_for(request, choice, form)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{rollout} is asked for.")
            return redirect(rollout.deployment)
    page: dict[str, Any] = {"form": form, **pages.page_of(choice, request.actor, at=now())}
    return render(request, "deployments/deploy.html", page, status=422 if form.errors else 200)


def _asked_for(request: ActorRequest, choice: Choice, form: DeployForm) -> Rollout:
    version, environment = choice.chosen()
    return operations.deploy(
        choice.model,
        environment,
        form.parts(version, choice.running()),
        by=request.actor,
        reason=form.cleaned_data["reason"],
        service=form.cleaned_data["service"],
    )


def _model(request: ActorRequest, name: str) -> RegisteredModel:
    found = catalog.model_or_none(request.actor, name)
    if found is None:
        raise Http404
    return found
