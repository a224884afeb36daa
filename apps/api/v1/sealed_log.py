"""The sealed log in the layout of C2SP ``tlog-tiles``, for monitors, witnesses and auditors."""

from django.http import HttpResponse
from ninja import Router

from apps.api.callers import Call
from apps.api.describing import NOTE, PLAIN, TILE
from apps.audit import publishing
from apps.audit.log.tiles import WIDTH, Tile

router = Router(tags=["the sealed log"])

FOR_GOOD = "private, max-age=31536000, immutable"
"""A full tile never changes; it stays with its reader, who showed a token for it."""
_TILE = "/log/tile"


@router.get("/log/checkpoint", url_name="log_checkpoint", openapi_extra=NOTE)
def show_checkpoint(request: Call) -> HttpResponse:  # noqa: ARG001 - any token may have it
    """Give the newest signed checkpoint, for every token."""
    return HttpResponse(publishing.checkpoint(), content_type="text/plain; charset=utf-8")


@router.get(f"{_TILE}/entries/{{path:place}}", url_name="log_entries", openapi_extra=TILE)
def show_entries(request: Call, place: str) -> HttpResponse:
    """Give up to 256 entries to who may read the whole record; that they took them is recorded."""
    tile = publishing.tile_at(0, place)
    return _sent(tile, publishing.entries(tile, by=request.actor))


@router.get(f"{_TILE}/{{int:level}}/{{path:place}}", url_name="log_tile", openapi_extra=TILE)
def show_tile(request: Call, level: int, place: str) -> HttpResponse:  # noqa: ARG001 - as above
    """Give up to 256 hashes of one level of the tree, for every token."""
    tile = publishing.tile_at(level, place)
    return _sent(tile, publishing.hashes(tile))


def _sent(tile: Tile, data: bytes) -> HttpResponse:
    headers = {"Cache-Control": FOR_GOOD} if tile.width == WIDTH else {}
    return HttpResponse(data, content_type=PLAIN, headers=headers)
