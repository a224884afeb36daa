"""What is asked of versions: their next stage, the way back, and a sign-off taken back."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals import operations, pages, queries
from apps.approvals.forms import ReasonForm, RequestForm, WayBackForm
from apps.approvals.models import SignOff
from apps.approvals.pages import transitions
from apps.approvals.views.acting import FORM, answered
from apps.catalog import queries as catalog
from apps.catalog.models import ModelVersion
from apps.core import links
from apps.core.errors import DomainError
from apps.core.sent import sent_values


@signed_in
@require_http_methods(FORM)
def request(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Ask for the next transition of a version, or for the one the address names."""
    version = _version(request, name, number)
    transition = transitions.asked_by_address(version, links.asked(request, transitions.TO))
    page = pages.asking(version, transition, request.actor, at=now())
    form = RequestForm(sent_values(request), initial={"target": page["target"]})
    if form.is_valid():
        try:
            asked = operations.request_promotion(version, by=request.actor, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            said = transitions.of(asked).asked.format(version)
            messages.success(request, f"{said}.")
            return redirect(asked)
    status = 422 if form.errors else 200
    return render(request, "approvals/request.html", {"form": form, **page}, status=status)


@signed_in
@require_http_methods(FORM)
def send_back(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Return a candidate to development."""
    version = _version(request, name, number)
    page = _page(
        version,
        f"Send {version} back to development",
        lead="It can be worked on again. An open request for it is withdrawn.",
        button="Send back",
    )
    carry_out = partial(operations.send_back, version, by=request.actor)
    done = f"{version} is in development again."
    form = ReasonForm(sent_values(request))
    return answered(request, form, carry_out, page, done=done, to=version)


@signed_in
@require_http_methods(FORM)
def set_aside(request: ActorRequest, name: str, number: int) -> HttpResponse:
    """Archive a version that never was in production."""
    version = _version(request, name, number)
    page = _page(
        version,
        f"Set {version} aside",
        lead="It is archived without having been in production. An open request for it is "
        "withdrawn.",
        button="Set aside",
        kind="danger",
    )
    carry_out = partial(operations.set_aside, version, by=request.actor)
    done = f"{version} is set aside."
    form = ReasonForm(sent_values(request))
    return answered(request, form, carry_out, page, done=done, to=version)


def _version(request: ActorRequest, name: str, number: int) -> ModelVersion:
    found = catalog.version_or_none(request.actor, name, number)
    if found is None:
        raise Http404
    return found


def _page(version: ModelVersion, title: str, **words: str) -> dict[str, object]:
    model, address = version.model, version.get_absolute_url()
    crumbs = [
        ("Models", reverse("models:list")),
        (model.name, model.get_absolute_url()),
        (f"Version {version.number}", address),
    ]
    return {"title": title, "crumbs": crumbs, "here": words["button"], "back": address, **words}


@signed_in
@require_http_methods(FORM)
def roll_back(request: ActorRequest, name: str) -> HttpResponse:
    """Go back to the version the one in production replaced."""
    model = catalog.model_or_none(request.actor, name)
    if model is None:
        raise Http404
    form = WayBackForm(sent_values(request))
    if form.is_valid():
        reason, to = form.cleaned_data["reason"], form.cleaned_data["to"]
        meant = get_object_or_404(model.versions, number=to) if to else None
        try:
            version = operations.roll_back(model, by=request.actor, reason=reason, to=meant)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{version} is in production again.")
            return redirect(model)
    page = {"form": form, **pages.going_back(model, request.actor, at=now())}
    return render(request, "approvals/roll_back.html", page, status=422 if form.errors else 200)


@signed_in
@require_http_methods(FORM)
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
    page = {
        "signed": signed,
        "version": signed.request.version,
        "why_not": operations.why_not_withdrawn(),
        "form": form,
    }
    return render(
        request, "approvals/withdraw_sign_off.html", page, status=422 if form.errors else 200
    )
