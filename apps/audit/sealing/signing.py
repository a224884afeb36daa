"""Signs the root of what is sealed, and never two roots that do not go on from each other."""

import logging
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.db import transaction

from apps.audit.log.keys import SigningKey, VerifierKey
from apps.audit.log.notes import BadNote, Checkpoint, opened, signed
from apps.audit.models import Log, SignedCheckpoint
from apps.audit.sealing import keyring, reading, states
from apps.audit.sealing.anchors import Anchor, AnchorAway
from apps.audit.sealing.asking import Asked, all_asked, answer_of
from apps.audit.sealing.states import LogBroken
from apps.core.clock import database_now

logger = logging.getLogger(__name__)

READ_WITHIN = 10.0
"""Seconds within which a place has to say what it holds, before anything is signed."""
MOST_LOOKED_AT = 100

Keys = Callable[[str], Sequence[SigningKey]]
"""Gives the keys that sign for a log, by its name."""


class NoKey(Exception):
    """There is no key to sign the log with."""


def sign(keys: Keys, *, known: Checkpoint | None = None) -> Checkpoint | None:
    """Sign what is sealed and not signed yet; ``known`` is what this process signed last.

    Raises:
        LogBroken: when what is sealed does not go on from what was signed; nothing is signed then.
    """
    with transaction.atomic(durable=True):
        log = states.locked()
        if log is None or log.is_halted or log.size == 0:
            return None
        newest = reading.newest_checkpoint()
        if newest is not None:
            _require_goes_on(log, newest.size, bytes(newest.root))
        if known is not None and known.origin == log.origin:
            _require_goes_on(log, known.size, known.root)
        _require_goes_on(log, log.size, bytes(log.root))
        if newest is not None and newest.size == log.size:
            return None
        checkpoint = Checkpoint(log.origin, log.size, bytes(log.root))
        SignedCheckpoint.objects.create(
            size=log.size,
            root=log.root,
            note=signed(checkpoint.text, keys(log.origin)),
            signed_at=database_now(),
        )
    return checkpoint


def has_unsigned() -> bool:
    """Say whether something is sealed and not signed."""
    sizes = Log.objects.filter(pk=Log.ONLY).values_list("size", flat=True)
    newest = SignedCheckpoint.objects.order_by("-size").values_list("size", flat=True)[:1]
    return any(size > max(newest, default=0) for size in sizes)


def compare(anchors: Sequence[Anchor], keys: Keys) -> None:
    """Hold the database to the newest checkpoint of every place that can be read.

    Raises:
        AnchorAway: when one that is required cannot be read.
        LogBroken: when the database is behind one, or says otherwise.
        NoKey: when there is no key to know our own checkpoints by.
    """
    origin = states.origin()
    verifiers = keyring.verifiers(origin, keys(origin))
    own = _own_newest(origin)
    looks = {
        anchor.name: partial(_look, anchor, origin, verifiers, own)
        for anchor in anchors
        if anchor.reads_back
    }
    asked = all_asked(looks, seconds=READ_WITHIN)
    kept = [(anchor.name, _told(anchor, asked)) for anchor in anchors if anchor.reads_back]
    with transaction.atomic():  # after they were read: nothing kept is younger than the log
        log = states.locked(is_waited_for=True)
        assert log is not None
        for name, checkpoint in kept:
            if checkpoint is not None:
                _require_holds(log, name, checkpoint)


def _require_holds(log: Log, name: str, kept: Checkpoint | int) -> None:
    size = kept if isinstance(kept, int) else kept.size
    if size > log.size:
        raise LogBroken(f"The database is behind {name}: {log.size} < {size}.")
    if isinstance(kept, Checkpoint) and reading.root_at(size) != kept.root:
        raise LogBroken(f"{name} holds another root at {size}.")


def _own_newest(origin: str) -> SignedCheckpoint | None:
    """Return the newest checkpoint of this log under its name of today."""
    newest = reading.newest_checkpoint()
    return newest if newest and newest.note.startswith(f"{origin}\n") else None


def _look(
    anchor: Anchor, origin: str, verifiers: Sequence[VerifierKey], own: SignedCheckpoint | None
) -> Checkpoint | int | None:
    """Return the newest checkpoint of this log that a place holds, or just how large it knows it.

    What this log never signed is told and passed over: it must not hide what lies below it.
    """
    if own is not None:
        size = anchor.size_known(Checkpoint(origin, own.size, bytes(own.root)), own.note)
        if size is not None:
            return size
    for note in islice(anchor.kept(origin), MOST_LOOKED_AT):
        try:
            return opened(note, verifiers)
        except BadNote as problem:
            logger.critical("%s holds what this log never signed: %s", anchor.name, problem)
    return None


def _told(
    anchor: Anchor, asked: Mapping[str, Asked[Checkpoint | int | None]]
) -> Checkpoint | int | None:
    try:
        return answer_of(asked[anchor.name])
    except AnchorAway as problem:
        if anchor.is_required:
            raise
        logger.warning("%s cannot be read: %s", anchor.name, problem)
    return None


def _require_goes_on(log: Log, size: int, root: bytes) -> None:
    if size > log.size:
        raise LogBroken(f"A checkpoint of {size} was signed, and the log ends at {log.size}.")
    if reading.root_at(size) != root:
        raise LogBroken(f"The log has another root at {size} than was signed.")


def kept_keys(origin: str) -> Sequence[SigningKey]:
    """Return the keys in the files the operator named that still sign; the first may be made here.

    Raises:
        NoKey: when a file is not there, cannot be read, or holds no key, or all were replaced.
    """
    files = [Path(name) for name in settings.LOG_KEY_FILES]
    if settings.LOG_KEY_IS_MADE and not files[0].exists():
        make_key(files[0])
    keys = keyring.still_signing((key_in(file, origin) for file in files), now=database_now())
    if not keys:
        raise NoKey("Every key that is named here was replaced. Name the file of the new one.")
    return keys


def key_in(file: Path, origin: str) -> SigningKey:
    """Return the key in a file, under the name of a log.

    Raises:
        NoKey: when there is none.
    """
    return SigningKey(origin, _seed(file))


def make_key(file: Path) -> None:
    """Write a new key to a file that only this account reads; a key that is there stays."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(handle, "w") as written:
        written.write(secrets.token_hex(32))
    with suppress(FileExistsError):  # another process was first; its key holds
        os.link(draft, file)
    draft.unlink()


def _seed(file: Path) -> bytes:
    try:
        seed = bytes.fromhex(file.read_text().strip())
    except (OSError, ValueError) as problem:
        raise NoKey(f"{file} cannot be used to sign the log: {problem}") from None
    if len(seed) != 32:
        raise NoKey(f"{file} holds no key: it takes 64 hexadecimal digits.")
    return seed
