"""The tree: as the vectors have it, as RFC 6962 defines it, and refused when it is not that."""

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.entries import leaf_hash
from apps.audit.log.tree import (
    EMPTY,
    BrokenProof,
    Frontier,
    consistency,
    fold,
    inclusion,
    require_consistency,
    require_inclusion,
    root_of,
)
from tests.audit.log.oracle import VECTORS, entries, leaves, path, subproof, tree_hash

MOST = 300
sizes = st.integers(1, MOST)


def node(level: int, index: int) -> bytes:
    """Return the hash of a complete subtree of the log of the vectors."""
    return fold(leaves()[index << level : (index + 1) << level])


def in_hex(hashes: list[bytes]) -> list[str]:
    return [each.hex() for each in hashes]


def grown(size: int) -> Frontier:
    frontier = Frontier()
    for leaf in leaves()[:size]:
        frontier.add(leaf)
    return frontier


def test_the_entries_have_the_leaves_of_the_vectors() -> None:
    for vector in VECTORS["entries"]:
        index = vector["index"]
        assert leaf_hash(entries()[index]).hex() == leaves()[index].hex() == vector["leaf_hash"]


@pytest.mark.parametrize("size", VECTORS["roots"])
def test_a_log_of_the_vectors_has_their_root(size: str) -> None:
    assert grown(int(size)).root().hex() == VECTORS["roots"][size]
    assert root_of(int(size), node).hex() == VECTORS["roots"][size]


@pytest.mark.parametrize("vector", VECTORS["inclusion"], ids=lambda each: str(each["index"]))
def test_an_inclusion_proof_is_that_of_the_vector_and_holds(vector: dict[str, Any]) -> None:
    index, size = vector["index"], vector["size"]
    proof = inclusion(index, size, node)
    assert in_hex(proof) == vector["proof"]
    require_inclusion(leaves()[index], index, size, proof, root_of(size, node))


@pytest.mark.parametrize("vector", VECTORS["consistency"], ids=lambda each: str(each["old"]))
def test_a_consistency_proof_is_that_of_the_vector_and_holds(vector: dict[str, Any]) -> None:
    old, new = vector["old"], vector["new"]
    proof = consistency(old, new, node)
    assert in_hex(proof) == vector["proof"]
    require_consistency(old, new, root_of(old, node), root_of(new, node), proof)


@given(sizes)
def test_a_frontier_has_the_root_rfc_6962_defines_and_survives_being_stored(size: int) -> None:
    frontier = grown(size)
    assert frontier.root() == tree_hash(leaves()[:size])
    again = Frontier.of(size, frontier.data)
    again.add(EMPTY)
    assert again.root() == tree_hash([*leaves()[:size], EMPTY])


def test_a_frontier_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="not the frontier"):
        Frontier.of(6, grown(7).data)


@given(st.data())
def test_any_inclusion_proof_is_that_of_rfc_6962_and_holds(data: st.DataObject) -> None:
    size = data.draw(sizes)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion(index, size, node)
    assert proof == path(index, leaves()[:size])
    require_inclusion(leaves()[index], index, size, proof, tree_hash(leaves()[:size]))


@given(st.data())
def test_any_consistency_proof_is_that_of_rfc_6962_and_holds(data: st.DataObject) -> None:
    new = data.draw(sizes)
    old = data.draw(st.integers(1, new))
    proof = consistency(old, new, node)
    assert proof == subproof(old, leaves()[:new])
    require_consistency(old, new, tree_hash(leaves()[:old]), tree_hash(leaves()[:new]), proof)


def changed(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    """Return a proof with one hash changed, taken out, doubled, cut, or moved."""
    how = data.draw(st.sampled_from(["bit", "gone", "twice", "more", "short", "turned"]))
    place = data.draw(st.integers(0, len(proof) - 1))
    if how == "bit":
        flipped = bytes([proof[place][0] ^ 1]) + proof[place][1:]
        return [*proof[:place], flipped, *proof[place + 1 :]]
    if how == "gone":
        return proof[:place] + proof[place + 1 :]
    if how == "twice":
        return [*proof[: place + 1], *proof[place:]]
    if how == "more":
        return [*proof, EMPTY]
    if how == "short":
        return [*proof[:place], proof[place][:31], *proof[place + 1 :]]
    return proof[::-1]


@given(st.data())
def test_a_changed_inclusion_proof_is_refused(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, MOST))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion(index, size, node)
    wrong = changed(proof, data)
    if wrong != proof:
        with pytest.raises(BrokenProof):
            require_inclusion(leaves()[index], index, size, wrong, root_of(size, node))


@given(st.data())
def test_a_changed_consistency_proof_is_refused(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, MOST))
    old = data.draw(st.integers(1, new - 1))
    proof = consistency(old, new, node)
    wrong = changed(proof, data)
    if wrong != proof:
        with pytest.raises(BrokenProof):
            require_consistency(old, new, root_of(old, node), root_of(new, node), wrong)


@given(st.data())
def test_a_proof_holds_for_no_other_leaf_place_or_root(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, MOST))
    index, other = (data.draw(st.integers(0, size - 1)) for _ in range(2))
    proof, root = inclusion(index, size, node), root_of(size, node)
    if other != index:
        with pytest.raises(BrokenProof):
            require_inclusion(leaves()[other], index, size, proof, root)
        with pytest.raises(BrokenProof):
            require_inclusion(leaves()[index], other, size, proof, root)
    with pytest.raises(BrokenProof):
        require_inclusion(leaves()[index], index, size, proof, hashlib.sha256(root).digest())


@pytest.mark.parametrize(("index", "size"), [(-1, 7), (7, 7), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="has no leaf"):
        inclusion(index, size, node)
    with pytest.raises(BrokenProof):
        require_inclusion(leaves()[0], index, size, [], EMPTY)


@pytest.mark.parametrize(("old", "new"), [(0, 7), (8, 7), (-1, 7)])
def test_a_log_that_does_not_go_on_from_the_old_one_has_no_proof(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="does not go on"):
        consistency(old, new, node)
    with pytest.raises(BrokenProof):
        require_consistency(old, new, EMPTY, EMPTY, [])


def test_two_roots_of_one_size_are_refused() -> None:
    with pytest.raises(BrokenProof):
        require_consistency(7, 7, root_of(7, node), EMPTY, [])
    with pytest.raises(BrokenProof):
        require_consistency(7, 7, EMPTY, EMPTY, [EMPTY])
