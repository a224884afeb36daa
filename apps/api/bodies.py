"""A file that is the body of a request: how large it says it is, and its bytes as they come."""

import re
from collections.abc import Iterator
from functools import partial

from django.http import HttpRequest

from apps.catalog.store.contract import PIECE
from apps.core.inputs import InputRefused

_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)
_FORM = "application/x-www-form-urlencoded"
"""What curl says of any bytes it sends, unless told otherwise."""


def announced_size(request: HttpRequest) -> int | None:
    """Return the length a request announces, or nothing when it comes in chunks."""
    text = request.headers.get("Content-Length", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InputRefused("The Content-Length is no number of bytes.")
    return int(text)


def pieces(request: HttpRequest, size: int | None) -> Iterator[bytes]:
    """Yield the body as it comes in; without a length, to the end the server makes out."""
    if size is not None:
        return iter(partial(request.read, PIECE), b"")
    if not request.META.get("wsgi.input_terminated"):
        raise InputRefused("Send the file with a Content-Length: this server needs it.")
    return iter(partial(request.META["wsgi.input"].read, PIECE), b"")


def media_type(request: HttpRequest) -> str:
    """Return the media type a request names, or nothing when that is none."""
    said = request.content_type or ""
    return said if _MEDIA_TYPE.fullmatch(said) and said != _FORM else ""
