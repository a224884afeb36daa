"""Pages of emergencies: going back at once, confirming it, looking back at it."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import stepping_up
from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.confirmation import challenge_of
from apps.accounts.signing.terms import TermsTicket
from apps.approvals import operations, queries
from apps.approvals.forms import ReasonForm
from apps.approvals.models import Emergency
from apps.approvals.pages import emergencies as pages
from apps.approvals.term_forms import AtOnceForm, SigningForm
from apps.approvals.views.acting import FORM, answered
from apps.catalog import queries as catalog
from apps.core.errors import DomainError
from apps.core.sent import sent_values


@signed_in
@require_safe
def emergencies(request: ActorRequest) -> HttpResponse:
    """List the emergencies of models the reader may see."""
    return render(request, "approvals/emergencies/list.html", pages.listing(request))


@signed_in
@require_http_methods(FORM)
def roll_back_at_once(request: ActorRequest, name: str) -> HttpResponse:
    """Go back to the version before in an emergency."""
    model = catalog.model_or_none(request.actor, name)
    if model is None:
        raise Http404
    form, at_once = AtOnceForm(sent_values(request)), pages.at_once(model, request.actor, at=now())
    if at_once.get("asks_name"):
        form.ask_name()
    if form.is_valid():
        asked = form.asked
        to = asked.pop("to")
        meant = get_object_or_404(model.versions, number=to) if to else None
        try:
            confirmed = stepping_up.confirm(request, form.proof)
            emergency = operations.roll_back_at_once(
                model, by=request.actor, confirmed=confirmed, to=meant, **asked
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            version = emergency.authorization.version
            messages.warning(request, f"{version} is in production again. It must be confirmed.")
            return redirect(emergency)
    page = {
        **at_once,
        "form": form,
        "confirming": stepping_up.fields_for(request.user.pk),
    }
    status = 422 if form.errors else 200
    return render(request, "approvals/emergencies/at_once.html", page, status=status)


@signed_in
@require_safe
def emergency(request: ActorRequest, pk: int) -> HttpResponse:
    """Show one emergency: what was done and why, who confirmed it, who looked back."""
    return _show(request, _find(request, pk))


@signed_in
@require_POST
def ratify(request: ActorRequest, pk: int) -> HttpResponse:
    """Confirm the emergency the reader was shown."""
    held = _find(request, pk)
    form = SigningForm(request.POST)
    if form.is_valid():
        values = form.asked
        try:
            signed = operations.ratify(
                held,
                by=request.actor,
                ticket=TermsTicket.opened(values.pop("ticket")),
                confirmed=stepping_up.confirm(request, form.proof),
                **values,
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            role = signed.get_role_display().lower()
            messages.success(request, f"Confirmed as {role}.")
            return redirect(held)
    return _show(request, held, sent=form)


@signed_in
@require_POST
def ask_passkey(request: ActorRequest, pk: int) -> JsonResponse:
    """Answer the script of the form: what the reader's passkey is to sign."""
    held = _find(request, pk)
    form = SigningForm(request.POST)
    if form.missing:
        return stepping_up.refused(form.missing)
    values = form.asked
    try:
        statement = operations.ratification_offered(
            held,
            by=request.actor,
            role=values["role"],
            ticket=TermsTicket.opened(values["ticket"]),
            at=now(),
        )
    except DomainError as refusal:
        return stepping_up.refused(str(refusal))
    return stepping_up.ask_passkey(request, challenge_of(statement.text))


@signed_in
@require_http_methods(FORM)
def review(request: ActorRequest, pk: int) -> HttpResponse:
    """Say what somebody found who looked back at an emergency."""
    held = _find(request, pk)
    model, address = held.root, held.get_absolute_url()
    form = ReasonForm(sent_values(request))
    form.fields["reason"].label = "What you found"
    page = {
        "title": f"Review {held}",
        "lead": "What happened, whether going back was right, what follows from it. From then on "
        "other versions of the model may be promoted again.",
        "crumbs": [(model.name, model.get_absolute_url()), (str(held), address)],
        "here": "Review",
        "button": "Close the review",
        "back": address,
    }
    carry_out = partial(operations.review_emergency, held, by=request.actor)
    return answered(request, form, carry_out, page, done="The review is recorded.", to=held)


def _find(request: ActorRequest, pk: int) -> Emergency:
    return get_object_or_404(queries.emergencies_visible_to(request.actor), pk=pk)


def _show(
    request: ActorRequest, held: Emergency, *, sent: SigningForm | None = None
) -> HttpResponse:
    page = {
        **pages.one(held, request.actor, sent),
        "confirming": stepping_up.fields_for(request.user.pk),
    }
    return render(request, "approvals/emergencies/one.html", page, status=422 if sent else 200)
