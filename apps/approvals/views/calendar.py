"""The calendar of what falls due."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals.pages import calendar as pages
from apps.core import links
from apps.core.icalendar import MEDIA_TYPE


@signed_in
@require_safe
def calendar(request: ActorRequest) -> HttpResponse:
    """Show what falls due on what the reader may see."""
    return render(request, "approvals/calendar.html", pages.on_page(request))


@signed_in
@require_safe
def calendar_file(request: ActorRequest) -> HttpResponse:
    """Send what falls due on what the reader may see as a file that calendars take in."""
    file = pages.as_file(
        request.actor,
        request.get_host().partition(":")[0],
        request.build_absolute_uri("/").rstrip("/"),
        is_mine=links.asked(request, pages.WHOSE) != pages.ALL,
    )
    answer = HttpResponse(file, content_type=MEDIA_TYPE)
    answer.headers["Content-Disposition"] = content_disposition_header(True, "signet.ics")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
