"""Notes, checkpoints, keys and proof texts: as the vectors have them, and nothing beside."""

import base64
import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.log.keys import LOG, BadKey, SigningKey, VerifierKey
from apps.audit.log.notes import BadNote, Checkpoint, Note, opened, signed
from apps.audit.log.proofs import BadProof, Proof
from apps.audit.log.tree import require_inclusion
from tests.audit.log.oracle import VECTORS, leaves

ORIGIN: str = VECTORS["origin"]
KEY = SigningKey(ORIGIN, bytes.fromhex(VECTORS["log_seed"]))
WITNESS = VerifierKey.read(VECTORS["witness_vkey"])
NOTES: list[dict[str, Any]] = VECTORS["checkpoints"]
PROOF: str = VECTORS["tlog_proof"]["text"]


def test_the_keys_are_published_as_the_vectors_have_them() -> None:
    assert KEY.verifier.text == VECTORS["log_vkey"]
    assert VerifierKey.read(VECTORS["log_vkey"]) == KEY.verifier
    assert WITNESS.text == VECTORS["witness_vkey"]


def test_a_key_does_not_tell_its_secret_when_it_is_printed() -> None:
    assert VECTORS["log_seed"] not in repr(KEY)
    assert repr(KEY.seed) not in repr(KEY)


@pytest.mark.parametrize("vector", NOTES, ids=lambda each: str(each["size"]))
def test_a_checkpoint_is_signed_as_the_vector(vector: dict[str, Any]) -> None:
    root = bytes.fromhex(VECTORS["roots"][str(vector["size"])])
    checkpoint = Checkpoint(ORIGIN, vector["size"], root)
    assert signed(checkpoint.text, [KEY]) == vector["note"]
    assert opened(vector["note"], [KEY.verifier]) == checkpoint


@pytest.mark.parametrize("vector", NOTES, ids=lambda each: str(each["size"]))
def test_a_witness_signed_the_vector_too(vector: dict[str, Any]) -> None:
    assert opened(vector["cosigned"], [KEY.verifier, WITNESS]).size == vector["size"]
    assert Note.read(vector["cosigned"]).signed_by(WITNESS)
    assert not Note.read(vector["note"]).signed_by(WITNESS)


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    assert opened(NOTES[1]["cosigned"], [KEY.verifier]).size == 7


def test_a_note_that_no_known_key_signed_is_refused() -> None:
    stranger = SigningKey("stranger.example/log", hashlib.sha256(b"stranger").digest())
    with pytest.raises(BadNote, match="No known key"):
        opened(NOTES[1]["note"], [stranger.verifier])
    with pytest.raises(BadNote, match="No known key"):
        opened(NOTES[1]["note"], [])


def test_a_wrong_signature_beside_a_good_one_is_refused() -> None:
    other = Note.read(NOTES[2]["note"]).signatures[0].line
    with pytest.raises(BadNote, match="is wrong"):
        opened(NOTES[1]["note"] + other, [KEY.verifier])


@given(st.data())
def test_a_note_with_one_character_changed_is_refused(data: st.DataObject) -> None:
    note: str = NOTES[1]["note"]
    place = data.draw(st.integers(0, len(note) - 1))
    put = data.draw(st.characters(exclude_categories=["Cs"]).filter(lambda it: it != note[place]))
    with pytest.raises(BadNote):
        opened(note[:place] + put + note[place + 1 :], [KEY.verifier])


@given(st.text())
def test_any_text_is_a_note_or_refused(text: str) -> None:
    for note in (text, f"{text}\n\n{text}", f"{text}\n\n\N{EM DASH} a AAAAAAA=\n"):
        try:
            read = Note.read(note)
            Checkpoint.read(read.text)
        except BadNote:
            continue


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n7\n",
        f"{ORIGIN}\n07\n{'A' * 43}=\n",
        f"{ORIGIN}\n-7\n{'A' * 43}=\n",
        f"{ORIGIN}\n\N{ARABIC-INDIC DIGIT SEVEN}\n{'A' * 43}=\n",
        f"{ORIGIN}\n7\n{'A' * 43}=\nmore\n",
        f"{ORIGIN}\n7\n{'A' * 42}B=\n",
        f"{ORIGIN} x\n7\n{'A' * 43}=\n",
    ],
)
def test_a_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        Checkpoint.read(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name+00000000+" + "A" * 44,
        VECTORS["log_vkey"].replace("56480dff", "56480dfe"),
        VECTORS["log_vkey"].replace("registry", "other"),
        VECTORS["log_vkey"][:-1],
        "a+b+" + VECTORS["log_vkey"],
        "name+00000000+" + base64.b64encode(b"\x06" + b"x" * 32).decode(),
    ],
)
def test_a_text_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(BadKey):
        VerifierKey.read(text)


def test_a_key_with_a_point_that_is_none_signs_nothing() -> None:
    key = VerifierKey(ORIGIN, b"\xff" * 32, LOG)
    assert not key.is_signed("text\n", b"\x00" * 64)
    assert not KEY.verifier.is_signed("text\n", b"short")


def test_the_proof_of_the_vectors_reads_holds_and_is_written_again_the_same() -> None:
    proof = Proof.read(PROOF)
    checkpoint = opened(proof.checkpoint, [KEY.verifier])
    assert proof.index == 3
    assert proof.text == PROOF
    require_inclusion(leaves()[3], 3, checkpoint.size, proof.hashes, checkpoint.root)


@given(st.data())
def test_a_proof_with_a_character_changed_never_says_the_same(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(PROOF) - 1))
    put = data.draw(st.sampled_from("Aa0+/= \n\r\tx"))
    text = PROOF[:place] + put + PROOF[place + 1 :]
    try:
        read = Proof.read(text)
    except BadProof:
        return
    assert read.text == text


@pytest.mark.parametrize(
    "text", ["", PROOF.replace("index 3", "index 03"), PROOF.partition("\n\n")[0]]
)
def test_a_text_that_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(BadProof):
        Proof.read(text)
