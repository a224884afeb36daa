"""Who is asking, whether their session still holds, and whether the page is open to them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from apps.accounts import sessions
from apps.accounts.access import Access, ActorRequest, access_to
from apps.accounts.actors import actor_of
from apps.core.actors import ANONYMOUS, Door
from apps.core.middleware import Answer


class SessionLimits:
    """Ends sessions that are idle, old, or whose account was closed or got another password."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if SESSION_KEY in request.session:
            ended = self._reason_to_end(request)
            if ended is None:
                sessions.touch(request.session)
            else:
                request.session.flush()
                request.user = AnonymousUser()
                request.session_ended = ended  # type: ignore[attr-defined]
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
    page = _page_to_return_to(request)
    asked = {"next": page} if page else {}
    if ended := getattr(request, "session_ended", None):
        asked["ended"] = ended.value
    address = f"{settings.LOGIN_URL}?{urlencode(asked)}" if asked else str(settings.LOGIN_URL)
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _page_to_return_to(request: HttpRequest) -> str:
    """Return the page to show after signing in: this one, or the one whose form or part this is."""
    if request.method == "GET" and "HX-Request" not in request.headers:
        return request.get_full_path()
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}):
        return ""
    parts = urlsplit(came_from)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
