"""Reads the sealed log out piece by piece, in the layout of C2SP ``tlog-tiles``.

Checkpoints and hash tiles say nothing of what happened, so everybody may have them. Entries are for
those who may read the whole record, and who takes some is on record before they leave.
"""

import re

from apps.audit import exporting
from apps.audit.actions import Action
from apps.audit.changes import record_access
from apps.audit.governed import REGISTRY
from apps.audit.log.tiles import BITS, WIDTH, Tile, bundle, numbered
from apps.audit.sealing import reading
from apps.core.actors import Actor
from apps.core.errors import NotFound

TAKE = Action(
    "record.take",
    permission="audit.view_record",
    refusal="Only who may read the whole record takes its entries.",
)
MOST_LEVEL = 63
_NONE = "There is no such tile."
_PLACE = re.compile(r"((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


def checkpoint() -> str:
    """Return the newest checkpoint, with the signatures of witnesses that saw it.

    Raises:
        NotFound: while nothing is signed.
    """
    newest = reading.newest_checkpoint()
    if newest is None:
        raise NotFound("Nothing is sealed and signed yet.")
    return reading.cosigned(newest)


def hashes(tile: Tile) -> bytes:
    """Return a tile of hashes, full or not, that the newest checkpoint covers.

    Raises:
        NotFound: when it does not.
    """
    _require_covered(tile)
    return reading.read(tile)


def entries(tile: Tile, *, by: Actor) -> bytes:
    """Return the entries under a tile of level 0, once it is recorded who takes them.

    Raises:
        NotFound: when the newest checkpoint does not cover it, or the actor may not see it.
    """
    if not by.may(TAKE.permission):
        raise NotFound(_NONE)
    _require_covered(tile)
    record_access(TAKE, REGISTRY, by=by, facts={"first": tile.n * WIDTH, "count": tile.width})
    return bundle(exporting.entries_of(tile))


def tile_at(level: int, place: str) -> Tile:
    """Return the tile an address names: ``x001/234`` or, of one that is not full, ``234.p/44``.

    Raises:
        NotFound: when it names none, or is not written in its one form.
    """
    found = _PLACE.fullmatch(place)
    if found is None or level > MOST_LEVEL:
        raise NotFound(_NONE)
    n, width = int(re.sub("[x/]", "", found[1])), int(found[2] or WIDTH)
    if numbered(n, width) != place:
        raise NotFound(_NONE)
    return Tile(level, n, width)


def _require_covered(tile: Tile) -> None:
    newest = reading.newest_checkpoint()
    hashed = newest.size >> BITS * tile.level if newest else 0
    if tile.n * WIDTH + tile.width > hashed:
        raise NotFound(_NONE)
