"""Deployments: the matrix, and one whole with its rollouts, which follows what is under way."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.console.serving import deployment as pages
from apps.console.serving import matrix
from apps.deployments import queries
from apps.deployments.models import Deployment


@signed_in
@require_safe
def deployments(request: ActorRequest) -> HttpResponse:
    """List what runs where: models by environment."""
    return render(request, "deployments/list.html", matrix.listing(request))


@signed_in
@require_safe
def deployment(request: ActorRequest, pk: int) -> HttpResponse:
    """Show a deployment: what is to run, how it stands, what is seen, and its rollouts."""
    page = pages.one(request, find(request, pk))
    return render(request, "deployments/deployment.html", page)


@signed_in
@require_safe
def deployment_part(request: ActorRequest, pk: int) -> HttpResponse:
    """Show the part of a deployment's page that follows a rollout."""
    page = pages.part(request, find(request, pk))
    return render(request, "deployments/_deployment.html", page)


def find(request: ActorRequest, pk: int) -> Deployment:
    """Return a deployment the reader may see, or answer that there is none."""
    visible = queries.deployments_visible_to(request.actor)
    found: Deployment = get_object_or_404(
        visible.select_related("model", "environment", "desired", "in_effect"), pk=pk
    )
    return found
