"""Holds a restored record to what is kept elsewhere, and says whether it went back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from apps.audit.log.keys import VerifierKey
from apps.audit.log.notes import BadNote, Checkpoint, Note, opened
from apps.audit.models import Log
from apps.audit.sealing import anchors, keyring, reading
from apps.audit.sealing.anchors import Anchor, AnchorAway
from apps.audit.sealing.states import LogBroken

WENT_BACK = frozenset({"rollback", "fork"})
"""What the verifier calls a record that disagrees with a checkpoint kept elsewhere."""


@dataclass
class Standing:
    """What the places that keep checkpoints say of the record."""

    notes: dict[str, str] = field(default_factory=dict)
    """Those that tell most, by where they were, for the verifier."""
    away: list[str] = field(default_factory=list)
    trouble: str = ""
    """Why the log cannot go on as it was; nothing when all agree."""


def compared(log: Log, keys: Sequence[str]) -> Standing:
    """Hold the log to every place the settings name; one that cannot be read is told of."""
    standing = Standing()
    named = [key.public for rotation in keyring.rotations() for key in rotation.keys]
    verifiers = [
        *map(VerifierKey.read, keys),
        *(VerifierKey(log.origin, public) for public in named),
    ]
    for anchor in anchors.configured():
        try:
            standing.notes |= dict(_telling(anchor, log))
            standing.trouble = standing.trouble or _trouble(anchor, log, verifiers)
        except AnchorAway as problem:
            standing.away.append(f"{anchor.name} cannot be read: {problem}")
    return standing


def _trouble(anchor: Anchor, log: Log, verifiers: Sequence[VerifierKey]) -> str:
    """Say what the sealer would halt for, and of a name it would not look for."""
    following = _next_origin(log.origin)
    if _newest(anchor, following) is not None:
        return f"{anchor.name} knows the log as {following}: it was opened again since."
    note = _newest(anchor, log.origin)
    try:
        kept = None if note is None else opened(note, verifiers)
    except BadNote:
        return ""  # the verifier tells of it; it is no evidence of anything
    if kept is not None and kept.size <= log.size and root_at(kept.size) != kept.root:
        return f"{anchor.name} holds another root at {kept.size}."
    try:
        size = max(_told_size(anchor), kept.size if kept else 0)
    except LogBroken as problem:
        return str(problem)
    return f"The database is behind {anchor.name}: {log.size} < {size}." if size > log.size else ""


def _told_size(anchor: Anchor) -> int:
    """Return how large a place says the log is, when it is one that answers and keeps no notes."""
    newest = reading.newest_checkpoint()
    if newest is None:
        return 0
    checkpoint = Checkpoint.read(Note.read(newest.note).text)
    return anchor.size_known(checkpoint, newest.note) or 0


def _newest(anchor: Anchor, origin: str) -> str | None:
    return next(iter(anchor.kept(origin)), None)


def root_at(size: int) -> bytes | None:
    """Return the root the log had at a size, or None when its rows do not lead to one."""
    try:
        return reading.root_at(size)
    except LogBroken:
        return None


def _telling(anchor: Anchor, log: Log) -> Iterator[tuple[str, str]]:
    """Yield the largest checkpoint a place keeps, and the largest one that the log reaches."""
    for number, note in enumerate(anchor.kept(log.origin)):
        size = _size(note)
        is_reached = size is not None and size <= log.size
        if number == 0 or is_reached:
            yield f"{anchor.name}, {'unreadable' if size is None else f'{size:,} entries'}", note
        if is_reached:
            return


def _size(note: str) -> int | None:
    try:
        return Checkpoint.read(Note.read(note).text).size
    except BadNote:
        return None


def _next_origin(origin: str) -> str:
    name, _, epoch = origin.rpartition("/")
    return f"{name}/{int(epoch) + 1}"
