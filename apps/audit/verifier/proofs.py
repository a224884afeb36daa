"""Checks the proof that one entry is in the log: C2SP ``tlog-proof``."""

from __future__ import annotations

import base64
import re

from apps.audit.verifier.entries import read_entry
from apps.audit.verifier.notes import Bad, Checkpoint, Key, open_checkpoint, signers
from apps.audit.verifier.tree import leaf_of, root_by_proof

_WITNESS_KEY = 4
_PROOF = re.compile(
    "c2sp.org/tlog-proof@v1\nindex (0|[1-9][0-9]{0,18})\n((?:[A-Za-z0-9+/]{43}=\n){0,63})\n(.+\n)",
    re.DOTALL,
)


def verify_proof(
    text: str, raw: bytes, keys: list[Key], witnesses: list[Key], quorum: int
) -> tuple[int, Checkpoint]:
    """Return where an entry stands in which log, as a proof shows.

    Raises:
        Bad: when it does not show it.
    """
    found = _PROOF.fullmatch(text)
    if not found:
        raise Bad("this is no proof of an entry")
    read_entry(raw)
    index, lines = int(found[1]), found[2].splitlines()
    checkpoint = open_checkpoint(found[3], keys)
    _, seen = signers(found[3], witnesses)
    if len({key for key in seen if key.kind == _WITNESS_KEY}) < quorum:
        raise Bad(f"fewer than {quorum} of the given witnesses saw it")
    proof = [base64.b64decode(line) for line in lines]
    if root_by_proof(leaf_of(raw), index, checkpoint.size, proof) != checkpoint.root:
        raise Bad("the proof leads to another root than the checkpoint names")
    return index, checkpoint
