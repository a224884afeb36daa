"""The list of promotion requests, and one request: shown, signed, carried out, taken back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.confirmation import confirmation_of
from apps.accounts.signing_in import confirm_password
from apps.approvals import cases, operations, pages, queries
from apps.approvals.cases import Case
from apps.approvals.forms import ReasonForm, SignOffForm
from apps.approvals.models import PromotionRequest, SignOff
from apps.approvals.operations import access
from apps.approvals.pages import desk, listing
from apps.approvals.statements import Ticket
from apps.core.errors import DomainError


@signed_in
@require_safe
def promotions(request: ActorRequest) -> HttpResponse:
    """List the requests the reader may see: those open, or those decided, newest first."""
    return render(request, "approvals/promotions.html", listing.on_page(request))


@signed_in
@require_safe
def promotion(request: ActorRequest, pk: int) -> HttpResponse:
    """Show one request: what changes, what was checked, who signed, what is left."""
    return _show(request, _find(request, pk))


@signed_in
@require_POST
def sign(request: ActorRequest, pk: int) -> HttpResponse:
    """Sign or decline what the reader was shown."""
    asked = _find(request, pk)
    form = SignOffForm(request.POST)
    if form.is_valid():
        values = dict(form.cleaned_data)
        try:
            confirm_password(request, values.pop("password"))
            signed = operations.sign_off(
                asked,
                by=request.actor,
                ticket=Ticket.opened(values.pop("ticket")),
                confirmed=confirmation_of(request),
                **values,
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            said = "Signed" if signed.decision == SignOff.Decision.APPROVE else "Declined"
            messages.success(request, f"{said} as {signed.get_role_display().lower()}.")
            return redirect(asked)
    return _show(request, asked, sign_form=form)


@signed_in
@require_POST
def promote(request: ActorRequest, pk: int) -> HttpResponse:
    """Carry the promotion out when its gate is open."""
    asked = _find(request, pk)
    form = ReasonForm(request.POST, prefix="promote")
    if form.is_valid():
        try:
            version = operations.promote(asked, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{version} is now in {version.get_stage_display().lower()}.")
            return redirect(asked)
    return _show(request, asked, promote_form=form)


@signed_in
@require_POST
def withdraw(request: ActorRequest, pk: int) -> HttpResponse:
    """Take an open request back."""
    asked = _find(request, pk)
    form = ReasonForm(request.POST, prefix="withdraw")
    if form.is_valid():
        try:
            operations.withdraw_request(asked, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The request was withdrawn.")
            return redirect(asked)
    return _show(request, asked, withdraw_form=form)


@signed_in
@require_safe
def dossier(request: ActorRequest, pk: int) -> HttpResponse:
    """Give the dossier as the canonical text its digest is of."""
    asked = _find(request, pk)
    text = pages.dossier_text(_case(asked))
    access.take_dossier(asked, by=request.actor)
    answer = HttpResponse(text, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="dossier-{asked.record_id}.json"'
    return answer


def _find(request: ActorRequest, pk: int) -> PromotionRequest:
    return get_object_or_404(queries.requests_visible_to(request.actor), pk=pk)


def _case(asked: PromotionRequest) -> Case:
    [case] = cases.complete([asked], at=now())
    return case


def _show(
    request: ActorRequest,
    asked: PromotionRequest,
    *,
    sign_form: SignOffForm | None = None,
    promote_form: ReasonForm | None = None,
    withdraw_form: ReasonForm | None = None,
) -> HttpResponse:
    case = _case(asked)
    page = {
        **pages.promotion(case, request.actor),
        "desk": desk.of(case, request.actor, sign_form),
        "promote_form": promote_form or ReasonForm(prefix="promote"),
        "withdraw_form": withdraw_form or ReasonForm(prefix="withdraw"),
    }
    is_refused = any((sign_form, promote_form, withdraw_form))
    return render(request, "approvals/promotion.html", page, status=422 if is_refused else 200)
