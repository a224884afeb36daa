"""Signed notes and the checkpoints in them: C2SP ``signed-note`` and ``tlog-checkpoint``."""

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from apps.audit.log.tree import HASH

DASH = "\N{EM DASH}"
MOST_SIGNATURES = 100
_SIGNATURE = re.compile(rf"{DASH} ([^\s+]+) ([A-Za-z0-9+/]+={{0,2}})")
_CHECKPOINT = re.compile(r"([^\s+]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class BadNote(ValueError):
    """A text is no signed note, no checkpoint, or nobody known signed it."""


class Signs(Protocol):
    """A key that signs notes."""

    @property
    def name(self) -> str: ...
    @property
    def key_id(self) -> bytes: ...
    def sign(self, text: str) -> bytes: ...


class Verifies(Protocol):
    """A key that knows its own signatures."""

    @property
    def name(self) -> str: ...
    @property
    def key_id(self) -> bytes: ...
    def is_signed(self, text: str, signature: bytes) -> bool: ...


@dataclass(frozen=True)
class Signature:
    """One line under a note: whose key, and what it made of the text."""

    name: str
    key_id: bytes
    data: bytes

    @property
    def line(self) -> str:
        return f"{DASH} {self.name} {base64.b64encode(self.key_id + self.data).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A text and the signatures under it."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def read(cls, note: str) -> Self:
        """Take a note apart.

        Raises:
            BadNote: when it is not one.
        """
        text, gap, lines = note.rpartition("\n\n")
        found = [_SIGNATURE.fullmatch(line) for line in lines.removesuffix("\n").split("\n")]
        is_ended = bool(gap) and lines.endswith("\n") and not _CONTROL.search(note)
        if not is_ended or not text or len(found) > MOST_SIGNATURES:
            raise BadNote("This is no signed note.")
        return cls(text + "\n", tuple(map(_signature, found)))

    def signed_by(self, key: Verifies) -> bool:
        """Say whether a key signed it.

        Raises:
            BadNote: when it bears a signature in the key's name that the key never made.
        """
        own = [one for one in self.signatures if (one.name, one.key_id) == (key.name, key.key_id)]
        if not all(key.is_signed(self.text, one.data) for one in own):
            raise BadNote(f"A signature of {key.name} is wrong.")
        return bool(own)

    def require_signed(self, keys: Sequence[Verifies]) -> None:
        """Refuse a note that none of some keys signed.

        Raises:
            BadNote: when none did.
        """
        signed_by = [self.signed_by(key) for key in keys]  # all are asked: none may be wrong
        if not any(signed_by):
            raise BadNote("No known key signed this note.")


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself: its name, how many leaves it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def read(cls, text: str) -> Self:
        """Read the text of a note as a checkpoint.

        Raises:
            BadNote: when it is none, or has lines this log never writes.
        """
        found = _CHECKPOINT.fullmatch(text)
        if not found:
            raise BadNote("This note is no checkpoint.")
        checkpoint = cls(found[1], int(found[2]), base64.b64decode(found[3]))
        if len(checkpoint.root) != HASH or checkpoint.text != text:
            raise BadNote("This note is no checkpoint.")
        return checkpoint


def signed(text: str, keys: Iterable[Signs]) -> str:
    """Return a text with the signatures of some keys under it."""
    lines = (Signature(key.name, key.key_id, key.sign(text)).line for key in keys)
    return f"{text}\n{''.join(lines)}"


def opened(note: str, keys: Sequence[Verifies]) -> Checkpoint:
    """Return the checkpoint in a note that one of some keys signed.

    Raises:
        BadNote: when it is none, or none of them did.
    """
    read = Note.read(note)
    read.require_signed(keys)
    return Checkpoint.read(read.text)


def _signature(found: re.Match[str] | None) -> Signature:
    if found is None:
        raise BadNote("This is no signed note.")
    try:
        data = base64.b64decode(found[2], validate=True)
    except binascii.Error:
        raise BadNote("A signature is not in base64.") from None
    if len(data) < 5:
        raise BadNote("A signature is too short.")
    return Signature(found[1], data[:4], data[4:])
