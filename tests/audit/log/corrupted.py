"""Proofs that hold, and each way of breaking one, by the rules of transparency-dev/merkle.

The rules are those by which that project makes its test data (``cmd/proofgen``); trees, leaves and
proofs are made anew here, from the log of the vectors by the definitions of RFC 6962.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from apps.audit.log.tree import EMPTY
from tests.audit.log.oracle import leaves, path, subproof, tree_hash

WRAPS = 2**64
"""Numbers of 64 bits without a sign: one less than nothing is the largest."""
SOME = hashlib.sha256(b"some hash").digest()
GARBAGE = b""

INCLUDED = [(0, 1), (0, 8), (5, 8), (2, 3), (1, 5), (12, 13), (200, 300)]
GROWN = [(1, 1), (1, 8), (6, 8), (2, 5), (6, 7), (100, 300)]


@dataclass(frozen=True)
class Inclusion:
    """That a leaf is in a tree, and whether that is so."""

    name: str
    index: int
    size: int
    root: bytes
    leaf: bytes
    proof: Sequence[bytes]
    holds: bool = False


@dataclass(frozen=True)
class Consistency:
    """That a tree begins with all of an older one, and whether it does."""

    name: str
    old: int
    new: int
    old_root: bytes
    new_root: bytes
    proof: Sequence[bytes]
    holds: bool = False


def inclusions(index: int, size: int) -> Iterator[Inclusion]:
    """Yield the proof of a leaf, and everything that is nearly it."""
    root = tree_hash(leaves()[:size])
    proof = path(index, leaves()[:size])
    good = Inclusion("good", index, size, root, leaves()[index], proof, holds=True)
    yield good
    bad = replace(good, holds=False)
    yield replace(bad, name="the index before", index=(index - 1) % WRAPS)
    yield replace(bad, name="the index after", index=index + 1)
    yield replace(bad, name="an index with one bit changed", index=index ^ 2)
    yield replace(bad, name="twice the size", size=size * 2)
    yield replace(bad, name="half the size", size=size // 2)
    yield replace(bad, name="a leaf that is no hash", leaf=b"WrongLeaf")
    yield replace(bad, name="the root of nothing", root=EMPTY)
    yield replace(bad, name="some root", root=SOME)
    yield from (replace(bad, name=name, proof=wrong) for name, wrong in _wrong(proof, root))
    if len(proof) > 1:
        wrong = [proof[0], SOME, *proof[1:]]
        yield replace(bad, name="a hash put in", proof=wrong)


def consistencies(old: int, new: int) -> Iterator[Consistency]:
    """Yield the proof that a tree grew, and everything that is nearly it."""
    roots = tree_hash(leaves()[:old]), tree_hash(leaves()[:new])
    proof = subproof(old, leaves()[:new])
    good = Consistency("good", old, new, *roots, proof, holds=True)
    yield good
    if not proof:
        return
    bad = replace(good, holds=False)
    yield replace(bad, name="one less before", old=old - 1)
    yield replace(bad, name="one more before", old=old + 1)
    yield replace(bad, name="an old size with one bit changed", old=old ^ 2)
    yield replace(bad, name="twice the size", new=new * 2)
    yield replace(bad, name="half the size", new=new // 2)
    yield replace(bad, name="an old root that is no hash", old_root=b"WrongRoot")
    yield replace(bad, name="a new root that is no hash", new_root=b"WrongRoot")
    yield replace(bad, name="the roots exchanged", old_root=roots[1], new_root=roots[0])
    yield replace(bad, name="no hash at all", proof=[])
    yield replace(bad, name="its first hash twice", proof=[proof[0], *proof])
    yield from (replace(bad, name=name, proof=wrong) for name, wrong in _wrong(proof, *roots))


def _wrong(proof: Sequence[bytes], *roots: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Yield a proof with something before it, behind it, gone from it, or changed in it."""
    for more, told in ((GARBAGE, "nothing"), *((root, "a root") for root in roots)):
        yield f"{told} behind it", [*proof, more]
        yield f"{told} before it", [more, *proof]
    if proof:
        yield "its last hash gone", list(proof[:-1])
    for place, found in enumerate(proof):
        changed = bytes([found[0] ^ 8]) + found[1:]
        yield f"a bit of hash {place}", [*proof[:place], changed, *proof[place + 1 :]]


def single_leaves() -> Iterator[Inclusion]:
    """Yield what can be said of trees with one leaf, or none, without a hash in between."""
    for index, size in ((0, 0), (0, 1), (1, 0), (2, 1)):
        where = f"leaf {index} of {size}"
        yield Inclusion(f"{where}: some leaf, no root", index, size, b"", SOME, [])
        yield Inclusion(f"{where}: no leaf, the root of nothing", index, size, EMPTY, b"", [])
        yield Inclusion(f"{where}: some leaf, the root of nothing", index, size, EMPTY, SOME, [])
    own = leaves()[0]
    yield Inclusion("a leaf that is its root", 0, 1, own, own, [], holds=True)
    yield Inclusion("no leaf", 0, 1, own, b"", [])
    yield Inclusion("no root", 0, 1, b"", own, [])
    yield Inclusion("neither", 0, 1, b"", b"", [])


def equal_and_empty() -> Iterator[Consistency]:
    """Yield what can be said of trees that are as large as each other, empty, or turned around."""
    one, other = leaves()[0], leaves()[1]
    yield Consistency("one leaf, and the same", 1, 1, one, one, [], holds=True)
    for old, new, roots, proof in (
        (0, 0, (one, other), []),
        (1, 1, (one, other), []),
        (0, 0, (one, one), []),
        (0, 1, (one, other), []),
        (1, 0, (one, other), []),
        (2, 1, (one, other), []),
        (1, 2, (one, other), []),
        (0, 0, (EMPTY, other), []),
        (1, 1, (EMPTY, other), []),
        (0, 0, (EMPTY, EMPTY), [EMPTY]),
        (1, 1, (EMPTY, EMPTY), [EMPTY]),
        (0, 1, (EMPTY, other), []),
        (0, 1, (EMPTY, EMPTY), [EMPTY]),
    ):
        yield Consistency(f"{old} to {new}, {len(proof)} hashes", old, new, *roots, proof)
