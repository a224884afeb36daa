"""Opens a halted log again under its next name: what was lost stands on record, for good."""

from collections.abc import Iterator, Sequence

from django.db import transaction

from apps.audit.log.notes import BadNote, Checkpoint, opened
from apps.audit.log.tiles import Tile, tiles_of
from apps.audit.log.tree import Frontier
from apps.audit.models import Leaf, Log
from apps.audit.sealing import batches, reading, states
from apps.audit.sealing.anchors import Anchor
from apps.audit.sealing.signing import Keys
from apps.core.actors import Actor
from apps.core.errors import RuleBroken


def reopen(anchors: Sequence[Anchor], keys: Keys, *, by: Actor, second: Actor, reason: str) -> Log:
    """Go on from what the database holds, under the next name; two people answer for it.

    Raises:
        RuleBroken: when the log is not halted, its rows are damaged, or the people are one.
    """
    _require_two(by, second, reason)
    origin = states.origin()
    kept = list(_kept(anchors, origin, keys))
    with transaction.atomic(durable=True):
        log = states.locked(is_waited_for=True)
        if log is None or not log.is_halted:
            raise RuleBroken("The log is not halted.")
        frontier = _rebuilt()
        previous = _previous(log, frontier, kept)
        log.size, log.root, log.frontier = frontier.size, frontier.root(), frontier.data
        log.state, log.trouble, log.origin = Log.State.OPEN, "", _next(log.origin)
        log.save()
        detail = {"epoch": _epoch(log.origin), "previous": previous, "second": second.id}
        event = states.write(log, "log.open", detail, by=by, reason=reason)
        batches.add(log, [event.pk])
    return log


def _require_two(by: Actor, second: Actor, reason: str) -> None:
    if by.id == second.id:
        raise RuleBroken("Two people open a halted log again.")
    if not reason.strip():
        raise RuleBroken("Give a reason. It is kept for good and shown to auditors.")


def _kept(anchors: Sequence[Anchor], origin: str, keys: Keys) -> Iterator[Checkpoint]:
    """Yield every checkpoint of the log that is kept elsewhere; every place has to be readable."""
    verifiers = [key.verifier for key in keys(origin)]
    for anchor in anchors:
        for note in anchor.kept(origin):
            try:
                yield opened(note, verifiers)
            except BadNote:
                continue  # the sealer tells of it; it is no evidence of anything


def _rebuilt() -> Frontier:
    """Return the right edge of the tree over the leaves that are there.

    Raises:
        RuleBroken: when one is missing, or a tile disagrees.
    """
    frontier = Frontier()
    rows = Leaf.objects.order_by("seq").values_list("seq", "hash")
    for seq, found in rows.iterator():
        if seq != frontier.size:
            raise RuleBroken(f"Entry {frontier.size} is missing. Restore a backup first.")
        frontier.add(bytes(found))
    for tile in tiles_of(frontier.size):
        _require_whole(tile)
    return frontier


def _require_whole(tile: Tile) -> None:
    try:
        is_same = reading.read(tile) == reading.computed(tile)
    except states.LogBroken as problem:
        raise RuleBroken(f"{problem} Restore a backup first.") from None
    if not is_same:
        raise RuleBroken(f"Tile {tile.path} disagrees with its leaves. Restore a backup first.")


def _previous(log: Log, frontier: Frontier, kept: Sequence[Checkpoint]) -> dict[str, object]:
    """Say up to where the log agrees with what is kept elsewhere, and how far that goes."""
    agreeing = [each for each in kept if _agrees(each, frontier.size)]
    is_behind = len(agreeing) < len([each for each in kept if each.size <= frontier.size])
    restored = max((each.size for each in agreeing), default=0) if is_behind else frontier.size
    anchored = max((each.size for each in kept), default=restored)
    roots = {each.size: each.root for each in kept}
    return {
        "origin": log.origin,
        "restored": {"size": restored, "root": reading.root_at(restored).hex()},
        "anchored": {"size": anchored, "root": roots[anchored].hex() if anchored in roots else ""},
        "lost": [restored, max(restored, anchored)],
    }


def _agrees(checkpoint: Checkpoint, size: int) -> bool:
    return checkpoint.size <= size and reading.root_at(checkpoint.size) == checkpoint.root


def _epoch(origin: str) -> int:
    return int(origin.rpartition("/")[2])


def _next(origin: str) -> str:
    return f"{origin.rpartition('/')[0]}/{_epoch(origin) + 1}"
