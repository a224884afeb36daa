"""The tree as RFC 6962 section 2.1 writes it down: recursive, over all leaves, with no short cut.

It is held against the log's own code, with which it has nothing in common.
"""

import hashlib
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "audit_vectors.json").read_text(encoding="utf-8")
)


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """MTH: the root over some leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = largest_power_below(len(leaves))
    return hashlib.sha256(b"\x01" + tree_hash(leaves[:k]) + tree_hash(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH: the inclusion proof of leaf m."""
    if len(leaves) == 1:
        return []
    k = largest_power_below(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), tree_hash(leaves[k:])]
    return [*path(m - k, leaves[k:]), tree_hash(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], *, is_known: bool = True) -> list[bytes]:
    """SUBPROOF: the consistency proof of the first m leaves."""
    if m == len(leaves):
        return [] if is_known else [tree_hash(leaves)]
    k = largest_power_below(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], is_known=is_known), tree_hash(leaves[k:])]
    return [*subproof(m - k, leaves[k:], is_known=False), tree_hash(leaves[:k])]


def largest_power_below(number: int) -> int:
    k = 1
    while k * 2 < number:
        k *= 2
    return k


def entry(index: int) -> bytes:
    """Return an entry of the log of the vectors, by their rule for those they leave out."""
    for vector in VECTORS["entries"]:
        if vector["index"] == index:
            return str(vector["entry"]).encode()
    assert 7 < index < 300
    text = next(each["entry"] for each in VECTORS["entries"] if each["index"] == 7)
    made = json.loads(text)
    made["id"] = f"019a0000-0000-7000-8000-{index:012x}"
    made["time"] = f"2026-11-23T12:00:{index % 60:02}.{index:06}Z"
    made["request"] = f"019a0000-0000-7000-8000-{1000 + index:012x}"
    made["subject"] = {"id": f"art_{index}", "type": "artifact"}
    made["detail"] = {"n": index}
    return json.dumps(made, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


@cache
def entries() -> tuple[bytes, ...]:
    """Return all 300 entries of the log of the vectors."""
    return tuple(entry(index) for index in range(300))


@cache
def leaves() -> tuple[bytes, ...]:
    return tuple(hashlib.sha256(b"\x00" + each).digest() for each in entries())
