"""Deciding on a proposed policy: signed, sent back, published."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.accounts import stepping_up
from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.confirmation import challenge_of
from apps.approvals import operations
from apps.approvals.forms import ReasonForm
from apps.approvals.policies import PolicyRefused
from apps.approvals.policy_forms import SignPolicyForm
from apps.approvals.policy_statements import PolicyTicket
from apps.approvals.views.policies import found, show
from apps.core.errors import DomainError


@signed_in
@require_POST
def sign(request: ActorRequest, pk: int) -> HttpResponse:
    """Sign the policy the reader was shown."""
    proposed = found(request, pk)
    form = SignPolicyForm(request.POST)
    if form.is_valid():
        values = form.asked
        try:
            signed = operations.sign_policy(
                proposed,
                by=request.actor,
                ticket=PolicyTicket.opened(values.pop("ticket")),
                confirmed=stepping_up.confirm(request, form.proof),
                **values,
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Signed as {signed.get_role_display().lower()}.")
            return redirect(proposed)
    return show(request, proposed, sign_form=form)


@signed_in
@require_POST
def ask_passkey(request: ActorRequest, pk: int) -> JsonResponse:
    """Answer the script of the form: what the reader's passkey is to sign."""
    proposed = found(request, pk)
    form = SignPolicyForm(request.POST)
    if form.missing:
        return stepping_up.refused(form.missing)
    try:
        statement = operations.policy_statement_offered(
            proposed,
            by=request.actor,
            role=form.cleaned_data["role"],
            ticket=PolicyTicket.opened(form.cleaned_data["ticket"]),
        )
    except DomainError as refusal:
        return stepping_up.refused(str(refusal))
    return stepping_up.ask_passkey(request, challenge_of(statement))


@signed_in
@require_POST
def decline(request: ActorRequest, pk: int) -> HttpResponse:
    """Send a proposed policy back to be written on."""
    proposed, form = found(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        try:
            draft = operations.decline_policy(proposed, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Declined. A draft of the same text goes on from here.")
            return redirect(draft)
    return show(request, proposed, reason_form=form, asked="decline")


@signed_in
@require_POST
def publish(request: ActorRequest, pk: int) -> HttpResponse:
    """Put a policy in force."""
    proposed, form = found(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        try:
            operations.publish_policy(proposed, by=request.actor, **form.cleaned_data)
        except PolicyRefused as refusal:
            for problem in refusal.problems:
                form.add_error(None, problem)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{proposed} is in force. Every gate asks it from now on.")
            return redirect(proposed)
    return show(request, proposed, reason_form=form, asked="publish")
