"""A Django that holds one view of a constant: what any call costs, whatever it does."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

SAID = b'{"answer":"' + b"x" * 600 + b'"}'


def say(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - it says the same to everybody
    """Give as many bytes as an admission answer has."""
    return HttpResponse(SAID, content_type="application/json")


urlpatterns = [path("api/v1/admission", say)]
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], MIDDLEWARE=[])
application = get_wsgi_application()
