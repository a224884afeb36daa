"""Pages of a person's own delegations: who signs in their place, and in whose place they sign."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals import onlookers, operations
from apps.approvals.models import Delegation
from apps.approvals.pages import delegations as pages
from apps.approvals.talk_forms import DelegationForm
from apps.approvals.views.acting import FORM
from apps.core.errors import DomainError
from apps.core.sent import sent_values


@signed_in
@require_safe
def delegations(request: ActorRequest) -> HttpResponse:
    """Show who signs for the reader, and for whom the reader signs."""
    page = pages.of_person(request.user, on=now().date())
    return render(request, "approvals/delegations.html", page)


@signed_in
@require_http_methods(FORM)
def delegate(request: ActorRequest) -> HttpResponse:
    """Let somebody sign in one of the reader's roles for a time."""
    offered = pages.offered_to(request.user, request.actor)
    people = [one for one in onlookers.who_sign() if one.pk != request.user.pk]
    form = DelegationForm(
        sent_values(request), people=people, roles=offered.roles, models=offered.models
    )
    if form.is_valid():
        try:
            made = operations.delegate(request.user, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{made.delegate} signs for you in that time.")
            return redirect("approvals:delegations")
    page = {"form": form, "people": people, "offered": offered}
    status = 422 if form.errors else 200
    return render(request, "approvals/delegate.html", page, status=status)


@signed_in
@require_POST
def end(request: ActorRequest, pk: int) -> HttpResponse:
    """End one of the reader's own delegations."""
    made = get_object_or_404(Delegation, pk=pk, delegator=request.user)
    try:
        operations.end_delegation(made, by=request.actor)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{made.delegate} no longer signs for you.")
    return redirect("approvals:delegations")
