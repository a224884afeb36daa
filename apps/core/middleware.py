"""What every answer carries, whoever asks."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core.errors import DomainError
from apps.core.identifiers import uuid7

Answer = Callable[[HttpRequest], HttpResponse]

UNUSED_FEATURES = (
    "accelerometer camera display-capture geolocation gyroscope magnetometer microphone midi "
    "payment screen-wake-lock serial usb xr-spatial-tracking"
).split()


class RequestIdentity:
    """Gives each request an id of our own, which its answer, its events and its log lines share."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = uuid7()
        request.request_id = request_id  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers["X-Request-Id"] = str(request_id)
        return response


class QuietHeaders:
    """Lets no other site embed an answer, no cache keep it and no page use a device."""

    permissions = ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES)

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self.permissions)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


STATUS_OF_REFUSAL = {"not_found": 404, "not_allowed": 403, "disposed": 410, "sealing_stalled": 503}


class PlainRefusals:
    """Answers a refusal no page caught with a page that says it: 403, 404, 503; 409 for a rule."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, DomainError):
            return None
        status = STATUS_OF_REFUSAL.get(exception.code, 409)
        page = {404: "404.html", 403: "403.html", 503: "503.html"}.get(status, "409.html")
        return render(request, page, {"refusal": str(exception)}, status=status)
