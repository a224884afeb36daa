"""Every proof that is nearly one is refused, by the log's own code and by the verifier's."""

import base64
from collections.abc import Iterator
from functools import cache

import pytest

from apps.audit.log.keys import SigningKey
from apps.audit.log.notes import Checkpoint, signed
from apps.audit.log.tree import BrokenProof, require_consistency, require_inclusion
from apps.audit.verifier import notes
from apps.audit.verifier.ed25519 import is_signed
from apps.audit.verifier.notes import Bad, Key, read_key
from apps.audit.verifier.proofs import verify_proof
from apps.audit.verifier.tree import root_by_proof
from tests.audit.log.corrupted import (
    GROWN,
    INCLUDED,
    Consistency,
    Inclusion,
    consistencies,
    equal_and_empty,
    inclusions,
    single_leaves,
)
from tests.audit.log.oracle import VECTORS, entries

KEY = SigningKey(VECTORS["origin"], bytes.fromhex(VECTORS["log_seed"]))
KEYS: list[Key] = [read_key(VECTORS["log_vkey"])]


def all_inclusions() -> Iterator[Inclusion]:
    for index, size in INCLUDED:
        yield from inclusions(index, size)
    yield from single_leaves()


def all_consistencies() -> Iterator[Consistency]:
    for old, new in GROWN:
        yield from consistencies(old, new)
    yield from equal_and_empty()


def includes_for_the_log(case: Inclusion) -> bool:
    try:
        require_inclusion(case.leaf, case.index, case.size, case.proof, case.root)
    except BrokenProof:
        return False
    return True


def includes_for_the_verifier(case: Inclusion) -> bool:
    try:
        return root_by_proof(case.leaf, case.index, case.size, list(case.proof)) == case.root
    except Bad:
        return False


def is_consistent(case: Consistency) -> bool:
    try:
        require_consistency(case.old, case.new, case.old_root, case.new_root, case.proof)
    except BrokenProof:
        return False
    return True


def as_text(case: Inclusion) -> str:
    """Return a case as the text of a proof, under a checkpoint that the log signed."""
    lines = "".join(f"{base64.b64encode(each).decode()}\n" for each in case.proof)
    note = signed(Checkpoint(KEY.name, case.size, case.root).text, [KEY])
    return f"c2sp.org/tlog-proof@v1\nindex {case.index}\n{lines}\n{note}"


def test_there_are_good_and_bad_proofs_of_every_kind() -> None:
    told: list[Inclusion | Consistency] = [*all_inclusions(), *all_consistencies()]
    assert len(told) > 200
    assert sum(case.holds for case in told) == len(INCLUDED) + len(GROWN) + 2


def test_only_the_proof_of_a_leaf_shows_it_in_its_tree() -> None:
    for case in all_inclusions():
        assert includes_for_the_log(case) == case.holds, case
        assert includes_for_the_verifier(case) == case.holds, case


def test_only_the_proof_of_its_growth_shows_a_tree_to_begin_with_another() -> None:
    for case in all_consistencies():
        assert is_consistent(case) == case.holds, case


@pytest.mark.parametrize(("index", "size"), [(0, 1), (5, 8), (12, 13), (200, 300)])
def test_no_text_of_a_corrupted_proof_proves_an_entry(
    monkeypatch: pytest.MonkeyPatch, index: int, size: int
) -> None:
    monkeypatch.setattr(notes, "is_signed", cache(is_signed))
    for case in inclusions(index, size):
        if case.name == "a leaf that is no hash":
            continue  # the verifier hashes the entry itself
        if case.holds:
            found = verify_proof(as_text(case), entries()[index], KEYS, [], 0)
            assert (found[0], found[1].size) == (index, size)
            continue
        with pytest.raises(Bad):
            verify_proof(as_text(case), entries()[index], KEYS, [], 0)
