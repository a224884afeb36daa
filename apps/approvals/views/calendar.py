"""The calendar of what falls due."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, by_token, signed_in
from apps.accounts.tokens import calendar_reader
from apps.approvals.pages import calendar as pages
from apps.core import links
from apps.core.actors import Actor
from apps.core.icalendar import MEDIA_TYPE
from apps.core.pace import Pace

READS = Pace(most=20, seconds=60)
"""How often a calendar is read by one token, in one process of the server."""
_ASK = {"WWW-Authenticate": 'Basic realm="Signet calendar", charset="UTF-8"'}


@signed_in
@require_safe
def calendar(request: ActorRequest) -> HttpResponse:
    """Show what falls due on what the reader may see."""
    return render(request, "approvals/calendar.html", pages.on_page(request))


@signed_in
@require_safe
def calendar_file(request: ActorRequest) -> HttpResponse:
    """Send what falls due on what the reader may see as a file that calendars take in."""
    return _sent(request, request.actor)


@by_token
@require_safe
def subscription(request: ActorRequest) -> HttpResponse:
    """Send the same to a calendar program, which gives a token made for it as its password.

    Such programs cannot sign in, and a secret in an address would stand in every log on its way.
    """
    found = calendar_reader(request)
    if found is None:
        return _refused(401, "Give your sign-in name and a calendar password.", _ASK)
    reader, digest = found
    if seconds := READS.seconds_to_wait(f"calendar:{digest}"):
        return _refused(429, "Read too often.", {"Retry-After": str(seconds)})
    return _sent(request, reader)


def _refused(status: int, text: str, headers: dict[str, str]) -> HttpResponse:
    held = {**headers, "Cache-Control": "private, no-store"}
    return HttpResponse(text, status=status, content_type="text/plain", headers=held)


def _sent(request: ActorRequest, reader: Actor) -> HttpResponse:
    file = pages.as_file(
        reader,
        request.get_host().partition(":")[0],
        request.build_absolute_uri("/").rstrip("/"),
        is_mine=links.asked(request, pages.WHOSE) != pages.ALL,
    )
    answer = HttpResponse(file, content_type=MEDIA_TYPE)
    answer.headers["Content-Disposition"] = content_disposition_header(True, "signet.ics")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
