"""Pages of a search at the MLflow door: whole, without doubles, and only for who asked."""

from typing import Any

import pytest

from apps.catalog.models import RegisteredModel
from tests.api.caller import token_of
from tests.api.mlflow.program import Program, refused, said
from tests.api.mlflow.searching import (
    MODELS,
    VERSIONS,
    found,
    many_models,
    many_versions,
    models,
    names,
    numbers,
)
from tests.factories import person
from tests.scenarios import registered_model, registered_version

pytestmark = pytest.mark.django_db


def test_pages_lead_to_the_end_and_no_further(dev: Program) -> None:
    models("a", "b", "c", "d")

    first = said(dev.get(MODELS, max_results=2))
    assert names(first) == ["a", "b"]
    second = said(dev.get(MODELS, max_results=2, page_token=first["next_page_token"]))
    assert names(second) == ["c", "d"]
    assert "next_page_token" not in second
    assert "next_page_token" not in said(dev.get(MODELS, max_results=4))


@pytest.mark.parametrize(
    ("path", "most"), [(MODELS, 1000), (VERSIONS, 200_000)], ids=["models", "versions"]
)
def test_a_page_has_a_size_within_limits(dev: Program, path: str, most: int) -> None:
    said(dev.get(path, max_results=most))
    for size in (most + 1, 0, -1, "many", 10**30):
        assert refused(dev.get(path, max_results=size), 400, "INVALID_PARAMETER_VALUE")


def test_a_page_of_models_has_a_hundred_unless_asked_otherwise(dev: Program) -> None:
    many_models(101)

    assert len(found(dev)) == 100


def test_a_page_token_holds_for_one_caller_filter_and_order(dev: Program) -> None:
    models("a", "b", "c")
    for _ in range(2):
        registered_version(RegisteredModel.objects.get(name="a"))
    asked: dict[str, Any] = {"max_results": 1, "filter": "name != 'b'", "order_by": ["name DESC"]}
    token = said(dev.get(MODELS, **asked))["next_page_token"]
    other = Program(token_of(person("mona", everywhere=["auditor"])))
    of_versions = said(dev.get(VERSIONS, max_results=1))["next_page_token"]

    assert names(said(dev.get(MODELS, **asked, page_token=token))) == ["a"]
    attempts: list[tuple[Program, str, dict[str, Any]]] = [
        (other, MODELS, {}),
        (dev, MODELS, {"filter": "name != 'x'"}),
        (dev, MODELS, {"filter": ""}),
        (dev, MODELS, {"order_by": ["name"]}),
        (dev, MODELS, {"order_by": []}),
        (dev, VERSIONS, {}),
        (dev, MODELS, {"page_token": of_versions}),
        (dev, MODELS, {"page_token": token[:-1]}),
        (dev, MODELS, {"page_token": f"A{token}"}),
        (dev, MODELS, {"page_token": "eyJvZmZzZXQiOiAxfQ=="}),
        (dev, MODELS, {"page_token": "é" * 5000}),
    ]
    for caller, path, more in attempts:
        answer = caller.get(path, **{**asked, "page_token": token, **more})
        assert "first page" in refused(answer, 400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize("order", [[], ["timestamp DESC"], ["timestamp", "name DESC"]], ids=str)
def test_pages_of_models_miss_nothing_and_repeat_nothing_while_models_come(
    dev: Program, order: list[str]
) -> None:
    many_models(2500)
    expected = [f"bulk-{number:05}" for number in range(2500)]
    seen: list[str] = []
    token = ""
    while token or not seen:
        answer = said(dev.get(MODELS, max_results=1000, order_by=order, page_token=token))
        seen += names(answer)
        token = answer.get("next_page_token", "")
        many_models(3, start=90_000 + len(seen))

    assert len(seen) == len(set(seen))
    assert sorted(name for name in seen if name < "bulk-9") == expected


@pytest.mark.parametrize("order", [[], ["name", "version_number"]], ids=str)
def test_pages_of_versions_miss_nothing_and_repeat_nothing_while_versions_come(
    dev: Program, order: list[str]
) -> None:
    a, b = models("a", "b")
    many_versions(a, 1300)
    many_versions(b, 1300)
    seen: list[str] = []
    token = ""
    while token or not seen:
        answer = said(dev.get(VERSIONS, max_results=1000, order_by=order, page_token=token))
        seen += numbers(answer)
        token = answer.get("next_page_token", "")
        registered_version(a)

    there = [f"{name}/{number}" for name in "ab" for number in range(1, 1301)]
    assert len(seen) == len(set(seen))
    assert set(seen) >= set(there)


def test_many_versions_come_in_several_answers_however_many_were_asked_for(
    dev: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.api.mlflow.searches.MOST_VERSIONS_AT_ONCE", 2)
    many_versions(registered_model("a"), 3)

    first = said(dev.get(VERSIONS, max_results=10_000))

    assert numbers(first) == ["a/3", "a/2"]
    rest = dev.get(VERSIONS, max_results=10_000, page_token=first["next_page_token"])
    assert said(rest).keys() == {"model_versions"}
