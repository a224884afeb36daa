"""The list of promotion requests, and one request: shown, signed, carried out, taken back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import stepping_up
from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.confirmation import challenge_of
from apps.approvals import in_force, manifests, onlookers, operations, pages
from apps.approvals.forms import ReasonForm
from apps.approvals.models import PromotionRequest, SignOff
from apps.approvals.operations import access
from apps.approvals.pages import listing, transitions
from apps.approvals.sign_off_form import SignOffForm
from apps.approvals.statements import Ticket
from apps.approvals.views.showing import case_of, find, show
from apps.core.errors import DomainError

SAID = {
    SignOff.Decision.APPROVE: "Signed",
    SignOff.Decision.APPROVE_WITH_CONDITIONS: "Signed with conditions",
    SignOff.Decision.ASK_FOR_CHANGES: "Asked for changes",
    SignOff.Decision.DECLINE: "Declined",
}


@signed_in
@require_safe
def promotions(request: ActorRequest) -> HttpResponse:
    """List the requests the reader may see: those open, or those decided, newest first."""
    return render(request, "approvals/promotions.html", listing.on_page(request))


@signed_in
@require_safe
def promotion(request: ActorRequest, pk: int) -> HttpResponse:
    """Show one request: what changes, what was checked, who signed, what is left."""
    return show(request, find(request, pk))


@signed_in
@require_POST
def sign(request: ActorRequest, pk: int) -> HttpResponse:
    """Sign, or dissent from, what the reader was shown; or give room for more conditions."""
    asked = find(request, pk)
    if "more" in request.POST:
        more = SignOffForm.with_more_rows(request.POST, **_about(asked))
        return show(request, asked, more, status=200)
    form = SignOffForm(request.POST, **_about(asked))
    if form.is_valid():
        values = form.asked
        try:
            confirmed = stepping_up.confirm(request, form.proof)
            signed = operations.sign_off(
                asked,
                by=request.actor,
                ticket=Ticket.opened(values.pop("ticket")),
                confirmed=confirmed,
                **values,
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            said = SAID[SignOff.Decision(signed.decision)]
            messages.success(request, f"{said} as {signed.get_role_display().lower()}.")
            return redirect(asked)
    return show(request, asked, form)


@signed_in
@require_POST
def ask_passkey(request: ActorRequest, pk: int) -> JsonResponse:
    """Answer the script of the sign-off form: what the reader's passkey is to sign."""
    asked = find(request, pk)
    form = SignOffForm(request.POST, **_about(asked))
    if form.missing:
        return stepping_up.refused(form.missing)
    values = form.asked
    try:
        statement = operations.statement_offered(
            case_of(asked),
            role=values["role"],
            decision=values["decision"],
            by=request.actor,
            ticket=Ticket.opened(values["ticket"]),
            conditions=values["conditions"],
        )
    except DomainError as refusal:
        return stepping_up.refused(str(refusal))
    return stepping_up.ask_passkey(request, challenge_of(statement.text))


@signed_in
@require_POST
def promote(request: ActorRequest, pk: int) -> HttpResponse:
    """Carry out what was asked for, when its gate is open."""
    asked = find(request, pk)
    words = transitions.of(asked)
    form = ReasonForm(request.POST, prefix="promote")
    if form.is_valid():
        try:
            version = words.carry_out(asked, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, words.done.format(version))
            return redirect(asked)
    return show(request, asked, form)


@signed_in
@require_POST
def withdraw(request: ActorRequest, pk: int) -> HttpResponse:
    """Take an open request back."""
    asked = find(request, pk)
    form = ReasonForm(request.POST, prefix="withdraw")
    if form.is_valid():
        try:
            operations.withdraw_request(asked, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The request was withdrawn.")
            return redirect(asked)
    return show(request, asked, form)


@signed_in
@require_safe
def dossier(request: ActorRequest, pk: int) -> HttpResponse:
    """Give the dossier as the canonical text its digest is of."""
    asked = find(request, pk)
    return _taken(request, asked, "dossier", pages.dossier_text(case_of(asked)))


@signed_in
@require_safe
def signatures(request: ActorRequest, pk: int) -> HttpResponse:
    """Give the sign-offs as they are printed: who, when and with what meaning."""
    asked = find(request, pk)
    return _taken(request, asked, "signatures", manifests.text_of(case_of(asked).sign_offs))


def _taken(request: ActorRequest, asked: PromotionRequest, name: str, text: str) -> HttpResponse:
    """Give a file of a request, once it is recorded who takes it."""
    access.take_dossier(asked, by=request.actor)
    answer = HttpResponse(text, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{name}-{asked.record_id}.json"'
    return answer


def _about(asked: PromotionRequest) -> dict[str, Any]:
    """Return what the form of a sign-off depends on: who can be named, and when a reason is due."""
    return {
        "people": onlookers.who_see(asked.root),
        "asks_reason": in_force.policy().signature.reason_required,
    }
