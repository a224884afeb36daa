"""Names of OpenLineage and of assets are read from each other, and never taken for others."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from apps.api.openlineage.naming import (
    NAMESPACE,
    NamedVersion,
    asset_name,
    named_version,
    names_of,
)
from apps.catalog.models import Asset
from apps.core.inputs import InputRefused

WORDS = st.text(st.sampled_from("abz/:.#%25 é"), min_size=1, max_size=12)


@given(WORDS, WORDS)
def test_namespace_and_name_come_back_from_the_name_of_an_asset(namespace: str, name: str) -> None:
    assume(namespace == namespace.strip() and name == name.strip())

    whole = asset_name("a dataset", namespace, name)

    assert names_of(Asset(kind=Asset.Kind.DATASET, name=whole)) == (namespace, name)


def test_a_name_is_read_as_people_write_it() -> None:
    assert asset_name("a dataset", "postgres://db:5432", "a.b.c") == "postgres://db:5432#a.b.c"


@pytest.mark.parametrize(
    ("kind", "name", "names"),
    [
        ("dataset", "loans", (NAMESPACE, "dataset:loans")),
        ("dataset", "#loans", (NAMESPACE, "dataset:#loans")),
        ("dataset", "loans#", (NAMESPACE, "dataset:loans#")),
        ("service", "a#b", (NAMESPACE, "service:a#b")),
        ("pipeline", "airflow#train", ("airflow", "train")),
    ],
)
def test_what_was_declared_here_lies_in_the_namespace_of_signet(
    kind: str, name: str, names: tuple[str, str]
) -> None:
    assert names_of(Asset(kind=kind, name=name)) == names


@pytest.mark.parametrize(
    ("namespace", "name", "words"),
    [
        ("", "a", "namespace of a dataset is empty"),
        ("lake", "", "name of a dataset is empty"),
        (" lake", "a", "begins or ends with a space"),
        ("lake", "a\nb", "cannot be seen"),
        ("lake", "a\u202eb", "cannot be seen"),
        ("lake", "a\u200bb", "cannot be seen"),
        ("lake", "\ue000", "cannot be seen"),
        ("l" * 200, "a" * 300, "at most 499 characters together"),
        ("signet", "a", "in Signet already"),
    ],
)
def test_hostile_and_reserved_names_are_refused(namespace: str, name: str, words: str) -> None:
    with pytest.raises(InputRefused, match=words):
        asset_name("a dataset", namespace, name)


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("signet", "models:/tumor triage/12"),
        ("signet", "tumor triage/12"),
        ("mlflow", "models:/tumor triage/12"),
    ],
)
def test_a_version_of_a_model_is_named_in_either_way(namespace: str, name: str) -> None:
    assert named_version(namespace, name) == NamedVersion("tumor triage", 12)


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("signet", "dataset:loans"),
        ("signet", "models:/triage"),
        ("mlflow", "models:/triage@champion"),
        ("mlflow", "models:/triage/Production"),
        ("mlflow", "models:/triage/1/2"),
        ("mlflow", "models:/triage/٣"),
        ("mlflow", "models:/m-0123456789abcdef"),
    ],
)
def test_an_alias_or_a_stage_names_no_version(namespace: str, name: str) -> None:
    with pytest.raises(InputRefused, match="Write models:/NAME/NUMBER"):
        named_version(namespace, name)


def test_any_other_name_is_a_dataset() -> None:
    assert named_version("lake", "models/triage/1") is None
