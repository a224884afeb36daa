"""The rules of names: MLflow's, and that no two names look or are read the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog import names
from apps.catalog.names import (
    folded_name,
    require_alias,
    require_model_name,
    require_source,
    require_tag,
)
from apps.core.inputs import InputRefused

LEGAL = [
    "credit-default",
    "Breast cancer (v2)",
    "модель",
    "modèle",
    "100% of it",
    "a.b",
    "a..b",
    "模型",
    "🤖",
    "x" * 256,
    "old_model-3.1+beta",
]
HOSTILE = [
    ("", "blank"),
    ("   ", "blank"),
    ("x" * 257, "longer than 256"),
    ("ﷺ" * 100, "longer than 256"),
    ("a/b", "slash"),
    ("a:b", "colon"),
    ("a\\b", "backslash"),
    ("a：b", "colon"),  # noqa: RUF001 - a colon of full width
    ("a℀b", "slash"),
    (" a", "space"),
    ("a ", "space"),
    ("e\u0301", "NFC"),
    ("a\u200bb", "cannot be seen"),
    ("a\u202eb", "cannot be seen"),
    ("a\nb", "cannot be seen"),
    ("a\0b", "cannot be seen"),
    ("\ud800", "cannot be seen"),
    ("a\u2028b", "cannot be seen"),
    ("a%2Fb", "percent"),
    ("a%20b", "percent"),
    (".", "elsewhere"),
    ("..", "elsewhere"),
    ("..a", "elsewhere"),
    ("new", "has it"),
    ("NEW", "has it"),
    ("crеdit", "mixes letters"),  # noqa: RUF001 - a Cyrillic letter among Latin ones
    ("αlpha", "mixes letters"),  # noqa: RUF001 - a Greek letter among Latin ones
]


@pytest.mark.parametrize("name", LEGAL)
def test_plain_and_odd_names_are_taken(name: str) -> None:
    require_model_name(name)


@pytest.mark.parametrize(("name", "words"), HOSTILE, ids=lambda part: ascii(part)[:30])
def test_i2_a_name_that_looks_or_is_read_like_another_is_refused(name: str, words: str) -> None:
    with pytest.raises(InputRefused, match=words) as refusal:
        require_model_name(name)
    assert str(refusal.value).isascii()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Credit", "credit"),
        ("ﬁne", "fine"),
        ("straße", "STRASSE"),
        ("сора", "copa"),  # noqa: RUF001 - Cyrillic throughout
        ("ΟΡΑ", "opa"),  # noqa: RUF001 - Greek throughout
        ("ｍodel", "model"),  # noqa: RUF001 - a letter of full width
    ],
)
def test_i2_names_that_look_the_same_fold_to_the_same(one: str, other: str) -> None:
    assert folded_name(one) == folded_name(other)


@given(st.text(max_size=40))
def test_every_name_is_taken_or_refused_in_words(name: str) -> None:
    try:
        require_model_name(name)
    except InputRefused:
        return
    assert len(folded_name(name)) <= names.MOST_FOLDED
    assert folded_name(folded_name(name)) == folded_name(name)


@pytest.mark.parametrize("alias", ["challenger", "my_alias-2", "v", "v1a", "ЭТАЛОН", "a" * 255])
def test_plain_aliases_are_taken(alias: str) -> None:
    require_alias(alias)


@pytest.mark.parametrize(
    ("alias", "words"),
    [
        ("", "letters, digits"),
        ("a b", "letters, digits"),
        ("a/b", "letters, digits"),
        ("a" * 256, "at most 255"),
        ("latest", "already means"),
        ("Latest", "already means"),
        ("v1", "already means"),
        ("V23", "already means"),
        ("champion", "promotion and rollback"),
        ("Champion", "promotion and rollback"),
        ("сhampion", "promotion and rollback"),  # noqa: RUF001 - begins with a Cyrillic letter
    ],
)
def test_an_alias_that_means_something_else_is_refused(alias: str, words: str) -> None:
    with pytest.raises(InputRefused, match=words):
        require_alias(alias)


def test_tags_hold_what_mlflow_lets_them_hold() -> None:
    require_tag("mlflow.note/content: a-b", "any\ntext", 100)
    require_tag("empty", "", 100)
    for key in ("", "a" * 251, "../up", "/root", "a//b", "a\nb", "key=value", "a/./b"):
        with pytest.raises(InputRefused, match="key of a tag"):
            require_tag(key, "", 100)
    with pytest.raises(InputRefused, match="at most 3 characters"):
        require_tag("key", "four", 3)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "https://git.example.org/models/run?id=7",
        "runs:/0123456789abcdef/model",
        "models:/m-0123/3",
        "mlflow-artifacts:/0/abc/artifacts/model",
        "s3://bucket/prefix/model",
        "dbfs:/models/1",
        "abfss://container@account.dfs.core.windows.net/model",
    ],
)
def test_a_source_says_where_it_came_from(source: str) -> None:
    require_source(source)


@pytest.mark.parametrize(
    "source",
    [
        "/etc/passwd",
        "file:///etc/passwd",
        "FILE:/etc/passwd",
        "relative/path",
        "c:\\windows",
        "http:///../x/../../etc",
        "s3://bucket/a/../../b",
        "s3://bucket/a/..;/b",
        "https://host/#/../../etc",
        "https://host/?p=../../etc",
        "https://host/%2e%2e/etc",
        "https://user:secret@host/",
        "https://host\\evil/",
        "http://[broken",
        "https://host/\0",
        "x" * 501,
        "ftp://host/x",
        "abfss://container:secret@account.dfs.core.windows.net/x",
        "s3://user@bucket/x",
    ],
)
def test_g1_a_source_is_never_a_local_file_and_never_steps_out(source: str) -> None:
    with pytest.raises(InputRefused):
        require_source(source)
