"""Searches of models and versions at the MLflow door: MLflow's answers, and nothing invisible."""

from dataclasses import replace

import pytest

from apps.api.mlflow import searched
from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion
from tests import scenarios
from tests.api.mlflow.program import Program, said
from tests.api.mlflow.searching import (
    IS_PROMPT,
    MODELS,
    VERSIONS,
    found,
    found_versions,
    models,
)
from tests.factories import actor
from tests.scenarios import developer, registered_model, registered_version

NO_PROMPTS = f"tag.`{IS_PROMPT}` != 'true'"
pytestmark = pytest.mark.django_db


# -- filters of models


def test_models_are_found_by_name(dev: Program) -> None:
    models("iris", "Iris-large", "iris_small", "wine")

    assert found(dev) == ["Iris-large", "iris", "iris_small", "wine"]
    assert found(dev, "name = 'iris'") == ["iris"]
    assert found(dev, "name != 'iris'") == ["Iris-large", "iris_small", "wine"]
    assert found(dev, "name LIKE 'iris%'") == ["iris", "iris_small"]
    assert found(dev, "name ILIKE 'IRIS%'") == ["Iris-large", "iris", "iris_small"]
    assert found(dev, "name LIKE '_ine'") == ["wine"]
    assert found(dev, "name LIKE 'iris'") == ["iris"]
    assert found(dev, "name LIKE '%s%' AND name != 'iris'") == ["Iris-large", "iris_small"]
    assert found(dev, "name IN ('wine', 'iris', 'none')") == ["iris", "wine"]
    assert found(dev, "name NOT IN ('wine', 'iris')") == ["Iris-large", "iris_small"]


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        ("100%", ["100%", "100*", "1000"]),
        ("%*%", ["*", "100*"]),
        ("_", ["*", "?", "é"]),
        ("%[a]%", ["x[a]y"]),
        ("?", ["?"]),
        ("a\\%", ["a\\b"]),
        ("%\\b", ["a\\b"]),
        ("X%", []),
        ("x^_a%", []),
        ("%]%", ["x[a]y"]),
        ("%", ["*", "100%", "100*", "1000", "?", "a\\b", "x[a]y", "é"]),
        ("%é", ["é"]),
    ],
)
def test_only_percent_and_underscore_mean_something_in_a_pattern(
    dev: Program, pattern: str, values: list[str]
) -> None:
    there = ["*", "100%", "100*", "1000", "?", "a\\b", "x[a]y", "é"]
    for place, value in enumerate(there):
        registered_model(f"m{place}", tags={"k": value})

    expected = [f"m{there.index(value)}" for value in values]

    assert found(dev, f"tags.k LIKE '{pattern}'") == expected


@pytest.mark.parametrize(
    ("pattern", "is_found"), [("TEAM%", True), ("t_AM r\\%", True), ("r%", False)]
)
def test_ilike_does_not_tell_capitals(dev: Program, pattern: str, is_found: bool) -> None:
    registered_model("m", tags={"k": "Team R\\D"})

    assert found(dev, f"tags.k ILIKE '{pattern}'") == (["m"] if is_found else [])


def test_a_tag_that_differs_is_one_that_is_there(dev: Program) -> None:
    models("plain")
    models("red", tags={"color": "red"})
    models("blue", tags={"color": "blue", "odd key:": "1"})

    assert found(dev, "tags.color = 'red'") == ["red"]
    assert found(dev, "tag.color != 'red'") == ["blue"]
    assert found(dev, "tags.`odd key:` = '1' AND tags.color LIKE 'b%'") == ["blue"]
    assert found(dev, "tags.color = 'red' AND tags.color = 'blue'") == []
    assert found(dev, f"tags.color != 'red' AND {NO_PROMPTS}") == ["blue"]


@pytest.mark.parametrize("few", [0, 2, 1000])
def test_a_tag_is_found_by_all_of_its_value_be_it_rare_or_common(
    dev: Program, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("apps.api.mlflow.searched.FEW", few)
    start = "é" * 100
    for name, value in [("a", start), ("b", f"{start}b"), ("c", f"{start}c"), ("d", f"{start}c")]:
        registered_model(name, tags={"k": value, "l": "1"})

    assert found(dev, f"tags.k = '{start}'") == ["a"]
    assert found(dev, f"tags.k = '{start}c'") == ["c", "d"]
    assert found(dev, f"tags.l = '1' AND tags.k = '{start}c' AND name != 'c'") == ["d"]
    assert found(dev, f"tags.l = '1' AND tags.k = '{start[1:]}'") == []
    assert found(dev, "tags.l = '1'") == ["a", "b", "c", "d"]


@pytest.mark.parametrize("few", [0, 2, 1000])
def test_names_and_sources_are_found_be_they_rare_or_common(
    dev: Program, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    for search in ("MODELS", "VERSIONS"):
        there: searched.Searched = getattr(searched, search)
        leads = {key: replace(lead, most=few) for key, lead in there.leads.items()}
        monkeypatch.setattr(searched, search, replace(there, leads=leads))
    for model in models("Iris-large", "iris", "iris_small", "wine"):
        registered_version(model, source=f"s3://{model.name}")

    for asked, expected in (
        ("name LIKE 'iris%'", ["iris", "iris_small"]),
        ("name ILIKE 'IRIS%' AND name LIKE '%r%'", ["Iris-large", "iris", "iris_small"]),
        ("name LIKE '%s%' AND name LIKE '%ne%'", []),
        ("name LIKE 'x%'", []),
        ("name LIKE '%'", ["Iris-large", "iris", "iris_small", "wine"]),
    ):
        assert found(dev, asked) == found(dev, asked, max_results=4) == expected, asked
        versions = found_versions(dev, asked, order_by=["name"])
        assert versions == [f"{name}/1" for name in expected], asked
    for asked, numbered in (
        ("source_path = 's3://iris'", ["iris/1"]),
        ("source_path = 's3://none'", []),
        ("source_path LIKE 's3://i%'", ["iris/1", "iris_small/1"]),
        ("source_path ILIKE 'S3://%'", ["Iris-large/1", "iris/1", "iris_small/1", "wine/1"]),
        ("source_path != 's3://iris' AND name LIKE 'i%'", ["iris_small/1"]),
    ):
        assert found_versions(dev, asked, order_by=["name"]) == numbered, asked


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", ["plain", "said no"]),
        (NO_PROMPTS, ["plain", "said no"]),
        (f"tags.`{IS_PROMPT}` = 'false'", ["plain", "said no"]),
        (f"tags.`{IS_PROMPT}` LIKE 'tr%'", ["plain", "said no"]),
        (f"tags.`{IS_PROMPT}` = 'true'", ["greeting"]),
        (f"tags.`{IS_PROMPT}` != 'false'", ["greeting"]),
        (f"tags.`{IS_PROMPT}` = 'TRUE'", []),
        (f"tags.`{IS_PROMPT}` = 'true' AND {NO_PROMPTS}", []),
        (f"{NO_PROMPTS} AND tags.`{IS_PROMPT}` = 'true'", ["plain", "said no"]),
        (f"tags.`{IS_PROMPT}` = 'true' AND name LIKE 'g%'", ["greeting"]),
        (f"tags.`{IS_PROMPT}` = 'true' AND name = 'plain'", []),
    ],
)
def test_prompts_are_shown_when_asked_for(dev: Program, asked: str, expected: list[str]) -> None:
    models("plain")
    models("said no", tags={IS_PROMPT: "false"})
    models("greeting", kind="prompt", tags={IS_PROMPT: "true"})

    assert found(dev, asked) == expected


def test_models_are_ordered_as_asked(dev: Program) -> None:
    first, *_ = models("b", "a", "c")
    catalog.describe_model(first, by=actor(developer()), description="Touched last")

    assert found(dev) == ["a", "b", "c"]
    assert found(dev, order_by=["name DESC"]) == ["c", "b", "a"]
    newest = found(dev, order_by=["timestamp DESC"])
    assert newest == ["b", "c", "a"]
    assert newest == found(dev, order_by=["last_updated_timestamp DESC", "name"])
    assert newest == found(dev, order_by=["last_updated_timestamp"])[::-1]


# -- filters of versions


def test_versions_are_found_by_what_they_have(dev: Program) -> None:
    iris, wine = models("iris", "wine")
    *_, version = [
        registered_version(model, source=f"s3://bucket/{model.name}")
        for model in (iris, wine, iris)
    ]
    run = version.run_uid
    catalog.set_version_tag(version, "stamp", "yes", by=actor(developer()))

    assert found_versions(dev, "name = 'iris'") == ["iris/2", "iris/1"]
    assert found_versions(dev, "name LIKE 'w%'") == ["wine/1"]
    assert found_versions(dev, "name IN ('wine')") == ["wine/1"]
    assert found_versions(dev, "version_number > 1") == ["iris/2"]
    assert found_versions(dev, "version_number = '2'") == ["iris/2"]
    assert found_versions(dev, f"run_id = '{run}'") == ["iris/2"]
    assert found_versions(dev, f"run_id IN ('{run}', 'none')") == ["iris/2"]
    assert found_versions(dev, f"run_id NOT IN ('{run}')", order_by=["name"]) == [
        "iris/1",
        "wine/1",
    ]
    assert found_versions(dev, "source_path = 's3://bucket/wine'") == ["wine/1"]
    assert found_versions(dev, "source_path LIKE '%iris' AND version_number < 2") == ["iris/1"]
    assert found_versions(dev, "tags.stamp = 'yes'") == ["iris/2"]
    assert found_versions(dev, "tags.stamp != 'yes'") == []


def test_versions_without_a_run_are_found_by_that(dev: Program) -> None:
    model = registered_model("m")
    registered_version(model, run=None)
    run = registered_version(model).run_uid

    assert found_versions(dev, "run_id = ''") == ["m/1"]
    assert found_versions(dev, "run_id != ''") == ["m/2"]
    assert found_versions(dev, f"run_id IN ('', '{run}')") == ["m/2", "m/1"]
    assert found_versions(dev, f"run_id IN ('{run}')") == ["m/2"]


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**63 - 1, -(2**63) + 1])
def test_a_number_no_version_has_finds_none(dev: Program, number: int) -> None:
    registered_version(registered_model("m"))

    assert found_versions(dev, f"version_number = {number}") == []
    assert found_versions(dev, f"version_number != {number}") == ["m/1"]
    assert found_versions(dev, f"version_number >= {number}") == (["m/1"] if number < 2 else [])


def test_versions_are_ordered_as_asked(dev: Program) -> None:
    a, b = models("a", "b")
    versions = [registered_version(model) for model in (a, b, a)]
    catalog.set_version_tag(versions[0], "k", "v", by=actor(developer()))

    assert found_versions(dev, order_by=["name"]) == ["a/2", "a/1", "b/1"]
    assert found_versions(dev, order_by=["name DESC", "version_number ASC"]) == [
        "b/1",
        "a/1",
        "a/2",
    ]
    assert found_versions(dev, order_by=["creation_timestamp"]) == ["a/1", "b/1", "a/2"]
    assert found_versions(dev, order_by=["version_number DESC"]) == ["a/2", "a/1", "b/1"]
    touched = ModelVersion.objects.order_by("-touched_at", "model__name", "-number")
    newest = [f"{version.model}/{version.number}" for version in touched]
    assert found_versions(dev) == newest
    assert found_versions(dev, order_by=["last_updated_timestamp ASC"])[-1] == newest[0]
    assert found_versions(dev, "name = 'a'", order_by=["name"]) == ["a/2", "a/1"]


def test_versions_of_prompts_are_shown_when_asked_for(dev: Program) -> None:
    registered_version(registered_model("plain"))
    registered_version(registered_model("greeting", kind="prompt", tags={IS_PROMPT: "true"}))

    assert found_versions(dev) == ["plain/1"]
    assert found_versions(dev, f"tags.`{IS_PROMPT}` = 'true'") == ["greeting/1"]


# -- what a row says


def test_a_row_says_of_a_model_what_reading_it_says(dev: Program) -> None:
    model = registered_model("iris", tags={"b": "2", "a": ""}, description="Three kinds.")
    version = registered_version(model)
    catalog.set_version_tag(version, "k", "v", by=actor(developer()))
    catalog.set_alias(model, "best", version, by=actor(developer()))
    scenarios.promoted(model=model)

    [row] = said(dev.get(MODELS))["registered_models"]

    assert row == said(dev.get("registered-models/get", name="iris"))["registered_model"]
    assert [latest["current_stage"] for latest in row["latest_versions"]] == ["None", "Staging"]
    assert row["aliases"] == [{"alias": "best", "version": "1"}]


def test_a_row_says_of_a_version_what_reading_it_says_but_its_aliases(dev: Program) -> None:
    version = registered_version(registered_model("iris"))
    catalog.set_version_tag(version, "k", "v", by=actor(developer()))
    catalog.set_alias(version.model, "best", version, by=actor(developer()))

    [row] = said(dev.get(VERSIONS))["model_versions"]

    whole = said(dev.get("model-versions/get", name="iris", version="1"))["model_version"]
    assert whole.pop("aliases") == ["best"]
    assert row == whole
    assert row["tags"] == [{"key": "k", "value": "v"}]


def test_what_is_empty_is_left_out(dev: Program) -> None:
    assert said(dev.get(MODELS)) == {}
    assert said(dev.get(VERSIONS, filter="name = 'none'")) == {}
