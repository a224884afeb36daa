"""Doors through which an assessment is submitted, taken back, dropped and signed."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import stepping_up
from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.confirmation import challenge_of
from apps.accounts.signing.terms import TermsTicket
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.risk.assessment_forms import ReasonForm, ReviewForm
from apps.risk.models import Assessment, AssessmentSignOff
from apps.risk.operations import assessment_review as operations
from apps.risk.operations.assessments import drop_assessment
from apps.risk.pages import assessments as pages
from apps.risk.views.acting import FORM, answered
from apps.risk.views.assessments import assessment_or_404, show


@signed_in
@require_POST
def submit(request: ActorRequest, pk: int) -> HttpResponse:
    """Ask for the review of a draft."""
    found = assessment_or_404(request, pk)
    try:
        operations.submit_assessment(found, by=request.actor)
    except DomainError as refusal:
        return show(request, assessment_or_404(request, pk), refusal=str(refusal))
    messages.success(request, "It waits for review now. Its answers stand until it is decided.")
    return redirect(found)


@signed_in
@require_http_methods(FORM)
def take_back(request: ActorRequest, pk: int) -> HttpResponse:
    """Make a draft again of what waits for review."""
    found = assessment_or_404(request, pk)
    page = _page(
        found,
        "Take it back",
        lead="It is a draft again. What was signed meanwhile counts for nothing.",
        button="Take it back",
    )
    carry_out = partial(operations.take_back, found, by=request.actor)
    form = ReasonForm(sent_values(request))
    return answered(request, form, carry_out, page, done="It is a draft again.", to=found)


@signed_in
@require_http_methods(FORM)
def drop(request: ActorRequest, pk: int) -> HttpResponse:
    """Give an assessment up that was not approved."""
    found = assessment_or_404(request, pk)
    page = _page(
        found,
        "Drop the assessment",
        lead="Nobody goes on with it. What was answered stays on record.",
        button="Drop",
        kind="danger",
    )
    carry_out = partial(drop_assessment, found, by=request.actor)
    form = ReasonForm(sent_values(request))
    return answered(request, form, carry_out, page, done="The assessment was dropped.", to=found)


@signed_in
@require_POST
def sign(request: ActorRequest, pk: int) -> HttpResponse:
    """Approve the assessment the reader was shown, or send it back."""
    found = assessment_or_404(request, pk)
    form = ReviewForm(request.POST)
    if form.is_valid():
        values = form.asked
        try:
            signed = operations.sign_assessment(
                found,
                by=request.actor,
                ticket=TermsTicket.opened(values.pop("ticket")),
                confirmed=stepping_up.confirm(request, form.proof),
                **values,
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _said(signed))
            return redirect(found)
    return show(request, assessment_or_404(request, pk), sent=form)


@signed_in
@require_POST
def ask_passkey(request: ActorRequest, pk: int) -> JsonResponse:
    """Answer the script of the form: what the reader's passkey is to sign."""
    found = assessment_or_404(request, pk)
    form = ReviewForm(request.POST)
    if form.missing:
        return stepping_up.refused(form.missing)
    values = form.asked
    try:
        statement = operations.statement_offered(
            found,
            by=request.actor,
            role=values["role"],
            decision=values["decision"],
            ticket=TermsTicket.opened(values["ticket"]),
            on=now().date(),
        )
    except DomainError as refusal:
        return stepping_up.refused(str(refusal))
    return stepping_up.ask_passkey(request, challenge_of(statement.text))


def _said(signed: AssessmentSignOff) -> str:
    if signed.decision == AssessmentSignOff.Decision.SEND_BACK:
        return "Sent back with your reason."
    return f"Signed as {signed.get_role_display().lower()}."


def _page(found: Assessment, title: str, **words: str) -> dict[str, object]:
    framed = pages.frame(found, now().date())
    address = found.get_absolute_url()
    return {
        "title": title,
        "crumbs": [*framed["crumbs"], (found.questionnaire.title, address)],
        "here": title,
        "back": address,
        "facts": [
            {"term": "Questionnaire", "value": found.questionnaire.title},
            {"term": "About", "value": framed["subject"]},
        ],
        **words,
    }
