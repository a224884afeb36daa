"""Writes the sealed log as files that any tool for C2SP tlog-tiles reads, with the verifier."""

from collections.abc import Iterable
from pathlib import Path

from apps.audit.actions import Action, Sealing
from apps.audit.changes import record_access
from apps.audit.governed import REGISTRY
from apps.audit.log.tiles import Tile, bundle, tiles_of
from apps.audit.models import AuditEvent, SignedCheckpoint
from apps.audit.sealing import reading
from apps.audit.verifier import standalone
from apps.core.actors import Actor
from apps.core.errors import RuleBroken

EXPORT = Action(
    "record.export",
    permission="audit.view_record",
    refusal="Only who may read the whole record takes it away.",
    sealing=Sealing.AWAITED,
)


def export(folder: Path, *, by: Actor) -> SignedCheckpoint:
    """Write the log as of its newest checkpoint, and the verifier, into a folder that is empty.

    Raises:
        NotAllowed: when the actor may not read the whole record.
        RuleBroken: when nothing is signed yet, or the folder holds something.
    """
    checkpoint = reading.newest_checkpoint()
    if checkpoint is None:
        raise RuleBroken("Nothing is sealed and signed yet. A running sealer does that by itself.")
    if folder.exists() and any(folder.iterdir()):
        raise RuleBroken(f"{folder} is not empty. Name a folder that is.")
    facts = {"size": checkpoint.size, "root": bytes(checkpoint.root).hex()}
    record_access(EXPORT, REGISTRY, by=by, facts=facts)  # before anything leaves
    for tile in tiles_of(checkpoint.size):
        _write(folder / tile.path, reading.read(tile))
        if tile.level == 0:
            _write(folder / tile.entries_path, bundle(entries_of(tile)))
    for note in reading.rotation_notes():
        _write(folder / f"keys/{note.size:019}.note", note.note.encode())
    _write(folder / standalone.NAME, standalone.text().encode())
    _write(folder / "checkpoint", checkpoint.note.encode())
    return checkpoint


def entries_of(tile: Tile) -> Iterable[bytes]:
    """Return the entries under a tile of level 0, in their order."""
    first = tile.n * 256
    events = AuditEvent.objects.filter(leaf__seq__gte=first, leaf__seq__lt=first + tile.width)
    return map(bytes, events.order_by("leaf__seq").values_list("entry", flat=True))


def _write(place: Path, data: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
