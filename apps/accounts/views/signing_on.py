"""Pages by which people go to the identity provider and come back from it."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from apps.accounts import signing_in, stepping_up
from apps.accounts.access import ActorRequest, public, signed_in
from apps.accounts.asking import sign_in_page
from apps.accounts.forms import SignInForm
from apps.accounts.single_sign_on import trips
from apps.accounts.single_sign_on.provider import provider_or_none
from apps.accounts.single_sign_on.trips import Arrival, Purpose
from apps.accounts.views.account import page_after
from apps.core.errors import DomainError


@public
@require_safe
def go(request: ActorRequest) -> HttpResponse:
    """Send somebody to the identity provider to sign in, and remember the page that was wanted."""
    _require_provider()
    wanted = page_after(request)
    if request.actor.is_person:
        return HttpResponseRedirect(wanted)
    try:
        return HttpResponseRedirect(trips.address_to(request, Purpose.SIGN_IN, wanted=wanted))
    except DomainError as refusal:
        return _refused(request, refusal, wanted)


@signed_in
@require_safe
def step_up(request: ActorRequest) -> HttpResponse:
    """Send the person to the identity provider to prove anew who they are, before they sign."""
    _require_provider()
    try:
        return HttpResponseRedirect(trips.address_to(request, Purpose.STEP_UP, wanted=""))
    except DomainError as refusal:
        return _confirmed_page(request, str(refusal))


@public
@require_safe
@sensitive_variables("arrival")
def come_back(request: ActorRequest) -> HttpResponse:
    """Take the provider's answer: begin a session by it, or confirm who the person of one is."""
    _require_provider()
    try:
        arrival = trips.come_back(request)
        if arrival.trip.purpose == Purpose.STEP_UP:
            return _stepped_up(request, arrival)
        signing_in.sign_in_by_sign_on(request, arrival)
    except DomainError as refusal:
        return _refused(request, refusal, "")
    return HttpResponseRedirect(arrival.trip.wanted or "/")


@public
@require_safe
def leave(request: ActorRequest) -> HttpResponse:
    """Send somebody who is signed out here to where they sign out at the provider."""
    _require_provider()
    try:
        address = trips.address_to_leave()
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("accounts:sign_in")
    if not address:
        messages.info(request, "The identity provider has no page to sign out at.")
        return redirect("accounts:sign_in")
    return HttpResponseRedirect(address)


def _stepped_up(request: ActorRequest, arrival: Arrival) -> HttpResponse:
    if not request.actor.is_person:
        return redirect("accounts:sign_in")
    try:
        stepping_up.come_back(request, arrival)
    except DomainError as refusal:
        return _confirmed_page(request, str(refusal))
    return _confirmed_page(request)


def _confirmed_page(request: ActorRequest, refusal: str = "") -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK
    return render(request, "accounts/stepped_up.html", {"refusal": refusal}, status=status)


def _refused(request: ActorRequest, refusal: DomainError, wanted: str) -> HttpResponse:
    """Show why nobody was signed in, where they can try again; whoever is signed in stays so."""
    if request.actor.is_person:
        return _confirmed_page(request, str(refusal))
    form = SignInForm({})
    form.full_clean()
    form.errors.clear()
    form.add_error(None, str(refusal))
    page = sign_in_page(request, form, wanted=wanted)
    page.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    return page


def _require_provider() -> None:
    """Answer as if there were no such page where no provider is configured."""
    if provider_or_none() is None:
        raise Http404
