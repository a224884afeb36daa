"""Keys, signed notes and checkpoints, as C2SP has them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import NamedTuple

from apps.audit.verifier.ed25519 import is_signed

_CHECKPOINT = re.compile(r"([^\s+]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n")
_SIGNATURE = re.compile("\N{EM DASH} ([^\\s+]+) ([A-Za-z0-9+/]+={0,2})")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_LOG, _WITNESS = 1, 4


class Bad(ValueError):
    """Something is not what it has to be; the message says what."""


class Finding(NamedTuple):
    """One thing that is wrong: its name, where it is, and in words."""

    name: str
    place: str
    words: str


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes


class Key(NamedTuple):
    """A published key: ``name+id+key``; kind 1 signs for a log, kind 4 for a witness."""

    name: str
    key_id: bytes
    kind: int
    public: bytes

    def has_signed(self, text: str, data: bytes) -> bool:
        message, signature = text.encode(), data
        if self.kind == _WITNESS:
            seconds, signature = int.from_bytes(data[:8], "big"), data[8:]
            message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
        return is_signed(self.public, message, signature)


def read_key(text: str) -> Key:
    """Read a published key, whose id has to be its own."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        data = base64.b64decode(encoded, validate=True)
        given = bytes.fromhex(key_id)
    except (ValueError, binascii.Error):
        raise Bad(f"{text!r} is no key") from None
    own = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    if len(data) != 33 or data[0] not in {_LOG, _WITNESS} or own != given:
        raise Bad(f"{text!r} is no key of a kind known here")
    return Key(name, given, data[0], data[1:])


def signers(note: str, keys: list[Key]) -> tuple[str, list[Key]]:
    """Return the text of a note and which keys signed it; a wrong signature is refused."""
    text, gap, lines = note.rpartition("\n\n")
    text += "\n"
    if not gap or not lines.endswith("\n") or _CONTROL.search(note):
        raise Bad("this is no signed note")
    found = []
    for line in lines[:-1].split("\n"):
        parts = _SIGNATURE.fullmatch(line)
        if not parts or len(parts[2]) % 4:
            raise Bad("this is no signed note")
        data = base64.b64decode(parts[2])
        for key in keys:
            if (key.name, key.key_id) == (parts[1], data[:4]):
                if not key.has_signed(text, data[4:]):
                    raise Bad(f"the signature of {key.name} is wrong")
                found.append(key)
    return text, found


def read_checkpoint(text: str) -> Checkpoint:
    """Read the text of a note as a checkpoint."""
    found = _CHECKPOINT.fullmatch(text)
    if not found or base64.b64encode(base64.b64decode(found[3])).decode() != found[3]:
        raise Bad("this is no checkpoint")
    return Checkpoint(found[1], int(found[2]), base64.b64decode(found[3]))


def open_checkpoint(note: str, keys: list[Key]) -> Checkpoint:
    """Return the checkpoint in a note that the log of its name signed."""
    text, found = signers(note, keys)
    checkpoint = read_checkpoint(text)
    if not any(key.kind == _LOG and key.name == checkpoint.origin for key in found):
        raise Bad(f"no given key of {checkpoint.origin} signed it")
    return checkpoint
