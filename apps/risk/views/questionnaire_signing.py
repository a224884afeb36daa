"""Deciding on a proposed questionnaire: signed, sent back, published; and later retired."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.accounts import stepping_up
from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.confirmation import challenge_of
from apps.accounts.signing.terms import TermsTicket
from apps.core.errors import DomainError
from apps.risk.assessment_forms import ReasonForm
from apps.risk.operations import questionnaire_signing
from apps.risk.operations import questionnaires as operations
from apps.risk.questionnaire_forms import SignForm
from apps.risk.questionnaires import QuestionnaireRefused
from apps.risk.views.questionnaires import found, show, show_shipped


@signed_in
@require_POST
def sign(request: ActorRequest, pk: int) -> HttpResponse:
    """Sign the questionnaire the reader was shown."""
    proposed = found(request, pk)
    form = SignForm(request.POST)
    if form.is_valid():
        values = form.asked
        try:
            signed = questionnaire_signing.sign_questionnaire(
                proposed,
                by=request.actor,
                ticket=TermsTicket.opened(values.pop("ticket")),
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
    form = SignForm(request.POST)
    if form.missing:
        return stepping_up.refused(form.missing)
    try:
        statement = questionnaire_signing.questionnaire_statement_offered(
            proposed,
            by=request.actor,
            role=form.cleaned_data["role"],
            ticket=TermsTicket.opened(form.cleaned_data["ticket"]),
        )
    except DomainError as refusal:
        return stepping_up.refused(str(refusal))
    return stepping_up.ask_passkey(request, challenge_of(statement.text))


@signed_in
@require_POST
def decline(request: ActorRequest, pk: int) -> HttpResponse:
    """Send a proposed questionnaire back to be written on."""
    proposed, form = found(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        try:
            draft = operations.decline_questionnaire(
                proposed, by=request.actor, **form.cleaned_data
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Declined. A draft of the same text goes on from here.")
            return redirect(draft)
    return show(request, proposed, reason_form=form, asked="decline")


@signed_in
@require_POST
def publish(request: ActorRequest, pk: int) -> HttpResponse:
    """Ask a questionnaire from now on."""
    proposed, form = found(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        try:
            operations.publish_questionnaire(proposed, by=request.actor, **form.cleaned_data)
        except QuestionnaireRefused as refusal:
            for problem in refusal.problems:
                form.add_error(None, problem)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{proposed} is asked from now on.")
            return redirect(proposed)
    return show(request, proposed, reason_form=form, asked="publish")


@signed_in
@require_POST
def retire(request: ActorRequest, pk: int) -> HttpResponse:
    """Ask a questionnaire no longer."""
    version, form = found(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        try:
            operations.retire_questionnaire(version, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{version} is asked no longer.")
            return redirect(version)
    return show(request, version, reason_form=form, asked="retire")


@signed_in
@require_POST
def retire_shipped(request: ActorRequest, shipped: str) -> HttpResponse:
    """Ask a questionnaire that comes with Signet no longer."""
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            version = operations.retire_shipped(shipped, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{version} is asked no longer.")
            return redirect(version)
    return show_shipped(request, shipped, form)


@signed_in
@require_POST
def offer_again(request: ActorRequest, pk: int) -> HttpResponse:
    """Ask a questionnaire that comes with Signet again."""
    version, form = found(request, pk), ReasonForm(request.POST)
    if form.is_valid():
        try:
            operations.offer_again(version, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{version.title} is asked again.")
            return redirect(version)
    return show(request, version, reason_form=form, asked="again")
