"""Uploads: files come in one by one, and wait until a version takes them."""

from uuid import UUID

from ninja import Router

from apps.api.bodies import announced_size, media_type, pieces
from apps.api.callers import Call
from apps.api.describing import BYTES
from apps.api.strictness import Nothing
from apps.api.v1 import found
from apps.api.v1.answers.versions import File, UploadAnswer
from apps.catalog import ingest
from apps.core.inputs import InputRefused

router = Router(tags=["uploads"])
files = Router(tags=["uploads"])
"""What takes bytes as they come, and no JSON."""
SHA256 = "X-Content-SHA256"
_FILE = "/uploads/{uuid:upload_id}/files/{path:path}"


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
    return UploadAnswer.of(found.shown_upload(request.actor, upload_id))


@files.put(_FILE, url_name="upload_file", response=File, openapi_extra=BYTES)
def send_file(request: Call, upload_id: UUID, path: str) -> File:
    """Send one file as the body; the same file once more changes nothing."""
    upload = found.upload(request.actor, upload_id)
    digest = request.headers.get(SHA256)
    size = announced_size(request)
    if size is None and digest is None:
        raise InputRefused(
            f"Announce the file with Content-Length or {SHA256}, so that one cut off is noticed."
        )
    file = ingest.add_file(
        upload,
        path,
        pieces(request, size),
        by=request.actor,
        declared_sha256=digest,
        declared_size=size,
        media_type=media_type(request),
    )
    return File.of(file)


@files.delete(_FILE, url_name="upload_file", response={204: None})
def remove_file(
    request: Call,
    upload_id: UUID,
    path: str,
    asked: Nothing | None = None,  # noqa: ARG001 - as above
) -> None:
    """Take a file out of an upload again."""
    ingest.remove_file(found.upload(request.actor, upload_id), path, by=request.actor)
