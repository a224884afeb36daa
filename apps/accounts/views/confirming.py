"""The page that asks who somebody is before they change what they prove it with."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import ceremonies, stepping_up
from apps.accounts.access import ActorRequest, signed_in
from apps.accounts.confirmation import confirmation_of
from apps.accounts.forms import ConfirmingForm
from apps.core.errors import DomainError, NotAllowed
from apps.core.sent import sent_values

ActorView = Callable[..., HttpResponse]


@signed_in
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: ActorRequest) -> HttpResponse:
    """Ask who the person is, by every factor they hold; lead to the page that needs to know."""
    wanted, wait = _page_after(request), 0
    form = ConfirmingForm(sent_values(request))
    if form.is_valid():
        try:
            stepping_up.confirm(request, form.proof)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            wait = getattr(refusal, "seconds", 0)
        else:
            return HttpResponseRedirect(wanted)
    page = {"form": form, "next": wanted, "fields": stepping_up.fields_for(request.user.pk)}
    answer = render(request, "accounts/confirm.html", page, status=422 if form.errors else 200)
    if wait:
        answer.status_code, answer.headers["Retry-After"] = 429, str(wait)
    return answer


@signed_in
@require_POST
def ask_passkey(request: ActorRequest) -> JsonResponse:
    """Ask a passkey who the person is, for the page that needs to know."""
    return stepping_up.ask_passkey(request, ceremonies.new_challenge())


def confirmed(view: ActorView) -> ActorView:
    """Lead to the page that asks who somebody is, unless it did so minutes ago."""

    @wraps(view)
    def only_confirmed(request: ActorRequest, **named: int) -> HttpResponse:
        if _is_confirmed(request):
            return view(request, **named)
        back = request.path
        return redirect(f"{reverse('accounts:confirm')}?{urlencode({'next': back})}")

    return only_confirmed


def _is_confirmed(request: ActorRequest) -> bool:
    try:
        confirmation_of(request).require_fresh(request.actor, now=timezone.now())
    except NotAllowed:
        return False
    return True


def _page_after(request: ActorRequest) -> str:
    """Return the page that is wanted: one of ours, whatever was asked for."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_path = wanted.startswith("/")
    if is_path and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return reverse("accounts:factors")
