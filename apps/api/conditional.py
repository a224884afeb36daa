"""ETags: an answer is rendered in one canonical form, and its tag is the digest of that.

A change with ``If-Match`` is held against the thing as it is under the lock of the change.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags
from ninja.renderers import BaseRenderer
from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from apps.audit.preconditions import Stale, only_if

Run = Callable[..., HttpResponseBase]
ANY = "*"
WEAK = "W/"
_KEPT = ("ETag", "Cache-Control")
"""What an answer that says nothing new says all the same (RFC 9110, section 15.4.5)."""


class CanonicalJson(BaseRenderer):
    """Renders an answer so that equal answers are equal bytes."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return rendered(data)


def rendered(data: object) -> bytes:
    """Return the canonical JSON of an answer: keys sorted, nothing between the parts."""
    text = json.dumps(
        to_jsonable_python(data),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )
    return text.encode()


def tag_of(content: bytes) -> str:
    """Return the strong ETag of an answer's bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def tagged(run: Run) -> Run:
    """Give what a view shows its ETag, and answer 304 to who has it already."""

    @wraps(run)
    def answered(request: HttpRequest, **places: Any) -> HttpResponseBase:
        response = run(request, **places)
        if request.method == "POST" or response.status_code != 200:
            return response
        if not isinstance(response, HttpResponse) or not response.content:
            return response
        response.headers["ETag"] = tag_of(response.content)
        return _unchanged(request, response)

    return answered


@contextmanager
def unless_changed(
    request: HttpRequest, shown: Callable[[], BaseModel], *, since: BaseModel | None = None
) -> Iterator[None]:
    """Let a change begin only while the thing is as the caller's ``If-Match`` says.

    ``shown`` reads the thing afresh, as a GET of the same address shows it; ``since`` is what was
    read to prepare the change, if that rests on it.
    """
    headers = request.headers
    if "If-Match" not in headers and "If-None-Match" not in headers and since is None:
        yield
        return

    def require() -> None:
        present = _present_tag(shown)
        if since is not None and _tag(since) != present:
            raise Stale("Somebody else changed this at the same moment. Read it again.")
        if "If-Match" in headers and not _matches(headers["If-Match"], present):
            raise Stale("This is not as you last read it. Read it again, then decide.")
        if "If-None-Match" in headers and _matches(headers["If-None-Match"], present):
            raise Stale("This is there already, and you asked for a change only if it is not.")

    with only_if(require):
        yield


def _present_tag(shown: Callable[[], BaseModel]) -> str:
    """Return the tag a thing has now, or nothing when it is not there."""
    try:
        return _tag(shown())
    except Http404:
        return ""


def _tag(answer: BaseModel) -> str:
    return tag_of(rendered(answer.model_dump()))


def _matches(header: str, present: str) -> bool:
    if not present:
        return False
    return header.strip() == ANY or present in parse_etags(header)


def _unchanged(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    header = request.headers.get("If-None-Match", "")
    tag = response.headers["ETag"]
    known = [known.removeprefix(WEAK) for known in parse_etags(header)]
    if request.method != "GET" or (header.strip() != ANY and tag not in known):
        return response
    kept = {name: response.headers[name] for name in _KEPT if name in response.headers}
    return HttpResponse(status=304, headers=kept)
