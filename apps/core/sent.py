"""What a form was sent with."""

from django.http import HttpRequest, QueryDict


def sent_values(request: HttpRequest) -> QueryDict | None:
    """Return what was posted, an empty form included, or None when nothing was."""
    return request.POST if request.method == "POST" else None
