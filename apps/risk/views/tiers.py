"""Pages of tiers: the tier of a model, and another one asked for, signed and taken back."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import stepping_up
from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.confirmation import challenge_of
from apps.accounts.signing.terms import TermsTicket
from apps.catalog import queries as catalog
from apps.catalog.models import RegisteredModel
from apps.core.errors import DomainError
from apps.core.sent import sent_values
from apps.risk import overriding
from apps.risk.assessment_forms import ReasonForm
from apps.risk.models import TierOverride
from apps.risk.operations import tier_overrides as operations
from apps.risk.pages import tiers as pages
from apps.risk.tier_forms import OverrideForm, OverrideSigningForm
from apps.risk.views.acting import FORM, answered


@signed_in
@require_safe
def tier(request: ActorRequest, name: str) -> HttpResponse:
    """Show the tier of a model, how it came, and what it would be today."""
    page = pages.of_model(_model(request, name), request.actor, now())
    return render(request, "risk/tiers/model.html", page)


@signed_in
@require_http_methods(FORM)
def ask(request: ActorRequest, name: str) -> HttpResponse:
    """Ask for another tier than the assessed one."""
    model = _model(request, name)
    tiers = overriding.choices(pages.current_of(model, now()))
    address = reverse("risk:tier", args=[name])
    page = {
        "title": "Ask for another tier",
        "lead": "A model risk officer and the committee sign it, two people. It ends on its day, "
        "or with a new tiering.",
        "crumbs": [*pages.crumbs(model), ("Tier", address)],
        "here": "Ask for another tier",
        "button": "Ask for it",
        "back": address,
    }
    return answered(
        request,
        OverrideForm(sent_values(request), tiers=tiers),
        partial(operations.override_tier, model, by=request.actor),
        page,
        done="Another tier was asked for.",
        to=address,
    )


@signed_in
@require_safe
def override(request: ActorRequest, pk: int) -> HttpResponse:
    """Show another tier: why, until when, and who signed it."""
    return _show(request, _find(request, pk))


@signed_in
@require_POST
def sign(request: ActorRequest, pk: int) -> HttpResponse:
    """Sign or decline the tier the reader was shown."""
    held = _find(request, pk)
    form = OverrideSigningForm(request.POST)
    if form.is_valid():
        values = form.asked
        try:
            signed = operations.sign_tier_override(
                held,
                by=request.actor,
                ticket=TermsTicket.opened(values.pop("ticket")),
                confirmed=stepping_up.confirm(request, form.proof),
                **values,
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            is_yes = signed.decision == signed.Decision.APPROVE
            messages.success(request, "Signed." if is_yes else "Declined.")
            return redirect(held)
    return _show(request, _find(request, pk), form)


@signed_in
@require_POST
def ask_passkey(request: ActorRequest, pk: int) -> JsonResponse:
    """Answer the script of the form: what the reader's passkey is to sign."""
    held = _find(request, pk)
    form = OverrideSigningForm(request.POST)
    if form.missing:
        return stepping_up.refused(form.missing)
    values = form.asked
    try:
        statement = operations.tier_override_statement_offered(
            held,
            by=request.actor,
            role=values["role"],
            decision=values["decision"],
            ticket=TermsTicket.opened(values["ticket"]),
            at=now(),
        )
    except DomainError as refusal:
        return stepping_up.refused(str(refusal))
    return stepping_up.ask_passkey(request, challenge_of(statement.text))


@signed_in
@require_http_methods(FORM)
def withdraw(request: ActorRequest, pk: int) -> HttpResponse:
    """Take another tier back."""
    held = _find(request, pk)
    page = {
        "title": "Take it back",
        "lead": "The assessed tier holds.",
        "crumbs": pages.crumbs(held.model),
        "here": "Take it back",
        "button": "Take it back",
        "kind": "danger",
        "back": held.get_absolute_url(),
    }
    carry_out = partial(operations.withdraw_tier_override, held, by=request.actor)
    form = ReasonForm(sent_values(request))
    return answered(request, form, carry_out, page, done="It was taken back.", to=held)


def _show(
    request: ActorRequest, held: TierOverride, sent: OverrideSigningForm | None = None
) -> HttpResponse:
    page = pages.one(held, request.actor, now(), sent)
    page["confirming"] = stepping_up.fields_for(request.user.pk)
    status = 422 if sent is not None and sent.errors else 200
    return render(request, "risk/tiers/override.html", page, status=status)


def _model(request: ActorRequest, name: str) -> RegisteredModel:
    model = catalog.model_or_none(request.actor, name)
    if model is None:
        raise Http404
    return model


def _find(request: ActorRequest, pk: int) -> TierOverride:
    visible = catalog.models_visible_to(request.actor)
    found = TierOverride.objects.filter(model__in=visible.values("pk"))
    related = ("model__owner", "assessment__questionnaire", "asked_by")
    held: TierOverride = get_object_or_404(found.select_related(*related), pk=pk)
    return held
