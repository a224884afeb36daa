"""The calendar of what falls due."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.access import ActorRequest, signed_in
from apps.approvals.pages import calendar as pages


@signed_in
@require_safe
def calendar(request: ActorRequest) -> HttpResponse:
    """Show what falls due on what the reader may see."""
    return render(request, "approvals/calendar.html", pages.on_page(request))
