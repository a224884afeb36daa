"""The Merkle tree of the log: RFC 6962 section 2.1, with the checks of RFC 9162 section 2.1."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Self

HASH = 32
"""How many bytes a hash has."""
EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""

Nodes = Callable[[int, int], bytes]
"""Gives the hash over the ``2**level`` leaves that begin at ``index * 2**level``."""


class BrokenProof(ValueError):
    """A proof does not lead from what it claims to the root it was given."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over hashes whose number is a power of two."""
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [node_hash(left, right) for left, right in pairs]
    return hashes[0]


class Frontier:
    """The right edge of a tree: all that is needed to add leaves and to know its root."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        self.size = size
        self._hashes = list(hashes)

    @classmethod
    def of(cls, size: int, data: bytes) -> Self:
        """Read a frontier from its bytes.

        Raises:
            ValueError: when there are not as many hashes as a tree of that size has.
        """
        if size < 0 or len(data) != size.bit_count() * HASH:
            raise ValueError(f"{len(data)} bytes are not the frontier of {size} leaves")
        return cls(size, [data[at : at + HASH] for at in range(0, len(data), HASH)])

    @property
    def data(self) -> bytes:
        """The hashes one after the other, the largest subtree first."""
        return b"".join(self._hashes)

    def add(self, leaf: bytes) -> None:
        """Take in the hash of the next leaf."""
        number, found = self.size, leaf
        while number & 1:
            found = node_hash(self._hashes.pop(), found)
            number >>= 1
        self._hashes.append(found)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over all leaves taken in."""
        return _folded_right(self._hashes)


def root_of(size: int, nodes: Nodes) -> bytes:
    """Return the root over the first leaves of a tree."""
    return _range_hash(0, size, nodes)


def inclusion(index: int, size: int, nodes: Nodes) -> list[bytes]:
    """Return the proof that a leaf is in a tree, from the leaf up."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} has no leaf {index}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_hash(middle, end, nodes))
            end = middle
        else:
            path.append(_range_hash(start, middle, nodes))
            start = middle
    return path[::-1]


def consistency(old: int, new: int, nodes: Nodes) -> list[bytes]:
    """Return the proof that a tree begins with all of an older one."""
    if not 0 < old <= new:
        raise ValueError(f"a tree of {new} does not go on from one of {old}")
    path: list[bytes] = []
    start, end = 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_range_hash(middle, end, nodes))
            end = middle
        else:
            path.append(_range_hash(start, middle, nodes))
            start = middle
    if start:  # an old tree that is no subtree of the new one comes first
        path.append(_range_hash(start, old, nodes))
    return path[::-1]


def require_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Refuse a proof that does not show a leaf in a tree: RFC 9162 section 2.1.3.2.

    Raises:
        BrokenProof: when it does not.
    """
    _require_hashes(leaf, root, *proof)
    if not 0 <= index < size:
        raise BrokenProof(f"a tree of {size} has no leaf {index}")
    place, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise BrokenProof("the proof is too long")
        if place & 1 or place == last:
            found = node_hash(step, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    if last:
        raise BrokenProof("the proof is too short")
    if found != root:
        raise BrokenProof("the proof leads to another root")


def require_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Refuse a proof that does not show one tree at the start of another: RFC 9162, 2.1.4.2.

    Raises:
        BrokenProof: when it does not.
    """
    _require_hashes(old_root, new_root, *proof)
    if not 0 < old <= new:
        raise BrokenProof(f"a tree of {new} does not go on from one of {old}")
    if old == new:
        if proof or old_root != new_root:
            raise BrokenProof("two trees of one size have two roots")
        return
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        raise BrokenProof("the proof is too short")
    roots = _both_roots(old, new, path)
    if roots != (old_root, new_root):
        raise BrokenProof("the proof leads to other roots")


def _both_roots(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the roots of the older and the newer tree that a consistency path leads to."""
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    older = newer = path[0]
    for step in path[1:]:
        if last == 0:
            raise BrokenProof("the proof is too long")
        if place & 1 or place == last:
            older, newer = node_hash(step, older), node_hash(step, newer)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            newer = node_hash(newer, step)
        place, last = place >> 1, last >> 1
    if last:
        raise BrokenProof("the proof is too short")
    return older, newer


def _require_hashes(*hashes: bytes) -> None:
    if any(len(each) != HASH for each in hashes):
        raise BrokenProof(f"a hash has {HASH} bytes")


def _split(size: int) -> int:
    """Return the largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1


def _range_hash(start: int, end: int, nodes: Nodes) -> bytes:
    """Return the root over some leaves that form a subtree of the whole, which may be ragged."""
    return _folded_right([nodes(level, index) for level, index in _subtrees(start, end)])


def _subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the complete subtrees that some leaves are made of, the largest first."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def _folded_right(hashes: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees of falling size."""
    if not hashes:
        return EMPTY
    *rest, found = hashes
    for left in reversed(rest):
        found = node_hash(left, found)
    return found
