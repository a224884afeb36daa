"""Versions of a model side by side."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.approvals import operations as approvals
from apps.catalog.models import RegisteredModel, RunDataset
from apps.catalog.training import MetricFacts, RunFacts
from tests import scenarios
from tests.console.conftest import Answer, Reads
from tests.factories import actor

pytestmark = pytest.mark.django_db


def trained(auc: float, depth: str, **more: Any) -> RunFacts:
    return RunFacts(
        name="nightly",
        parameters={"depth": depth, "seed": "7"},
        metrics=(MetricFacts("auc", auc, "holdout", higher_is_better=True), *more.get("also", ())),
    )


@pytest.fixture
def model() -> RegisteredModel:
    """Return a model with two versions that differ in every respect."""
    model = scenarios.registered_model("churn")
    scenarios.registered_version(
        model,
        run=trained(0.8, "3"),
        packages=["numpy==1.26", "scipy==1.15"],
        python_version="3.11.7",
        code_commit="abcdef1",
    )
    second = scenarios.registered_version(
        model,
        {**scenarios.MODEL_FILES, "README.md": b"another", "new.txt": b"x"},
        run=trained(0.9, "4", also=(MetricFacts("loss", 0.2),)),
        packages=["numpy==2.2", "scipy==1.15"],
        python_version="3.11.7",
        code_commit="abcdef2",
        code_is_dirty=True,
        signature={"inputs": [{"name": "x", "type": "float"}]},
    )
    assert second.run is not None
    RunDataset.objects.create(run=second.run, name="train", digest="d1", context="training")
    return model


def compared(opens: Reads, model: RegisteredModel, query: str = "version=1&version=2") -> Answer:
    path = reverse("models:compare", args=[model.name])
    return opens(scenarios.auditor(), f"{path}?{query}" if query else path)


@pytest.mark.parametrize(
    "told",
    [
        "auc holdout 0.8 0.9 +0.1 better",
        "loss – 0.2",
        "depth 3 4",
        "Inputs: n long –",
        "Inputs: x double float",
        "numpy 1.26 2.2",
        "train (training) – d1",
        "Commit abcdef1 abcdef2",
        "Uncommitted changes – yes",
        "new.txt –",
    ],
)
def test_what_differs_stands_side_by_side(opens: Reads, model: RegisteredModel, told: str) -> None:
    assert told in compared(opens, model).words


def test_what_is_the_same_is_folded_away_below_what_differs(
    opens: Reads, model: RegisteredModel
) -> None:
    answer = compared(opens, model)

    parameters = answer.source.partition(">Parameters<")[2].partition("</section>")[0]
    assert parameters.index("depth") < parameters.index("<details") < parameters.index("seed")
    assert "1 is the same" in parameters


def test_up_to_five_versions_are_held_against_the_oldest(opens: Reads) -> None:
    model = scenarios.registered_model("churn")
    for auc in (0.8, 0.7, 0.9, 0.8, 0.85):
        scenarios.registered_version(model, run=trained(auc, "3"))

    words = compared(opens, model, "&".join(f"version={n}" for n in (5, 3, 1, 2, 4))).words

    assert "auc holdout 0.8 0.7 −0.1 worse 0.9 +0.1 better 0.8 no change" in words


@pytest.mark.parametrize(
    "query",
    [
        "version=1",
        "version=1&version=1",
        "version=x&version=1",
        "version=1&version=9",
        "&".join(f"version={n}" for n in range(1, 7)),
    ],
)
def test_versions_that_cannot_be_compared_are_refused_in_words(
    opens: Reads, model: RegisteredModel, query: str
) -> None:
    answer = compared(opens, model, query)

    assert answer.status == 422
    assert "Choose 2 to 5 versions" in answer.words or "does not have all" in answer.words


def test_without_a_choice_the_versions_are_offered(opens: Reads, model: RegisteredModel) -> None:
    answer = compared(opens, model, "")

    assert answer.status == 200
    assert "Choose what to compare" in answer.words
    assert 'name="version" value="2"' in answer.source


def test_one_version_alone_cannot_be_compared(opens: Reads) -> None:
    model = scenarios.registered_version().model

    assert "A comparison needs two versions" in compared(opens, model, "").words


def test_a_deleted_version_is_not_offered(opens: Reads, model: RegisteredModel) -> None:
    version = model.versions.get(number=2)
    approvals.delete_version(version, by=actor(scenarios.developer()), reason="By mistake")

    assert 'value="2"' not in compared(opens, model, "").source
    assert compared(opens, model).status == 422


def test_a_model_nobody_showed_the_reader_is_not_there(
    opens: Reads, model: RegisteredModel
) -> None:
    path = reverse("models:compare", args=[model.name])

    assert opens(scenarios.stranger(), path).status == 404


def test_the_page_of_a_model_leads_to_the_comparison(opens: Reads, model: RegisteredModel) -> None:
    answer = opens(scenarios.auditor(), model.get_absolute_url())

    assert f'action="{reverse("models:compare", args=[model.name])}"' in answer.source
    assert 'name="version" value="1"' in answer.source


def test_five_versions_need_as_many_queries_as_two(opens: Reads) -> None:
    model = scenarios.registered_model("churn")
    for number in range(5):
        scenarios.registered_version(model, run=trained(0.5 + number / 10, "3"))
    compared(opens, model)

    with CaptureQueriesContext(connection) as for_two:
        compared(opens, model)
    with CaptureQueriesContext(connection) as for_five:
        compared(opens, model, "&".join(f"version={n}" for n in range(1, 6)))

    assert len(for_five) == len(for_two)
