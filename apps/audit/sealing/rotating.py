"""Replaces the key that signs the log: the new one is named in the record, under the old one."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from django.db import transaction

from apps.audit.log.keys import SigningKey
from apps.audit.models import Log
from apps.audit.sealing import keyring, signing, states
from apps.audit.sealing.keyring import OVERLAP, Rotation
from apps.audit.sealing.signing import Keys
from apps.audit.sealing.states import LogAction
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import RuleBroken


def rotate(file: Path, keys: Keys, *, by: Actor, second: Actor, reason: str) -> Rotation:
    """Name the key in a file as the one that signs from now on; two people answer for it.

    It is announced first, so that an outcome that was lost stands on record, too.

    Raises:
        RuleBroken: when the people are one, the log cannot go on, or the key is not a new one.
        NoKey: when the file, or the one of the old key, cannot be read.
    """
    _require_two(by, second, reason)
    with transaction.atomic(durable=True):
        log = _open_log()
        rotation = _planned(log, file, keys(log.origin))
        detail = {**rotation.detail, "second": second.id}
        intent = states.announce(log, LogAction.KEY, detail, by=by, reason=reason)
    return _carry_out(rotation, intent.uid, by=by, second=second, reason=reason)


def _carry_out(
    rotation: Rotation, intent: UUID, *, by: Actor, second: Actor, reason: str
) -> Rotation:
    with transaction.atomic(durable=True):
        log = _open_log()
        _require_new(rotation)
        detail = {**rotation.detail, "second": second.id}
        states.write(log, LogAction.KEY, detail, by=by, reason=reason, parent=intent)
    return rotation


def _planned(log: Log, file: Path, own: Sequence[SigningKey]) -> Rotation:
    new = signing.key_in(file, log.origin).verifier
    replaced = tuple(key.verifier for key in own if key.verifier.public != new.public)
    if not replaced:
        raise RuleBroken(f"{file} holds the key that signs now. Make one: manage.py audit make-key")
    rotation = Rotation(new, replaced, database_now() + OVERLAP)
    _require_new(rotation)
    return rotation


def _require_new(rotation: Rotation) -> None:
    named = {key.public for each in keyring.rotations(is_sealed=False) for key in each.keys}
    if rotation.key.public in named:
        raise RuleBroken("The record names this key already. A key is named once and for all.")


def _open_log() -> Log:
    log = states.locked(is_waited_for=True)
    if log is None or log.size == 0:
        raise RuleBroken("Nothing is sealed yet, so there is no key to replace.")
    if log.is_halted:
        raise RuleBroken("The log is halted. Two people open it again: manage.py audit reopen")
    return log


def _require_two(by: Actor, second: Actor, reason: str) -> None:
    if by.id == second.id:
        raise RuleBroken("Two people replace the key of the log.")
    if not reason.strip():
        raise RuleBroken("Give a reason. It is kept for good and shown to auditors.")
