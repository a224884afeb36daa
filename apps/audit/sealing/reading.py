"""Reads the sealed log: its tree, out of tiles and leaves, and the proof of one event."""

from collections.abc import Iterator
from contextlib import suppress

from apps.audit.log import tree
from apps.audit.log.notes import BadNote, Note
from apps.audit.log.proofs import Proof
from apps.audit.log.tiles import WIDTH, Tile, Tiled, hashes_in
from apps.audit.models import Anchoring, AuditEvent, Leaf, SignedCheckpoint, TileRow
from apps.audit.sealing import keyring
from apps.audit.sealing.states import LogBroken


def tiled(size: int) -> Tiled:
    """Return the tree of the first ``size`` entries."""
    return Tiled(size, read)


def root_at(size: int) -> bytes:
    """Return the root the log had when it held ``size`` entries, as its rows say now.

    Raises:
        LogBroken: when rows are missing.
    """
    return tree.root_of(size, tiled(size).node)


def read(tile: Tile) -> bytes:
    """Return the bytes of a tile, full or not.

    Raises:
        LogBroken: when rows are missing.
    """
    if tile.width == WIDTH:
        full = TileRow.objects.filter(level=tile.level, n=tile.n).values_list("data", flat=True)
        found = [bytes(data) for data in full]
    else:
        found = [computed(tile)]
    if not found or len(found[0]) != tile.width * tree.HASH:
        raise LogBroken(f"Tile {tile.n} of level {tile.level} is not whole.")
    return found[0]


def computed(tile: Tile) -> bytes:
    """Return the bytes of a tile from what lies below it: leaves, or full tiles."""
    first = tile.n * WIDTH
    if tile.level == 0:
        leaves = Leaf.objects.filter(seq__gte=first, seq__lt=first + tile.width).order_by("seq")
        return b"".join(bytes(leaf) for leaf in leaves.values_list("hash", flat=True))
    below = TileRow.objects.filter(
        level=tile.level - 1, n__gte=first, n__lt=first + tile.width
    ).order_by("n")
    rows = below.values_list("data", flat=True)
    return b"".join(tree.fold(hashes_in(bytes(data), WIDTH)) for data in rows)


def newest_checkpoint() -> SignedCheckpoint | None:
    """Return the newest checkpoint that was signed."""
    return SignedCheckpoint.objects.order_by("-size").first()


def rotation_notes() -> Iterator[SignedCheckpoint]:
    """Yield the checkpoint under which each new key was named: with it, a verifier follows."""
    for rotation in keyring.rotations():
        seq = Leaf.objects.values_list("seq", flat=True).get(event_id=rotation.event_id)
        note = SignedCheckpoint.objects.filter(size__gt=seq).order_by("size").first()
        if note is not None:
            yield note


def cosigned(checkpoint: SignedCheckpoint) -> str:
    """Return a checkpoint with the signatures of the witnesses that saw it under it, too."""
    kept = Anchoring.objects.filter(size=checkpoint.size).order_by("name")
    note = checkpoint.note
    for receipt in kept.values_list("receipt", flat=True):
        with suppress(BadNote):  # receipts of other places are no signatures
            Note.read(note + receipt)
            note += receipt
    return note


def proof_of(event: AuditEvent) -> Proof | None:
    """Return the proof that an event is in the log, or None until it is sealed and signed."""
    leaf = Leaf.objects.filter(event=event).first()
    checkpoint = newest_checkpoint()
    if leaf is None or checkpoint is None or checkpoint.size <= leaf.seq:
        return None
    hashes = tree.inclusion(leaf.seq, checkpoint.size, tiled(checkpoint.size).node)
    return Proof(leaf.seq, hashes, cosigned(checkpoint))
