"""The labels of files and the digest over a version's content."""

import hashlib
import json
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.manifest import (
    LabelRefused,
    folded,
    label_problem,
    manifest_digest,
    require_label,
    require_labels,
)


@dataclass(frozen=True)
class Entry:
    path: str
    sha256: str
    size: int


LEGAL = [
    "model.pkl",
    "a/b/c.txt",
    "name with spaces.csv",
    " leading space",
    "a+b.csv",
    "100%25.csv",
    "50% off.txt",
    "%2 is not encoded",
    "model%20card.md",
    "🤖/weights.bin",
    "👩‍👩‍👧.png",
    "نموذج/ملف.txt",
    "מודל.onnx",
    "données/été.csv",
    ".gitattributes",
    "...hidden",
    "console.log",
    "com10.txt",
    "notes….txt",
    "报告\uff1a最终.txt",
    "#hash?query;semi=1&x",
    "quote'\"<b>.txt",
    "/".join("abcdefghijklmnopqrstuvwxyzabcdef"),
    "x" * 255,
]

HOSTILE = [
    "",
    "/",
    "/etc/passwd",
    "a//b",
    "a/",
    ".",
    "..",
    "a/../b",
    "../../etc/passwd",
    "a/./b",
    "a\\b",
    "..\\..\\windows",
    "C:/windows",
    "file:///etc/passwd",
    "stream.txt:hidden",
    "a\x00b",
    "a\nb",
    "a\x7fb",
    "a\x85b",
    "a\u2028b",
    "a\u202etxt.exe",
    "a\u2066b",
    "a\u200fb",
    "trailing.",
    "trailing ",
    "trailing./b",
    "a /b",
    "trailing\u3000",
    "%2e%2e/a",
    "%2e",
    "%252e%252e/a",
    "%25252e",
    "a%2fb",
    "a%5cb",
    "a%3ab",
    "a%00b",
    "a%0d%0ab",
    "a%20",
    "a%c0%ae",
    "%e2%80%ae",
    "%ff",
    "%EF%BC%8F..",
    "a%ef%bc%8fb",
    "CON",
    "con.txt",
    "a/NUL/b",
    "nul .txt",
    "COM1",
    "com¹.log",
    "lpt9.tar.gz",
    "CONIN$",
    "%43ON",
    "\uff23\uff2f\uff2e",
    "e\u0301.txt",
    "half\ud800",
    "\uff0e\uff0e/a",
    "a\uff0fb",
    "a\uff3cb",
    "‥/a",
    "x" * 256,
    "é" * 128,
    "a/" * 32 + "a",
    "/".join(["x" * 250] * 5),
]


@pytest.mark.parametrize("path", LEGAL)
def test_an_odd_but_honest_name_is_a_label(path: str) -> None:
    assert label_problem(path) is None
    require_label(path)


@pytest.mark.parametrize("path", HOSTILE, ids=ascii)
def test_a_hostile_name_is_refused_with_its_reason(path: str) -> None:
    assert label_problem(path)

    with pytest.raises(LabelRefused) as refusal:
        require_label(path)

    str(refusal.value).encode("ascii")  # nothing of a hostile name reaches the reader unescaped


@given(st.text(max_size=60))
def test_every_text_is_judged_and_a_label_stays_inside_its_folder(path: str) -> None:
    if label_problem(path) is not None:
        return
    decoded = path
    for _ in range(60):
        parts = decoded.split("/")
        assert all(part and part not in {".", ".."} for part in parts)
        assert len(parts) == path.count("/") + 1
        assert not set(decoded) & set("\\:\0\n\r\u202e")
        decoded = unquote(decoded, errors="strict")


@given(st.text(max_size=12), st.sampled_from(["../", "..\\", "\0", "/..", ":", "\u202e"]))
def test_hiding_a_hostile_piece_behind_percent_signs_does_not_help(text: str, piece: str) -> None:
    encoded = quote(piece, safe="").replace(".", "%2E")
    assert label_problem(f"a{encoded}b")
    assert label_problem(f"a{quote(encoded)}b")
    assert label_problem(unicodedata.normalize("NFC", f"{text}{encoded}b").replace("\ud800", ""))


def test_a_long_tower_of_percent_signs_is_judged_quickly() -> None:
    assert label_problem("%" + "25" * 450 + "2e")


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Model.PKL", "model.pkl"),
        ("straße", "STRASSE"),
        ("ﬁle", "file"),
        ("é", "É"),
        ("a\uff11", "A1"),
    ],
)
def test_names_that_differ_only_in_case_or_width_fold_to_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_two_files_may_not_differ_only_in_case() -> None:
    with pytest.raises(LabelRefused, match="differ at most in case"):
        require_labels(["a/Model.pkl", "a/model.pkl"])


def test_the_same_path_may_not_be_named_twice() -> None:
    path = "a/model.pkl"
    with pytest.raises(LabelRefused, match="differ at most in case"):
        require_labels([path, "".join(list(path))])


def test_a_file_may_not_be_the_folder_of_another() -> None:
    with pytest.raises(LabelRefused, match="is also a file"):
        require_labels(["data/a.csv", "Data"])


def test_clean_labels_together_are_accepted() -> None:
    require_labels(["a", "b/a", "b/c"])


def test_the_digest_does_not_depend_on_the_order_of_files() -> None:
    one, two = Entry("b", "1" * 64, 5), Entry("a/é", "2" * 64, 0)

    assert manifest_digest([one, two]) == manifest_digest([two, one])


def test_the_digest_is_over_the_canonical_json_of_the_sorted_files() -> None:
    expected = (
        '[{"path":"a/é","sha256":"sha256:' + "2" * 64 + '","size":0},'
        '{"path":"b","sha256":"sha256:' + "1" * 64 + '","size":5}]'
    )

    digest = manifest_digest([Entry("b", "1" * 64, 5), Entry("a/é", "2" * 64, 0)])

    assert json.loads(expected)[1]["size"] == 5
    assert digest == "sha256:" + hashlib.sha256(expected.encode()).hexdigest()


@pytest.mark.parametrize(
    "changed", [Entry("a", "1" * 64, 5), Entry("b", "2" * 64, 5), Entry("b", "1" * 64, 6)]
)
def test_any_change_of_a_file_changes_the_digest(changed: Entry) -> None:
    assert manifest_digest([changed]) != manifest_digest([Entry("b", "1" * 64, 5)])
