"""What is asked of versions: their promotion, the way back, and a sign-off taken back."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals import operations, pages, queries
from apps.approvals.forms import ReasonForm, RequestForm
from apps.approvals.models import SignOff
from apps.catalog import queries as catalog
from apps.catalog.lifecycle import PROMOTIONS, Stage
from apps.core.errors import DomainError
from apps.core.sent import sent_values

_FORM = ["GET", "HEAD", "POST"]


@signed_in
@require_http_methods(_FORM)
def request(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Ask for the promotion of a version to its next stage."""
    version = catalog.version_or_none(request.actor, name, number)
    if version is None:
        raise Http404
    target = PROMOTIONS.get(Stage(version.stage))
    form = RequestForm(sent_values(request), initial={"target": target})
    if form.is_valid():
        try:
            asked = operations.request_promotion(version, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "The promotion was requested.")
            return redirect(asked)
    page = {"form": form, **pages.asking(version, target, request.actor, at=now())}
    return render(request, "approvals/request.html", page, status=422 if form.errors else 200)


@signed_in
@require_http_methods(_FORM)
def roll_back(request: ActorRequest, name: str) -> HttpResponse:
    """Go back to the version the one in production replaced."""
    model = catalog.model_or_none(request.actor, name)
    if model is None:
        raise Http404
    form = ReasonForm(sent_values(request))
    if form.is_valid():
        try:
            version = operations.roll_back(model, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{version} is in production again.")
            return redirect(model)
    page = {"form": form, **pages.going_back(model, request.actor, at=now())}
    return render(request, "approvals/roll_back.html", page, status=422 if form.errors else 200)


@signed_in
@require_http_methods(_FORM)
def withdraw_sign_off(request: ActorRequest, pk: int) -> HttpResponse:
    """Take one's own sign-off back while the request is open."""
    signed = get_object_or_404(
        SignOff.objects.select_related("request__version__model"),
        pk=pk,
        request__in=queries.requests_visible_to(request.actor),
        signer=request.user,
    )
    form = ReasonForm(sent_values(request))
    if form.is_valid():
        try:
            operations.withdraw_sign_off(signed, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Your sign-off was withdrawn.")
            return redirect(signed.request)
    page = {"signed": signed, "version": signed.request.version, "form": form}
    return render(
        request, "approvals/withdraw_sign_off.html", page, status=422 if form.errors else 200
    )
