"""The log of the vectors as an exported folder."""

from collections.abc import Sequence
from pathlib import Path

from apps.audit.entries import leaf_hash
from apps.audit.log.keys import SigningKey
from apps.audit.log.notes import Checkpoint, signed
from apps.audit.log.tiles import bundle, tiles_of
from apps.audit.log.tree import fold
from tests.audit.log.oracle import VECTORS, entries, tree_hash

ORIGIN: str = VECTORS["origin"]
KEY = SigningKey(ORIGIN, bytes.fromhex(VECTORS["log_seed"]))
VKEY: str = VECTORS["log_vkey"]


def note(size: int, *, held: Sequence[bytes] = (), key: SigningKey = KEY) -> str:
    """Return the signed checkpoint of a log of some size."""
    leaves = [leaf_hash(entry) for entry in (held or entries())[:size]]
    return signed(Checkpoint(key.name, size, tree_hash(leaves)).text, [key])


def exported(folder: Path, held: Sequence[bytes] = ()) -> Path:
    """Write a log whose entries are given, or that of the vectors, sealed and signed as it is."""
    raw = list(held or entries())
    leaves = [leaf_hash(entry) for entry in raw]
    files = {"checkpoint": note(len(raw), held=raw).encode()}
    for tile in tiles_of(len(raw)):
        span, first = 256**tile.level, tile.n * 256
        places = range(first, first + tile.width)
        files[tile.path] = b"".join(fold(leaves[at * span : (at + 1) * span]) for at in places)
        if tile.level == 0:
            files[tile.entries_path] = bundle(raw[first : first + tile.width])
    for place, data in files.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(data)
    return folder
