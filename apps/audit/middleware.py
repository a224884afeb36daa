"""Answers what a request decided only once it is sealed, or says that it is not yet."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse

from apps.audit.sealing import awaiting
from apps.core.actors import ANONYMOUS
from apps.core.middleware import Answer

HEADER = "Signet-Sealed"
BEING_SEALED = "being_sealed"
"""Where a session keeps the events its pages say of that they are being sealed."""
MOST_KEPT = 50
"""How many of them: more than that would only say the same."""
RETRY_AFTER = "30"
_REFUSED_FORM = 422
_STALLED = 503


class AnsweredWhenSealed:
    """Waits for the checkpoint over what a request decided, after all of it is committed.

    A form that was refused since nothing can be sealed keeps its page, with the status of that.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with awaiting.noting() as noted:
            response = self.get_response(request)
        if noted.events:
            is_sealed = awaiting.wait(noted.events)
            response.headers[HEADER] = "yes" if is_sealed else "no"
            if not is_sealed:
                _remember(request, noted.events)
        if noted.is_stalled:
            _say_stalled(request, response)
        return response


def _remember(request: HttpRequest, events: Sequence[int]) -> None:
    """Let the pages of a person say that what they did is being sealed, until it is."""
    if getattr(request, "actor", ANONYMOUS).is_person:
        waiting = [*request.session.get(BEING_SEALED, ()), *events]
        request.session[BEING_SEALED] = waiting[-MOST_KEPT:]


def _say_stalled(request: HttpRequest, response: HttpResponse) -> None:
    is_part = request.headers.get("HX-Request") == "true"  # it is put in place by its status
    if response.status_code == _REFUSED_FORM and not is_part:
        response.status_code = _STALLED
    if response.status_code == _STALLED:
        response.headers["Retry-After"] = RETRY_AFTER


def is_being_sealed(request: HttpRequest) -> bool:
    """Say whether something the person did is not sealed yet; forget it once it is."""
    waiting = request.session.get(BEING_SEALED)
    if not waiting:
        return False
    if awaiting.is_sealed(waiting):
        del request.session[BEING_SEALED]
        return False
    return True
