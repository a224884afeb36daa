"""Who is asking, whether their session still holds, and whether the page is open to them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from apps.accounts import sessions
from apps.accounts.access import Access, ActorRequest, access_to
from apps.accounts.actors import actor_of
from apps.accounts.asking import page_to_return_to, sign_in_page
from apps.accounts.forms import SignInForm
from apps.accounts.unsent import Unsent
from apps.core.actors import ANONYMOUS, Door
from apps.core.middleware import Answer


class SessionLimits:
    """Ends sessions that are idle, old, or whose account was closed or got another password."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if SESSION_KEY in request.session:
            person = request.session[SESSION_KEY]  # asked first: who is no longer known ends it
            ended = self._reason_to_end(request)
            if ended is None:
                sessions.touch(request.session)
            else:
                request.session.flush()
                request.user = AnonymousUser()
                request.session_ended = ended  # type: ignore[attr-defined]
                request.session_was_of = person  # type: ignore[attr-defined]
        return self.get_response(request)

    def _reason_to_end(self, request: HttpRequest) -> sessions.Ended | None:
        if request.user.is_anonymous:
            return sessions.Ended.CLOSED
        return sessions.reason_to_end(request.session)


class ActorOfRequest:
    """Puts the person of the session, or the anonymous actor, on the request."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        cast(ActorRequest, request).actor = actor_of(request)
        return self.get_response(request)


class ClosedByDefault:
    """Opens a page only to those its view declares, and a view without a declaration to nobody."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: ActorRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Answer instead of the view when it is closed to whoever asks."""
        match = request.resolver_match
        access = access_to(match) if match else None
        if access is None:
            raise Http404
        if access is Access.TOKEN:
            _forget_browser(request)
        elif any("\x00" in str(value) for value in kwargs.values()):
            raise Http404  # a NUL names nothing, and PostgreSQL would not even look
        if access in {Access.PUBLIC, Access.TOKEN}:
            return None
        if not request.actor.is_person:
            return _ask_to_sign_in(request)
        if access is Access.STAFF:
            if not request.user.is_staff:
                raise Http404
            request.actor = replace(request.actor, door=Door.ADMIN)
        return None


def _forget_browser(request: ActorRequest) -> None:
    """Leave a request to the API without what its cookies would allow."""
    request.user = AnonymousUser()  # type: ignore[assignment]
    request.actor = replace(ANONYMOUS, door=Door.API, request_id=request.actor.request_id)


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    page, ended = page_to_return_to(request), getattr(request, "session_ended", None)
    if unsent := Unsent.of(request):
        return sign_in_page(request, SignInForm(), wanted=page, ended=ended, unsent=unsent)
    asked = {"next": page} if page else {}
    if ended:
        asked["ended"] = ended.value
    address = f"{settings.LOGIN_URL}?{urlencode(asked)}" if asked else str(settings.LOGIN_URL)
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
