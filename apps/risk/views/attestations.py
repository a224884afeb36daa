"""Pages on which an owner attests the record of a model, or says what is wrong with it."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import stepping_up
from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.confirmation import challenge_of
from apps.accounts.signing.terms import TermsTicket
from apps.catalog.models import RegisteredModel
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.risk.operations import attestations as operations
from apps.risk.pages import reviews as pages
from apps.risk.review_forms import AttestForm, CorrectForm
from apps.risk.views.acting import FORM
from apps.risk.views.reviews import model_or_404


@signed_in
@require_http_methods(FORM)
def attest(request: ActorRequest, name: str) -> HttpResponse:
    """Show the record of a model as it would be attested; sign it."""
    model = model_or_404(request, name)
    sent = sent_values(request)
    if sent is None:
        return _show(request, model)
    form = AttestForm(sent)
    if form.is_valid():
        try:
            operations.attest(
                model,
                by=request.actor,
                ticket=TermsTicket.opened(form.asked["ticket"]),
                confirmed=stepping_up.confirm(request, form.proof),
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The record is attested.")
            return redirect("risk:reviews", model.name)
    return _show(request, model, sign_form=form)


@signed_in
@require_POST
def ask_passkey(request: ActorRequest, name: str) -> JsonResponse:
    """Answer the script of the form: what the owner's passkey is to sign."""
    model = model_or_404(request, name)
    form = AttestForm(request.POST)
    if form.missing:
        return stepping_up.refused(form.missing)
    try:
        statement = operations.attestation_offered(
            model,
            by=request.actor,
            ticket=TermsTicket.opened(form.asked["ticket"]),
            at=now(),
        )
    except DomainError as refusal:
        return stepping_up.refused(str(refusal))
    return stepping_up.ask_passkey(request, challenge_of(statement.text))


@signed_in
@require_POST
def correct(request: ActorRequest, name: str) -> HttpResponse:
    """Say what is wrong with the record."""
    model = model_or_404(request, name)
    form = CorrectForm(request.POST)
    if form.is_valid():
        try:
            finding = operations.correct(model, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "A finding keeps what is wrong until it is settled.")
            return redirect(finding)
    return _show(request, model, correct_form=form)


def _show(
    request: ActorRequest,
    model: RegisteredModel,
    *,
    sign_form: AttestForm | None = None,
    correct_form: CorrectForm | None = None,
) -> HttpResponse:
    page = {
        **pages.attesting(
            model, request.actor, now(), sign_form=sign_form, correct_form=correct_form
        ),
        "confirming": stepping_up.fields_for(request.user.pk),
    }
    status = 422 if sign_form or correct_form else 200
    return render(request, "risk/reviews/attest.html", page, status=status)
