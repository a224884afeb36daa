"""A person's second factors: the app, the passkeys and the recovery codes."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import ceremonies, enrolling, held_factors, operations, queries, stepping_up
from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.confirmation import confirmation_of
from apps.accounts.forms import CodeDeviceForm, PasskeyForm
from apps.accounts.models import OneTimeCodeDevice
from apps.accounts.views.confirming import confirmed
from apps.core.errors import DomainError
from apps.core.sent import sent_values

_PAGE_WITH_FORM = ["GET", "HEAD", "POST"]


@signed_in
@require_safe
def factors(request: ActorRequest) -> HttpResponse:
    """Show a person what they prove themselves with beside the password."""
    page = {
        "held": held_factors.held_by(request.user.pk),
        "has_passkeys": ceremonies.site_of(request).has_passkeys,
    }
    return render(request, "accounts/factors.html", page)


@signed_in
@sensitive_post_parameters()
@require_http_methods(_PAGE_WITH_FORM)
@confirmed
def add_code_device(request: ActorRequest) -> HttpResponse:
    """Show the secret of a new authenticator app; keep it once the app shows a code that fits."""
    form, wait = CodeDeviceForm(sent_values(request)), 0
    if form.is_valid():
        try:
            enrolling.add_code_device(request, form.cleaned_data["code"])
        except DomainError as refusal:
            form.add_error("code", str(refusal))
            wait = getattr(refusal, "seconds", 0)
        else:
            messages.success(request, "Codes of the app now confirm who you are.")
            return _after_adding(request)
    page = {"form": form, **enrolling.secret_shown(request)}
    answer = render(
        request, "accounts/add_code_device.html", page, status=422 if form.errors else 200
    )
    if wait:
        answer.status_code, answer.headers["Retry-After"] = 429, str(wait)
    return answer


@signed_in
@require_http_methods(_PAGE_WITH_FORM)
@confirmed
def remove_code_device(request: ActorRequest) -> HttpResponse:
    """Ask whether to remove the authenticator app, then do."""
    device = get_object_or_404(OneTimeCodeDevice, user=request.user, removed_at=None)
    return _remove(
        request,
        "the authenticator app",
        lambda: operations.remove_code_device(
            device, by=request.actor, confirmed=confirmation_of(request)
        ),
    )


@signed_in
@require_http_methods(_PAGE_WITH_FORM)
@confirmed
def add_passkey(request: ActorRequest) -> HttpResponse:
    """Ask for a name, and keep the passkey the browser made."""
    form = PasskeyForm(sent_values(request))
    if form.is_valid():
        try:
            passkey = enrolling.add_passkey(request, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"The passkey “{passkey.name}” now confirms who you are.")
            return _after_adding(request)
    page = {"form": form, "has_passkeys": ceremonies.site_of(request).has_passkeys}
    return render(request, "accounts/add_passkey.html", page, status=422 if form.errors else 200)


@signed_in
@require_POST
def ask_new_passkey(request: ActorRequest) -> JsonResponse:
    """Answer the script of the page with what a new passkey is made with."""
    if not ceremonies.site_of(request).has_passkeys:
        return stepping_up.refused("Passkeys need https and the name of a host.")
    return JsonResponse(dict(ceremonies.begin_adding(request)))


@signed_in
@require_http_methods(_PAGE_WITH_FORM)
@confirmed
def remove_passkey(request: ActorRequest, pk: int) -> HttpResponse:
    """Ask whether to remove a passkey, then do."""
    passkey = get_object_or_404(queries.passkeys_of(request.user), pk=pk)
    return _remove(
        request,
        str(passkey),
        lambda: operations.remove_passkey(
            passkey, by=request.actor, confirmed=confirmation_of(request)
        ),
    )


@signed_in
@require_http_methods(_PAGE_WITH_FORM)
@confirmed
def recovery_codes(request: ActorRequest) -> HttpResponse:
    """Ask whether to make new recovery codes; make them and show them, this once."""
    page: dict[str, object] = {"held": held_factors.held_by(request.user.pk)}
    if request.method != "POST":
        return render(request, "accounts/recovery_codes.html", page)
    try:
        texts = operations.renew_recovery_codes(
            request.user, by=request.actor, confirmed=confirmation_of(request)
        )
    except DomainError as refusal:
        page["refusal"] = str(refusal)
        return render(request, "accounts/recovery_codes.html", page, status=422)
    page["text"] = "\n".join(texts)
    return render(request, "accounts/recovery_codes.html", page)


def _remove(request: ActorRequest, what: str, remove: Callable[[], object]) -> HttpResponse:
    """Ask whether to remove something, or do it and say so."""
    if request.method != "POST":
        held = held_factors.held_by(request.user.pk)
        is_last = len(held.passkeys) + bool(held.device) == 1
        page = {"what": what, "is_last": is_last}
        return render(request, "accounts/remove_factor.html", page)
    try:
        remove()
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"Removed {what}.")
    return redirect("accounts:factors")


def _after_adding(request: ActorRequest) -> HttpResponse:
    """Lead to the recovery codes as long as there are none, else to the list."""
    held = held_factors.held_by(request.user.pk)
    return redirect("accounts:factors" if held.recovery_codes else "accounts:recovery_codes")
