"""A good record of a few hundred events, and what somebody with all SQL can do to it."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import connection

from apps.audit.entries import leaf_hash, origin_tag
from apps.audit.log.notes import Checkpoint, signed
from apps.audit.log.tiles import tiles_of
from apps.audit.log.tree import Frontier
from apps.audit.models import (
    Anchoring,
    AuditEvent,
    AuditText,
    Leaf,
    Log,
    PendingEvent,
    SignedCheckpoint,
    TileRow,
)
from apps.audit.sealing import reading
from apps.audit.sealing.anchors import Anchor
from apps.catalog.models import RegisteredModel
from apps.core.clock import database_now
from apps.core.digests import canonical
from tests.audit.sealing.sealed import ORIGIN, happened, keys, seal_all
from tests.factories import actor
from tests.scenarios import developer, registered_model, registered_version

CHAIN = "test:thing"
Tampering = Callable[[], None]


def sealed_with(anchor: Anchor) -> None:
    """Seal a few hundred events of one chain and of a real model, and keep checkpoints."""
    registered_version(registered_model(by=actor(developer())))
    happened(300, chain=CHAIN)
    seal_all(anchor)
    happened(40, chain=CHAIN)
    seal_all(anchor)


def event_at(seq: int) -> AuditEvent:
    return AuditEvent.objects.get(leaf__seq=seq)


def rewritten(event: AuditEvent, *, tagged: bool = False, **changes: Any) -> bytes:
    """Change an entry; with the stolen key it is tagged as the application would."""
    entry = canonical(json.loads(bytes(event.entry)) | changes)
    told: dict[str, Any] = {"entry": entry}
    if tagged:
        told["tag"] = origin_tag(entry, key=b"\x11" * 32)
    AuditEvent.objects.filter(pk=event.pk).update(**told)
    return entry


def rebuild(*, is_signed: bool = False) -> None:
    """Make leaves, tiles, root and frontier fit the events that are there, and sign it all anew."""
    numbers = list(Leaf.objects.order_by("seq").values_list("event_id", flat=True))
    Leaf.objects.all().delete()
    TileRow.objects.all().delete()
    frontier = Frontier()
    for pk in numbers:
        found = leaf_hash(bytes(AuditEvent.objects.get(pk=pk).entry))
        Leaf.objects.create(seq=frontier.size, event_id=pk, hash=found)
        frontier.add(found)
    for tile in tiles_of(frontier.size):
        if tile.width == 256:
            data = reading.computed(tile)
            TileRow.objects.create(level=tile.level, n=tile.n, data=data)
    Log.objects.update(size=frontier.size, root=frontier.root(), frontier=frontier.data)
    if is_signed:
        SignedCheckpoint.objects.all().delete()
        checkpoint = Checkpoint(ORIGIN, frontier.size, frontier.root())
        SignedCheckpoint.objects.create(
            size=checkpoint.size,
            root=checkpoint.root,
            note=signed(checkpoint.text, keys(ORIGIN)),
            signed_at=database_now(),
        )


def alter() -> None:
    rewritten(event_at(100), action="test.other")


def alter_with_leaf() -> None:
    entry = rewritten(event_at(100), action="test.other")
    Leaf.objects.filter(seq=100).update(hash=leaf_hash(entry))


def alter_and_rebuild() -> None:
    rewritten(event_at(100), action="test.other")
    rebuild()


def alter_with_all_keys() -> None:
    """Rewrite the last entry of a chain, with both keys stolen: nothing here disagrees."""
    last = AuditEvent.objects.filter(chain_root=CHAIN).latest("chain_rev")
    rewritten(last, tagged=True, detail={"n": 7_000})
    rebuild(is_signed=True)


def change_a_column() -> None:
    AuditEvent.objects.filter(leaf__seq=50).update(actor_id="usr_9")


def remove_the_last() -> None:
    last = Leaf.objects.latest("seq")
    Leaf.objects.filter(seq=last.seq).delete()
    AuditEvent.objects.filter(pk=last.event_id).delete()
    SignedCheckpoint.objects.filter(size__gt=last.seq).delete()
    Anchoring.objects.all().delete()
    rebuild()


def put_back() -> None:
    """Put everything back to an older checkpoint that was really signed."""
    older = SignedCheckpoint.objects.filter(size__gt=300).earliest("size")
    lost = list(Leaf.objects.filter(seq__gte=older.size).values_list("event_id", flat=True))
    Leaf.objects.filter(event_id__in=lost).delete()
    AuditEvent.objects.filter(pk__in=lost).delete()
    SignedCheckpoint.objects.filter(size__gt=older.size).delete()
    Anchoring.objects.all().delete()
    rebuild()


def swap_two() -> None:
    first, second = Leaf.objects.get(seq=10), Leaf.objects.get(seq=11)
    Leaf.objects.filter(seq__in=(10, 11)).delete()
    Leaf.objects.create(seq=10, event_id=second.event_id, hash=second.hash)
    Leaf.objects.create(seq=11, event_id=first.event_id, hash=first.hash)


def remove_a_leaf() -> None:
    Leaf.objects.filter(seq=77).delete()


def remove_an_event() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
        pk = event_at(77).pk
        cursor.execute("DELETE FROM audit_event WHERE id = %s", [pk])
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = origin")


def forge() -> None:
    """Write an event without the key, and queue it."""
    [event] = happened()
    AuditEvent.objects.filter(pk=event.pk).update(tag=b"x" * 32)
    PendingEvent.objects.create(event_id=event.pk)


def remove_unsealed() -> None:
    """Remove an event that was not sealed, and forget its mark; the chain went on after it."""
    events = happened(2, chain=CHAIN)
    AuditEvent.objects.filter(pk=events[0].pk).delete()
    PendingEvent.objects.create(event_id=events[1].pk)


def remove_a_mark() -> None:
    happened()  # nobody queues it, since the guards are away


def change_a_row() -> None:
    RegisteredModel._base_manager.update(title="Something else")


def add_a_row() -> None:
    model = RegisteredModel.objects.get()
    model.pk, model.name, model.folded_name = None, "invented", "invented"
    model._state.adding = True
    RegisteredModel._base_manager.bulk_create([model])


def change_history() -> None:
    RegisteredModel.history.update(title="Something else")


def remove_history() -> None:
    RegisteredModel.history.all().delete()


def change_a_tile() -> None:
    TileRow.objects.update(data=b"x" * 8192)


def change_a_note() -> None:
    newest = SignedCheckpoint.objects.latest("size")
    note = newest.note.replace(f"\n{newest.size}\n", f"\n{newest.size - 1}\n")
    SignedCheckpoint.objects.filter(size=newest.size).update(note=note)


def change_a_checkpoint() -> None:
    newest = SignedCheckpoint.objects.latest("size")
    SignedCheckpoint.objects.filter(size=newest.size).update(root=b"x" * 32)


def remove_the_newest_checkpoint() -> None:
    SignedCheckpoint.objects.filter(size=SignedCheckpoint.objects.latest("size").size).delete()
    Log.objects.update(beat_at=database_now() - timedelta(minutes=2))


def copy_an_entry() -> None:
    """Enter an entry a second time under another number."""
    event = event_at(0)
    copy = {field.attname: getattr(event, field.attname) for field in event._meta.concrete_fields}
    entry = json.loads(bytes(event.entry)) | {"chain": None}
    raw = canonical(entry)
    copy |= {
        "id": AuditEvent.objects.latest("pk").pk + 1,
        "uid": "019a0000-0000-7000-8000-0000000000ff",
        "chain_root": None,
        "chain_rev": None,
        "entry": raw,
        "tag": origin_tag(raw, key=b"\x11" * 32),
    }
    AuditEvent.objects.bulk_create([AuditEvent(**copy)])
    Leaf.objects.create(seq=Leaf.objects.count(), event_id=copy["id"], hash=leaf_hash(raw))
    rebuild(is_signed=True)


def restart() -> None:
    """Empty the log and seal everything anew, without one event, with all keys."""
    gone = event_at(340)
    Leaf.objects.all().delete()
    TileRow.objects.all().delete()
    AuditEvent.objects.filter(pk=gone.pk).delete()
    numbers = AuditEvent.objects.order_by("pk").values_list("pk", flat=True)
    for seq, pk in enumerate(numbers):
        Leaf.objects.create(seq=seq, event_id=pk, hash=b"")
    PendingEvent.objects.all().delete()
    rebuild(is_signed=True)


def change_a_reason() -> None:
    AuditText.objects.update(text="Something else")


def remove_a_reason() -> None:
    AuditText.objects.all().delete()


def lie_about_the_size() -> None:
    Log.objects.update(size=200)


def lie_about_the_root() -> None:
    Log.objects.update(root=b"x" * 32)


def lie_about_the_frontier() -> None:
    Log.objects.update(frontier=b"x" * 96)


def add_a_tile() -> None:
    TileRow.objects.create(level=0, n=9, data=b"x" * 8192)


TABLE: Mapping[str, tuple[Tampering, set[str]]] = {
    "an old entry": (alter, {"event.altered", "event.columns", "event.tag"}),
    "an entry with its leaf": (alter_with_leaf, {"log.root", "tile", "event.tag"}),
    "an entry, and all rebuilt": (alter_and_rebuild, {"checkpoint.root", "event.tag"}),
    "the last entry with all keys": (alter_with_all_keys, {"fork"}),
    "a column": (change_a_column, {"event.columns"}),
    "the last entry is gone, all rebuilt": (remove_the_last, {"rollback"}),
    "put back to an older checkpoint": (put_back, {"rollback"}),
    "two leaves swapped": (swap_two, {"chain", "log.root"}),
    "a leaf is gone": (remove_a_leaf, {"leaf.gap"}),
    "an event is gone": (remove_an_event, {"event.missing"}),
    "an event forged": (forge, {"event.forged"}),
    "an unsealed event is gone": (remove_unsealed, {"chain"}),
    "a mark is gone": (remove_a_mark, {"event.unqueued"}),
    "a row changed": (change_a_row, {"row.state"}),
    "a row added": (add_a_row, {"row.state"}),
    "a state changed": (change_history, {"history.state"}),
    "states are gone": (remove_history, {"history.state"}),
    "a tile changed": (change_a_tile, {"tile"}),
    "a note changed": (change_a_note, {"checkpoint.signature"}),
    "a checkpoint changed": (change_a_checkpoint, {"checkpoint.columns"}),
    "the newest checkpoint is gone": (remove_the_newest_checkpoint, {"checkpoint.lag"}),
    "an entry twice": (copy_an_entry, {"event.duplicate", "event.columns"}),
    "restarted with all keys": (restart, {"fork", "chain"}),
    "a reason changed": (change_a_reason, {"text.altered"}),
    "a reason is gone": (remove_a_reason, {"text.missing"}),
    "another size": (lie_about_the_size, {"log.size"}),
    "another root": (lie_about_the_root, {"log.root"}),
    "another frontier": (lie_about_the_frontier, {"log.frontier"}),
    "a tile too many": (add_a_tile, {"tile.extra"}),
}
