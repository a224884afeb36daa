"""Opens a halted log again under its next name: what was lost stands on record, for good."""

from collections.abc import Iterator, Sequence

from django.db import transaction

from apps.audit.log.notes import BadNote, Checkpoint, opened
from apps.audit.log.tiles import Tile, tiles_of
from apps.audit.log.tree import Frontier
from apps.audit.models import Leaf, Log
from apps.audit.sealing import batches, keyring, reading, states
from apps.audit.sealing.anchors import Anchor
from apps.audit.sealing.signing import Keys
from apps.core.actors import Actor
from apps.core.errors import RuleBroken


def reopen(anchors: Sequence[Anchor], keys: Keys, *, by: Actor, second: Actor, reason: str) -> Log:
    """Go on from what the database holds, under the next name that nobody knows; two people answer.

    A name that some place keeps checkpoints of is passed over: the log went on under it before,
    and was put back since. What was lost with it stands on record beside the rest.

    Raises:
        RuleBroken: when the log is not halted, its rows are damaged, or the people are one.
    """
    _require_two(by, second, reason)
    origin = states.origin()
    kept = list(_kept(anchors, origin, keys))
    name, known = _next(anchors, origin)
    passed = {each: list(_kept(anchors, each, keys)) for each in known}
    with transaction.atomic(durable=True):
        log = states.locked(is_waited_for=True)
        if log is None or not log.is_halted:
            raise RuleBroken("The log is not halted.")
        frontier = _rebuilt()
        detail: dict[str, object] = {"previous": _lost(log.origin, frontier, kept)}
        if passed:
            detail["passed_over"] = [_lost(each, frontier, held) for each, held in passed.items()]
        log.size, log.root, log.frontier = frontier.size, frontier.root(), frontier.data
        log.state, log.trouble, log.origin = Log.State.OPEN, "", name
        log.save()
        detail |= {"epoch": _epoch(log.origin), "second": second.id}
        event = states.write(log, states.LogAction.OPEN, detail, by=by, reason=reason)
        batches.add(log, [event.pk])
    return log


def _require_two(by: Actor, second: Actor, reason: str) -> None:
    if by.id == second.id:
        raise RuleBroken("Two people open a halted log again.")
    if not reason.strip():
        raise RuleBroken("Give a reason. It is kept for good and shown to auditors.")


def _kept(anchors: Sequence[Anchor], origin: str, keys: Keys) -> Iterator[Checkpoint]:
    """Yield every checkpoint of the log that is kept elsewhere; every place has to be readable."""
    verifiers = keyring.verifiers(origin, keys(origin))
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


def _lost(origin: str, frontier: Frontier, kept: Sequence[Checkpoint]) -> dict[str, object]:
    """Say up to where the log agrees with what is kept of a name, and how far that goes."""
    largest = sorted(kept, key=lambda each: each.size, reverse=True)
    known = [each for each in largest if each.size <= frontier.size]
    # whatever it agrees with covers all that is smaller
    agreed = next((each.size for each in known if reading.root_at(each.size) == each.root), 0)
    is_whole = not known or agreed == known[0].size
    restored = frontier.size if is_whole else agreed
    anchored = largest[0] if largest else Checkpoint(origin, restored, frontier.root())
    return {
        "origin": origin,
        "restored": {"size": restored, "root": reading.root_at(restored).hex()},
        "anchored": {"size": anchored.size, "root": anchored.root.hex()},
        "lost": [restored, max(restored, anchored.size)],
    }


def _epoch(origin: str) -> int:
    return int(origin.rpartition("/")[2])


def _next(anchors: Sequence[Anchor], origin: str) -> tuple[str, list[str]]:
    """Return the next name that no place keeps checkpoints of, and those passed over."""
    host, number, passed = origin.rpartition("/")[0], _epoch(origin) + 1, []
    while any(_is_known(anchor, f"{host}/{number}") for anchor in anchors):
        passed.append(f"{host}/{number}")
        number += 1
    return f"{host}/{number}", passed


def _is_known(anchor: Anchor, origin: str) -> bool:
    """Say whether a place keeps anything under a name, whoever signed it."""
    return next(anchor.kept(origin), None) is not None
