"""Uploads: files come in one by one, and wait until a version takes them."""

import re
from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Router

from apps.api.callers import Call
from apps.api.strictness import Nothing
from apps.api.v1.answers import File, UploadAnswer
from apps.catalog import ingest, queries
from apps.catalog.models import Upload
from apps.catalog.store.contract import PIECE
from apps.core.inputs import InputRefused

router = Router(tags=["uploads"])
SHA256 = "X-Content-SHA256"
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)
_FORM = "application/x-www-form-urlencoded"
"""What curl says of any bytes it sends, unless told otherwise."""


@router.post("/uploads", url_name="uploads", response={201: UploadAnswer})
def start_upload(
    request: Call,
    asked: Nothing | None = None,  # noqa: ARG001 - declared, so that a body with fields is refused
) -> UploadAnswer:
    """Start an upload, which only the caller sees."""
    return UploadAnswer.of(ingest.start_upload(by=request.actor))


@router.get("/uploads/{uuid:upload_id}", url_name="upload", response=UploadAnswer)
def show_upload(request: Call, upload_id: UUID) -> UploadAnswer:
    """Show which files an upload holds."""
    return UploadAnswer.of(_find(request, upload_id))


@router.put("/uploads/{uuid:upload_id}/files/{path:path}", url_name="upload_file", response=File)
def send_file(request: Call, upload_id: UUID, path: str) -> File:
    """Send one file as the body; the same file once more changes nothing."""
    upload = _find(request, upload_id)
    digest = request.headers.get(SHA256)
    size = _announced_size(request)
    if size is None and digest is None:
        raise InputRefused(
            f"Announce the file with Content-Length or {SHA256}, so that one cut off is noticed."
        )
    file = ingest.add_file(
        upload,
        path,
        _pieces(request, size),
        by=request.actor,
        declared_sha256=digest,
        declared_size=size,
        media_type=_media_type(request),
    )
    return File.of(file)


@router.delete(
    "/uploads/{uuid:upload_id}/files/{path:path}", url_name="upload_file", response={204: None}
)
def remove_file(request: Call, upload_id: UUID, path: str) -> None:
    """Take a file out of an upload again."""
    ingest.remove_file(_find(request, upload_id), path, by=request.actor)


def _find(request: Call, upload_id: UUID) -> Upload:
    upload = queries.upload_or_none(request.actor, upload_id)
    if upload is None:
        raise Http404
    return upload


def _announced_size(request: HttpRequest) -> int | None:
    text = request.headers.get("Content-Length", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise InputRefused("The Content-Length is no number of bytes.")
    return int(text)


def _pieces(request: HttpRequest, size: int | None) -> Iterable[bytes]:
    """Yield the body as it comes in; without a length, to the end the server makes out."""
    if size is not None:
        return iter(partial(request.read, PIECE), b"")
    if not request.META.get("wsgi.input_terminated"):
        raise InputRefused("Send the file with a Content-Length: this server needs it.")
    return iter(partial(request.META["wsgi.input"].read, PIECE), b"")


def _media_type(request: HttpRequest) -> str:
    said = request.content_type or ""
    return said if _MEDIA_TYPE.fullmatch(said) and said != _FORM else ""
