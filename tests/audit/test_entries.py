"""The entry's form, held to vectors checked with independent implementations."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.entries import Commitment, encode, leaf_hash, origin_tag, require_length
from apps.core.digests import MOST_INTEGER, NotCanonical, canonical, digest_of

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "audit_vectors.json").read_text(encoding="utf-8")
)
ENTRIES: list[dict[str, Any]] = VECTORS["entries"]

keys = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MOST_INTEGER, MOST_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize("vector", ENTRIES, ids=lambda vector: str(vector["index"]))
def test_an_entry_encodes_to_the_bytes_of_its_vector(vector: dict[str, Any]) -> None:
    assert encode(json.loads(vector["entry"])) == vector["entry"].encode("utf-8")


@pytest.mark.parametrize("vector", ENTRIES, ids=lambda vector: str(vector["index"]))
def test_an_entry_hashes_to_the_leaf_of_its_vector(vector: dict[str, Any]) -> None:
    assert leaf_hash(vector["entry"].encode("utf-8")).hex() == vector["leaf_hash"]


def test_each_chained_vector_names_the_leaf_before_it() -> None:
    leaves = {vector["leaf_hash"] for vector in ENTRIES} | {"0" * 64}
    chains = [json.loads(vector["entry"])["chain"] for vector in ENTRIES]
    assert all(chain["prev"] in leaves for chain in chains if chain)


def test_the_origin_tag_is_that_of_the_vector() -> None:
    tag = origin_tag(ENTRIES[3]["entry"].encode("utf-8"), key=bytes.fromhex(VECTORS["mac_key"]))
    assert tag.hex() == VECTORS["mac_of_entry_3"]


def test_a_reason_commits_to_the_digest_of_the_vector() -> None:
    commitment = Commitment(VECTORS["reason_text"], bytes.fromhex(VECTORS["reason_salt"]))
    assert commitment.digest == json.loads(ENTRIES[3]["entry"])["reason"]


def test_the_same_reason_twice_commits_to_two_digests() -> None:
    assert Commitment.to("Reviewed").digest != Commitment.to("Reviewed").digest


def test_statements_and_states_have_the_digests_of_the_vectors() -> None:
    promoted = json.loads(ENTRIES[4]["entry"])["rows"][1]
    assert digest_of(json.loads(VECTORS["statement"])) == VECTORS["statement_digest"]
    assert digest_of(json.loads(VECTORS["state_before"])) == promoted["before"]
    assert digest_of(json.loads(VECTORS["state_after"])) == promoted["after"]


def nested(depth: int) -> object:
    value: object = []
    for _ in range(depth - 1):
        value = [value]
    return value


REFUSED: dict[str, object] = {
    "upper-case key": {"Key": 1},
    "float": 1.0,
    "integer 2^53": 2**53,
    "integer -2^53": -(2**53),
    "space in key": {"a b": 1},
    "empty key": {"": 1},
    "lone surrogate": "\ud800",
    "non-ASCII key": {"é": 1},
    "NaN": float("nan"),
    "key of 65 characters": {"a" * 65: 1},
    "depth over 8": nested(9),
}


def test_the_refused_inputs_are_all_of_the_vectors() -> None:
    assert {*REFUSED, "entry over 65535 bytes"} == set(VECTORS["refused"])


@pytest.mark.parametrize("name", REFUSED)
def test_a_value_without_a_canonical_form_is_refused(name: str) -> None:
    with pytest.raises(NotCanonical):
        canonical(REFUSED[name])


@pytest.mark.parametrize("value", [{1: "a"}, b"bytes", {"a": {1, 2}}, object()])
def test_a_value_of_another_type_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_nesting_of_eight_is_still_allowed() -> None:
    assert canonical(nested(8)) == b"[" * 8 + b"]" * 8


def test_an_entry_over_the_export_limit_is_refused() -> None:
    require_length(b"x" * 65_535)
    with pytest.raises(NotCanonical):
        require_length(b"x" * 65_536)


def entry(**changes: object) -> dict[str, object]:
    first: dict[str, object] = json.loads(ENTRIES[0]["entry"])
    return first | changes


def test_an_entry_with_another_key_is_refused() -> None:
    with pytest.raises(NotCanonical):
        encode(entry(note="more"))


def test_an_entry_without_one_of_its_keys_is_refused() -> None:
    short = entry()
    del short["sign"]
    with pytest.raises(NotCanonical):
        encode(short)


def test_an_entry_with_more_rows_than_one_event_writes_is_refused() -> None:
    with pytest.raises(NotCanonical):
        encode(entry(rows=[{"row": f"version:ver_{number}"} for number in range(65)]))


def test_an_entry_with_too_much_detail_is_refused() -> None:
    with pytest.raises(NotCanonical):
        encode(entry(detail={"text": "x" * 8192}))


@given(plain)
def test_the_canonical_form_is_that_of_rfc_8785(value: Any) -> None:
    try:
        encoded = canonical(value)
    except NotCanonical:
        return  # deeper than the record allows
    assert encoded == rfc8785.dumps(value)


@given(plain)
def test_a_digest_is_the_sha_256_of_the_canonical_form(value: Any) -> None:
    try:
        encoded = canonical(value)
    except NotCanonical:
        return
    assert digest_of(value) == "sha256:" + hashlib.sha256(encoded).hexdigest()
