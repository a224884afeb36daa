"""The Merkle tree: RFC 6962 section 2.1, RFC 9162 section 2.1.3.2."""

from __future__ import annotations

import hashlib

from apps.audit.verifier.notes import Bad

HASH = 32


def leaf_of(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def folded(hashes: list[bytes]) -> bytes:
    """Return the root over as many hashes as a complete tree has: a power of two."""
    while len(hashes) > 1:
        hashes = [node(*hashes[at : at + 2]) for at in range(0, len(hashes), 2)]
    return hashes[0]


class Tree:
    """A tree by its complete subtrees, the largest first, each with its height."""

    def __init__(self, parts: list[tuple[int, bytes]] | None = None) -> None:
        self.parts = list(parts or [])

    def push(self, found: bytes, height: int = 0) -> None:
        while self.parts and self.parts[-1][0] == height:
            found, height = node(self.parts.pop()[1], found), height + 1
        self.parts.append((height, found))

    def root(self) -> bytes:
        if not self.parts:
            return hashlib.sha256(b"").digest()
        found = self.parts[-1][1]
        for _, left in reversed(self.parts[:-1]):
            found = node(left, found)
        return found


def root_by_proof(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """Return the root that an inclusion proof leads to."""
    if not 0 <= index < size or any(len(each) != HASH for each in [leaf, *proof]):
        raise Bad(f"a tree of {size} has no such leaf, or a hash has another length")
    place, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise Bad("the proof is too long")
        if place & 1 or place == last:
            found = node(step, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node(found, step)
        place, last = place >> 1, last >> 1
    if last:
        raise Bad("the proof is too short")
    return found
