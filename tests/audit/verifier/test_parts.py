"""The verifier's own pieces, held to the vectors and to code that is not its own."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.audit.verifier.ed25519 import is_signed
from apps.audit.verifier.entries import Chains, read_entry
from apps.audit.verifier.notes import Bad, open_checkpoint, read_key, signers
from apps.audit.verifier.proofs import verify_proof
from apps.audit.verifier.tree import Tree, leaf_of, root_by_proof
from apps.core.digests import NotCanonical, canonical
from tests.audit.log.oracle import VECTORS, entries, leaves, path, tree_hash
from tests.audit.test_entries import REFUSED, plain

LOG = read_key(VECTORS["log_vkey"])
WITNESS = read_key(VECTORS["witness_vkey"])
PROOF: str = VECTORS["tlog_proof"]["text"]

# RFC 8032 section 7.1, tests 1 to 3: public key, message, signature
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
            "f9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0"
            "f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984"
            "dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_the_signatures_of_rfc_8032_hold(public: str, message: str, signature: str) -> None:
    assert is_signed(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


@settings(max_examples=15)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.data())
def test_signatures_of_openssl_hold_and_changed_ones_do_not(
    seed: bytes, message: bytes, data: st.DataObject
) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert is_signed(public, message, signature)
    bit = data.draw(st.integers(0, 511))
    changed = bytearray(signature)
    changed[bit // 8] ^= 1 << bit % 8
    assert not is_signed(public, message, bytes(changed))
    assert not is_signed(public, message + b"x", signature)


def test_what_is_no_key_or_no_signature_signs_nothing() -> None:
    public, message, signature = (bytes.fromhex(part) for part in RFC_8032[1])
    order = 2**252 + 27742317777372353535851937790883648493
    s = int.from_bytes(signature[32:], "little")
    malleable = signature[:32] + (s + order).to_bytes(32, "little")
    assert not is_signed(public, message, malleable)
    assert not is_signed(b"\xff" * 32, message, signature)
    assert not is_signed(public[:31], message, signature)
    assert not is_signed(public, message, signature[:63])


def test_the_checkpoints_of_the_vectors_open_and_their_witness_is_seen() -> None:
    for vector in VECTORS["checkpoints"]:
        assert open_checkpoint(vector["note"], [LOG]).size == vector["size"]
        assert signers(vector["cosigned"], [LOG, WITNESS])[1] == [LOG, WITNESS]


def test_a_checkpoint_is_opened_by_no_other_key() -> None:
    note = VECTORS["checkpoints"][1]["cosigned"]
    with pytest.raises(Bad, match="no given key"):
        open_checkpoint(note, [WITNESS])
    with pytest.raises(Bad, match="is wrong"):
        open_checkpoint(note.replace("\n7\n", "\n8\n"), [LOG])


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AAAA", VECTORS["log_vkey"][1:]])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(Bad):
        read_key(text)


@pytest.mark.parametrize("size", VECTORS["roots"])
def test_a_tree_has_the_root_of_the_vectors(size: str) -> None:
    tree = Tree()
    for leaf in leaves()[: int(size)]:
        tree.push(leaf)
    assert tree.root().hex() == VECTORS["roots"][size]


@given(st.data())
def test_a_proof_leads_to_the_root(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 300))
    index = data.draw(st.integers(0, size - 1))
    proof = path(index, leaves()[:size])
    assert root_by_proof(leaves()[index], index, size, proof) == tree_hash(leaves()[:size])


@pytest.mark.parametrize("index", range(300))
def test_the_entries_of_the_vectors_are_read(index: int) -> None:
    assert read_entry(entries()[index])["id"].endswith(f"{index:x}")
    assert leaf_of(entries()[index]) == leaves()[index]


def test_the_entries_of_the_vectors_form_their_chains() -> None:
    chains = Chains()
    for seq, raw in enumerate(entries()):
        assert list(chains.take(seq, read_entry(raw), leaf_of(raw))) == []
    assert {root: rev for root, (rev, _) in chains.last.items()} == {
        "log:registry.example/audit/1": 2,
        "model:mdl_1": 4,
    }


@pytest.mark.parametrize(("depth", "problem"), [(7, ""), (8, "too deep"), (900, "too deep")])
def test_an_entry_is_nested_so_deep_and_no_deeper(depth: int, problem: str) -> None:
    nested: Any = json.loads("[" * depth + "]" * depth)
    raw = json.dumps(json.loads(entries()[0]) | {"rows": nested}, separators=(",", ":"))
    if not problem:
        assert read_entry(raw.encode())["rows"] == nested
        return
    with pytest.raises(Bad, match=problem):
        read_entry(raw.encode())


@pytest.mark.parametrize("name", REFUSED)
def test_an_entry_with_a_value_that_has_no_form_is_refused(name: str) -> None:
    entry = json.loads(entries()[0]) | {"detail": {"value": REFUSED[name]}}
    raw = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    with pytest.raises(Bad):
        read_entry(raw.encode())


@given(plain)
def test_the_verifier_and_the_application_agree_on_what_has_a_form(value: Any) -> None:
    entry = json.loads(entries()[0]) | {"detail": {"value": value}}
    try:
        raw = canonical(entry)
    except NotCanonical:
        return
    assert read_entry(raw) == entry


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2},
        {"v": True},
        {"id": "x"},
        {"time": "2026-11-23T12:00:00Z"},
        {"outcome": "perhaps"},
        {"chain": {"root": "a"}},
        {"chain": []},
        {"chain": {"root": 1, "rev": 1, "prev": ""}},
        {"rows": {}},
        {"detail": []},
        {"more": 1},
    ],
)
def test_an_entry_of_another_form_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Bad):
        read_entry(canonical(json.loads(entries()[0]) | changes))


@given(st.data())
def test_an_entry_in_another_than_its_one_form_is_refused(data: st.DataObject) -> None:
    raw = entries()[data.draw(st.integers(0, 7))]
    place = data.draw(st.integers(0, len(raw)))
    text = raw[:place] + data.draw(st.sampled_from([b" ", b"\n", b"\t"])) + raw[place:]
    try:
        read = read_entry(text)
    except Bad:
        return
    assert canonical(read) == text  # the blank fell into a text


def test_the_proof_of_the_vectors_holds() -> None:
    index, checkpoint = verify_proof(PROOF, entries()[3], [LOG], [WITNESS], 1)
    assert (index, checkpoint.size) == (3, 300)


@pytest.mark.parametrize(
    ("text", "raw", "quorum"),
    [
        (PROOF, entries()[4], 0),
        (PROOF.replace("index 3", "index 4"), entries()[3], 0),
        (PROOF.replace("index 3", "index 300"), entries()[3], 0),
        (PROOF, entries()[3], 2),
        (PROOF.replace("\n300\n", "\n301\n"), entries()[3], 0),
        (PROOF.replace("lKI2", "lKI3"), entries()[3], 0),
        ("", entries()[3], 0),
        (PROOF, b"{}", 0),
    ],
)
def test_a_proof_that_does_not_hold_is_refused(text: str, raw: bytes, quorum: int) -> None:
    with pytest.raises(Bad):
        verify_proof(text, raw, [LOG], [WITNESS], quorum)
