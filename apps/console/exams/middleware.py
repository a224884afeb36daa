"""Examiners at the door: one page is open to them or it is not, and every look is on record."""

from collections.abc import Callable
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from apps.accounts.access import ActorRequest
from apps.accounts.models import User
from apps.catalog import exams
from apps.catalog import operations as catalog
from apps.console.exams import pages
from apps.console.exams.visits import Visit
from apps.core.middleware import Answer


class ExamRooms:
    """Lets examiners look as far as their room lets them now, and records each look.

    The answer leaves only once the record holds what was asked for: a look that cannot be recorded
    shows nothing.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User) or not request.user.is_examiner:
            return self.get_response(request)
        examiner, at = request.user, timezone.now()
        visit = Visit(exams.newest_of(examiner), at)
        asked = cast(ActorRequest, request)
        asked.actor = by = exams.as_examiner(asked.actor, visit.room, at)
        request.exam = visit  # type: ignore[attr-defined]
        response = self.get_response(request)
        try:
            catalog.record_look(examiner, visit.room, _look(request, response), by=by)
        except BaseException:
            response.close()
            raise
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Answer instead of the view when it is closed to the examiner who asks."""
        visit: Visit | None = getattr(request, "exam", None)
        if visit is None:
            return None
        page, method = _page(request), str(request.method)
        if page in pages.LEADING_HOME and method in pages.GET:
            return HttpResponseRedirect(reverse(pages.HOME))
        if not visit.opens(page) or not visit.takes(page, method):
            raise Http404
        return None


def _page(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _look(request: HttpRequest, response: HttpResponse) -> catalog.Look:
    return catalog.Look(
        page=_page(request),
        address=request.get_full_path(),
        method=str(request.method)[:10],
        status=response.status_code,
    )
