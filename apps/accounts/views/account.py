"""Pages for signing in and out, and for a person's own account."""

from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.csrf import csrf_failure
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import operations, queries, sessions, signing_in
from apps.accounts.access import ActorRequest, public, signed_in
from apps.accounts.asking import page_to_return_to, sign_in_page
from apps.accounts.forms import CalendarForm, PasswordForm, SignInForm, TokenForm
from apps.accounts.models import ApiToken
from apps.accounts.scopes import Scope
from apps.accounts.sessions import Ended
from apps.accounts.throttling import TooManyTries
from apps.accounts.unsent import Unsent
from apps.core.errors import DomainError
from apps.core.sent import sent_values

_PAGE_WITH_FORM = ["GET", "HEAD", "POST"]
_CALENDAR_IDS = "calendar_%s"


@public
@sensitive_post_parameters("password", "unsent")
@require_http_methods(_PAGE_WITH_FORM)
def sign_in(request: ActorRequest) -> HttpResponse:
    """Ask for name and password; lead back to the page that was wanted, or to what was typed."""
    wanted, unsent = page_after(request), Unsent.opened(request.POST.get("unsent", ""))
    if request.actor.is_person and (request.method != "POST" or _is_signed_in_elsewhere(request)):
        return _go_on(request, wanted, unsent)
    form, wait = SignInForm(sent_values(request)), 0
    if form.is_valid():
        try:
            signing_in.sign_in(request, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, str(refusal))
            wait = getattr(refusal, "seconds", 0)
        else:
            return _go_on(request, wanted, unsent)
    page = sign_in_page(request, form, wanted=wanted, ended=_ended(request), unsent=unsent)
    return _answered(page, form, wait)


def form_expired(request: ActorRequest, reason: str = "") -> HttpResponse:
    """Answer a form of an earlier session: one of our own pages sends it again, others cannot."""
    is_ours = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    if is_ours and request.actor.is_person and _is_signed_in_elsewhere(request):
        unsent = Unsent.opened(request.POST.get("unsent", ""))
        return _go_on(request, page_after(request), unsent)
    unsent = Unsent.of(request) if is_ours and request.path != settings.LOGIN_URL else None
    if unsent is None:
        return csrf_failure(request, reason)
    wanted = page_to_return_to(request)
    if request.actor.is_person:
        return _offer_to_send(request, unsent, wanted, status=HTTPStatus.FORBIDDEN)
    return sign_in_page(request, SignInForm(), wanted=wanted, unsent=unsent)


@signed_in
@require_POST
def sign_out(request: ActorRequest) -> HttpResponse:
    """End the session."""
    by_sign_on = sessions.is_by_sign_on(request.session)
    signing_in.sign_out(request)
    messages.success(request, "You are signed out.")
    return redirect(f"{reverse('accounts:sign_in')}{'?left' if by_sign_on else ''}")


@signed_in
@sensitive_post_parameters()
@require_http_methods(_PAGE_WITH_FORM)
def password(request: ActorRequest) -> HttpResponse:
    """Let a person change their password."""
    form, wait = PasswordForm(sent_values(request)), 0
    if form.is_valid():
        current, new = form.cleaned_data["current"], form.cleaned_data["new"]
        try:
            signing_in.renew_password(request, current=current, new=new)
        except (operations.WrongPassword, TooManyTries) as refusal:
            form.add_error("current", str(refusal))
            wait = getattr(refusal, "seconds", 0)
        except DomainError as refusal:
            form.add_error("new", str(refusal))
        else:
            messages.success(request, "Password changed. Your other sessions have ended.")
            return redirect("accounts:account")
    return _answered(render(request, "accounts/password.html", {"form": form}), form, wait)


@signed_in
@require_safe
def account(request: ActorRequest) -> HttpResponse:
    """Show a person who they are here, what they may do and which tokens act for them."""
    return _account_page(request, TokenForm())


@signed_in
@require_POST
def create_token(request: ActorRequest) -> HttpResponse:
    """Make a token and show its text, this once."""
    form = TokenForm(request.POST)
    if form.is_valid():
        try:
            token, text = operations.create_token(
                request.user, by=request.actor, **form.cleaned_data
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return _created(request, token, text)
    return _answered(_account_page(request, form), form)


@signed_in
@require_POST
def renew_token(request: ActorRequest, pk: int) -> HttpResponse:
    """Put another text in the place of one of the person's own tokens, and show it, this once."""
    token = get_object_or_404(queries.tokens_of(request.user), pk=pk)
    try:
        renewed, text = operations.renew_token(token, by=request.actor)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("accounts:account")
    return _created(request, renewed, text)


@signed_in
@require_POST
def subscribe(request: ActorRequest) -> HttpResponse:
    """Make a token by which a calendar program reads what falls due, and show it, this once."""
    form = CalendarForm(request.POST, auto_id=_CALENDAR_IDS)
    if form.is_valid():
        try:
            token, text = operations.create_token(
                request.user,
                by=request.actor,
                name="Calendar",
                scopes=[Scope.CALENDAR],
                **form.cleaned_data,
            )
        except DomainError as refusal:
            form.add_error(None, str(refusal))
        else:
            return _created(request, token, text)
    return _answered(_account_page(request, TokenForm(), form), form)


@signed_in
@require_POST
def revoke_token(request: ActorRequest, pk: int) -> HttpResponse:
    """Close one of the person's own tokens."""
    token = get_object_or_404(queries.tokens_of(request.user), pk=pk)
    try:
        operations.revoke_token(token, by=request.actor)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"The token “{token.name}” no longer works.")
    return redirect("accounts:account")


def _created(request: ActorRequest, token: ApiToken, text: str) -> HttpResponse:
    """Show the text of a token, and where a calendar program sends it; nothing keeps the page."""
    page = {
        "token": token,
        "text": text,
        "calendar_url": _calendar_url(request) if token.is_for_calendar else "",
    }
    return render(request, "accounts/token_created.html", page)


def _calendar_url(request: ActorRequest) -> str:
    return request.build_absolute_uri(reverse("approvals:calendar_subscription"))


def _account_page(
    request: ActorRequest, form: TokenForm, calendar_form: CalendarForm | None = None
) -> HttpResponse:
    tokens = list(queries.tokens_of(request.user))
    page = {
        "person": request.user,
        "duties": queries.duties_of(request.user),
        "memberships": queries.memberships_of(request.user),
        "tokens": tokens,
        "form": form,
        "calendars": [token for token in tokens if token.is_for_calendar],
        "calendar_url": _calendar_url(request),
        "calendar_form": calendar_form or CalendarForm(auto_id=_CALENDAR_IDS),
    }
    return render(request, "accounts/account.html", page)


def _answered(
    response: HttpResponse,
    form: SignInForm | PasswordForm | TokenForm | CalendarForm,
    wait: int = 0,
) -> HttpResponse:
    """Give a page with a form the status of its refusal, if there was one."""
    if wait:
        response.status_code, response.headers["Retry-After"] = 429, str(wait)
    elif form.errors:
        response.status_code = 422
    return response


def _go_on(request: ActorRequest, wanted: str, unsent: Unsent | None) -> HttpResponse:
    """Lead to the page that was wanted, or offer to send what was typed before."""
    if unsent is None:
        return HttpResponseRedirect(wanted)
    if not unsent.may_be_sent_by(request.user):
        messages.info(request, "What was typed here before belongs to somebody else. It is gone.")
        return HttpResponseRedirect(wanted)
    return _offer_to_send(request, unsent, wanted)


def _offer_to_send(
    request: ActorRequest, unsent: Unsent, wanted: str, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    page = {"unsent": unsent, "next": wanted or "/"}
    return render(request, "accounts/unsent.html", page, status=status)


def _is_signed_in_elsewhere(request: HttpRequest) -> bool:
    """Whether a sign-in page that carries a form comes back from who signed in in another tab."""
    is_page = request.path == settings.LOGIN_URL and "unsent" in request.POST
    return is_page and not request.POST.get("username")


def page_after(request: HttpRequest) -> str:
    """Return where to go after signing in: a page of ours, whatever was asked for."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_path = wanted.startswith("/")
    if is_path and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return "/"


def _ended(request: HttpRequest) -> Ended | None:
    """Return why the last session ended, when the address of the page says so."""
    value = request.GET.get("ended")
    return Ended(value) if value in set(Ended) else None
