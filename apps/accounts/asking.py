"""The page that asks who somebody is, where it was led to and where it stands in for another."""

from http import HTTPStatus
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from apps.accounts.forms import SignInForm
from apps.accounts.sessions import Ended
from apps.accounts.single_sign_on.provider import provider_or_none
from apps.accounts.unsent import Unsent


def sign_in_page(
    request: HttpRequest,
    form: SignInForm,
    *,
    wanted: str,
    ended: Ended | None = None,
    unsent: Unsent | None = None,
) -> HttpResponse:
    """Show the sign-in page; with a form that could not be sent, it carries what was typed."""
    is_refused = bool(unsent) and not form.is_bound
    page = {
        "form": form,
        "next": wanted,
        "ended": ended,
        "unsent": unsent,
        "provider": provider_or_none(),
        "left": "left" in request.GET,
    }
    status = HTTPStatus.UNAUTHORIZED if is_refused else HTTPStatus.OK
    return render(request, "accounts/sign_in.html", page, status=status)


def page_to_return_to(request: HttpRequest) -> str:
    """Return the page to show after signing in: this one, or the one whose form or part this is."""
    if request.method == "GET" and "HX-Request" not in request.headers:
        return request.get_full_path()
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer") or ""
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}):
        return ""
    parts = urlsplit(came_from)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
