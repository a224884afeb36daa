"""Sends a file of a version: bytes to be kept, which no browser opens as a page."""

import hashlib
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.utils.http import content_disposition_header

from apps.catalog import store
from apps.catalog.ingest import PLAIN
from apps.catalog.outgoing import Download
from apps.catalog.store.contract import Said

logger = logging.getLogger(__name__)

PIECE = 2**20
"""How many bytes go out at once: more than come in at once, as each is a round to the server."""

REDIRECT_HOLDS = 60
"""For how many seconds an address in the bucket opens a file."""

ISOLATED = "sandbox; default-src 'none'; frame-ancestors 'none'"
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class DamagedArtifact(RuntimeError):
    """The store no longer holds the bytes it was given, so the answer breaks off unfinished."""


@dataclass(frozen=True)
class Span:
    """Which bytes of a file are sent."""

    first: int
    count: int
    size: int

    @property
    def is_whole(self) -> bool:
        return self.count == self.size

    @property
    def header(self) -> str:
        return f"bytes {self.first}-{self.first + self.count - 1}/{self.size}"


class Outgoing:
    """The bytes of a span. Of a whole file, the end goes out once the digest is right."""

    def __init__(self, taken: Download, span: Span) -> None:
        self._taken, self._span = taken, span

    def __iter__(self) -> Iterator[bytes]:
        return self._verified() if self._span.is_whole else self._part()

    def close(self) -> None:
        self._taken.bytes.close()

    def _verified(self) -> Iterator[bytes]:
        hashed, held = hashlib.sha256(), b""
        while piece := self._taken.bytes.read(PIECE):
            if held:
                yield held
            hashed.update(piece)
            held = piece
        if hashed.hexdigest() != self._taken.sha256:
            self._break_off()
        yield held

    def _part(self) -> Iterator[bytes]:
        self._taken.bytes.seek(self._span.first)
        left = self._span.count
        while left:
            piece = self._taken.bytes.read(min(PIECE, left))
            if not piece:
                self._break_off()
            left -= len(piece)
            yield piece

    def _break_off(self) -> None:
        logger.error("The artifact sha256:%s is damaged in the store", self._taken.sha256)
        raise DamagedArtifact(f"sha256:{self._taken.sha256} is damaged in the store")


def file_response(
    taken: Download, headers: Mapping[str, str]
) -> HttpResponse | StreamingHttpResponse:
    """Answer with a file, or with the one range of it that the headers ask for."""
    tag = f'"{taken.sha256}"'
    span = _span(headers, tag, taken.size)
    if span is None:
        taken.bytes.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{taken.size}"})
    response = StreamingHttpResponse(
        Outgoing(taken, span), status=200 if span.is_whole else 206, headers=_headers(taken, tag)
    )
    response.headers["Content-Length"] = str(span.count)
    if not span.is_whole:
        response.headers["Content-Range"] = span.header
    return response


def file_or_redirect(
    taken: Download, headers: Mapping[str, str]
) -> HttpResponse | StreamingHttpResponse:
    """Answer with a file, or, for a whole one in a bucket, with where it can be had for a minute.

    The bucket answers only when the settings say so: then nobody here looks at the bytes again.
    """
    address = _address_in_bucket(taken) if "Range" not in headers else None
    if address is None:
        return file_response(taken, headers)
    taken.bytes.close()
    return HttpResponseRedirect(
        address, preserve_request=True, headers={"Cache-Control": "private, no-store"}
    )


def _address_in_bucket(taken: Download) -> str | None:
    if not settings.S3_REDIRECT:
        return None
    said = Said(PLAIN, _disposition(taken), "private, no-store")
    return store.artifacts().address(taken.sha256, seconds=REDIRECT_HOLDS, said=said)


def _disposition(taken: Download) -> str:
    name = taken.path.rpartition("/")[2]
    return content_disposition_header(True, name) or "attachment"


def _headers(taken: Download, tag: str) -> dict[str, str]:
    return {
        "Content-Type": PLAIN,
        "Content-Disposition": _disposition(taken),
        "Content-Security-Policy": ISOLATED,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "bytes",
        "ETag": tag,
    }


def _span(headers: Mapping[str, str], tag: str, size: int) -> Span | None:
    """Return the bytes asked for: all unless one range is well formed; none when it lies beyond."""
    whole = Span(0, size, size)
    asked = _RANGE.fullmatch(headers.get("Range", ""))
    if asked is None or headers.get("If-Range", tag) != tag:
        return whole
    first, last = asked.groups()
    if not first:
        count = min(int(last), size) if last else size
        return Span(size - count, count, size) if count or not last else None
    start, end = int(first), min(int(last or size), size - 1)
    if start >= size:
        return None
    return Span(start, end - start + 1, size) if start <= end else whole
