"""Looks at events one by one, each by itself, in this process or in several beside it.

This module needs no more of Signet than the verifier: a process beside begins with little, and
has nothing to do with the database, which one reader reads in one moment.
"""

import hashlib
import hmac
import marshal
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import cycle, islice
from typing import Any, NamedTuple

from apps.audit.verifier.bundles import Helper, started, stop
from apps.audit.verifier.entries import read_entry
from apps.audit.verifier.notes import Bad
from apps.audit.verifier.tree import leaf_of

_AT_ONCE = 256
_CONTEXT = b"registry-audit-mac/1\n"

Keys = Mapping[int, bytes]


class Stored(NamedTuple):
    """An event as its row holds it, in values that travel between processes quickly."""

    pk: int
    uid: str
    entry: bytes
    tag: bytes
    tag_key: int
    action: str
    outcome: str
    actor_id: str
    subject_type: str
    subject_id: str
    chain_root: str | None
    chain_rev: int | None
    parent_uid: str | None
    seq: int | None
    """Its place in the log, if it is sealed."""
    kept: bytes
    """The leaf that the log keeps of it."""

    @classmethod
    def of(cls, cells: Sequence[Any], seq: int | None = None, kept: bytes = b"") -> "Stored":
        """Return what a row holds; ``cells`` are its columns in the order of the fields here."""
        stored = cls._make([*cells, seq, kept])
        return stored._replace(
            uid=str(stored.uid),
            entry=bytes(stored.entry),
            tag=bytes(stored.tag),
            parent_uid=str(stored.parent_uid) if stored.parent_uid else None,
        )


class Look(NamedTuple):
    """What can be said of an event without any other."""

    leaf: bytes
    is_tagged: bool
    is_repeated: bool
    """Whether its columns say what its entry does."""
    entry: dict[str, Any] | None
    problem: str
    """Why there is no entry to be read."""


def look_at(stored: Stored, keys: Keys) -> Look:
    """Look at one event."""
    leaf, is_tagged = leaf_of(stored.entry), _is_tagged(stored, keys)
    try:
        entry = read_entry(stored.entry)
    except Bad as problem:
        return Look(leaf, is_tagged, is_repeated=False, entry=None, problem=str(problem))
    return Look(leaf, is_tagged, _is_repeated(stored, entry), entry, "")


def glance_at(stored: Stored) -> Look:
    """Look at no more of an event than its bytes."""
    return Look(leaf_of(stored.entry), is_tagged=True, is_repeated=True, entry=None, problem="")


def looks(
    events: Iterable[Stored], keys: Keys, processes: int
) -> Generator[tuple[Stored, Look], None, None]:
    """Yield events in their order, each with the look; how many processes look changes nothing."""
    helpers = started(_help, [(dict(keys),)] * processes, duplex=True)
    try:
        if helpers:
            yield from _taking_turns(helpers, iter(events), keys)
        else:
            yield from _here(events, keys)
    finally:
        for helper in helpers:
            stop(helper)


def _here(events: Iterable[Stored], keys: Keys) -> Iterator[tuple[Stored, Look]]:
    return ((stored, look_at(stored, keys)) for stored in events)


def _taking_turns(
    helpers: list[Helper], events: Iterator[Stored], keys: Keys
) -> Iterator[tuple[Stored, Look]]:
    """Lend some events to each process in turn.

    None is lent more before it gave back what it has, so that no two wait for each other.
    """
    lent: deque[tuple[list[Stored], Helper | None]] = deque()
    turns = cycle(helpers)
    while batch := list(islice(events, _AT_ONCE)):
        if len(lent) == len(helpers):
            yield from _given_back(*lent.popleft(), keys)
        helper = next(turns)
        lent.append((batch, helper if _is_lent(helper, batch) else None))
    while lent:
        yield from _given_back(*lent.popleft(), keys)


def _is_lent(helper: Helper, batch: list[Stored]) -> bool:
    try:
        _send(helper.end, batch)
    except OSError:
        return False
    return True


def _given_back(
    batch: list[Stored], helper: Helper | None, keys: Keys
) -> Iterator[tuple[Stored, Look]]:
    """Return a batch with the looks; where its process is gone, it is looked at here."""
    if helper:
        with suppress(EOFError, OSError):
            return zip(batch, (Look(*told) for told in _received(helper.end)), strict=True)
    return _here(batch, keys)


def _help(end: Any, own: Any, keys: Keys) -> None:
    """Look at what is lent, in a process beside, until nobody lends more."""
    end.close()  # so that it is seen here when nobody lends any more
    with suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            _send(own, (look_at(Stored(*told), keys) for told in _received(own)))


def _send(end: Any, told: Iterable[tuple[Any, ...]]) -> None:
    """Send tuples of plain values, in half the time that other values take."""
    end.send_bytes(marshal.dumps([tuple(each) for each in told]))


def _received(end: Any) -> list[tuple[Any, ...]]:
    # What comes from a process of our own is no more to be feared than we are.
    told: list[tuple[Any, ...]] = marshal.loads(end.recv_bytes())  # noqa: S302  # nosec B302
    return told


def _is_tagged(stored: Stored, keys: Keys) -> bool:
    key = keys.get(stored.tag_key)
    if key is None:
        return False
    own = hmac.new(key, _CONTEXT + stored.entry, hashlib.sha256).digest()
    return hmac.compare_digest(stored.tag, own)


def _is_repeated(stored: Stored, entry: dict[str, Any]) -> bool:
    link = entry["chain"] or {"root": None, "rev": None}
    told = (
        entry["id"],
        entry["action"],
        entry["outcome"],
        entry["actor"].get("id"),
        entry["subject"].get("type"),
        entry["subject"].get("id"),
        link["root"],
        link["rev"],
        entry["parent"],
    )
    return told == (
        stored.uid,
        stored.action,
        stored.outcome,
        stored.actor_id,
        stored.subject_type,
        stored.subject_id,
        stored.chain_root,
        stored.chain_rev,
        stored.parent_uid,
    )
