"""Metrics at the MLflow door: what is recorded in a batch, and the series of one metric."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.api.mlflow import metrics
from apps.catalog.models import RunMetric
from tests import scenarios
from tests.api.caller import token_of
from tests.api.mlflow import recorded
from tests.api.mlflow.program import Program, refused, said
from tests.api.mlflow.recorded import MS

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program(token_of(scenarios.developer()))


@pytest.fixture
def run_id(program: Program) -> str:
    return recorded.run(program)


def point(value: Any = 1, step: int = 0, **more: Any) -> dict[str, Any]:
    return {"key": "loss", "value": value, "timestamp": MS + step, "step": step, **more}


def history(program: Program, run_id: str, **more: Any) -> Any:
    return said(program.get("metrics/get-history", run_id=run_id, metric_key="loss", **more))


def test_a_series_is_answered_by_step_in_pages(program: Program, run_id: str) -> None:
    points = [point(step / 10, step) for step in (3, 1, 2, 0, 4)]
    program.post("runs/log-batch", run_id=run_id, metrics=points)

    whole = history(program, run_id)
    first = history(program, run_id, max_results=2)
    second = history(program, run_id, max_results=2, page_token=first["next_page_token"])
    third = history(program, run_id, max_results=2, page_token=second["next_page_token"])

    assert [each["step"] for each in whole["metrics"]] == [0, 1, 2, 3, 4]
    assert first["metrics"] + second["metrics"] + third["metrics"] == whole["metrics"]
    assert "next_page_token" not in whole
    assert "next_page_token" not in third


def test_a_series_ends_a_page_somewhere(
    program: Program, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "MOST_POINTS", 2)
    program.post("runs/log-batch", run_id=run_id, metrics=[point(1, step) for step in range(3)])

    for asked in ({}, {"max_results": 1000}):
        first = history(program, run_id, **asked)
        rest = history(program, run_id, page_token=first["next_page_token"], **asked)
        assert (len(first["metrics"]), len(rest["metrics"])) == (2, 1)


def test_a_metric_that_was_not_measured_has_no_series(program: Program, run_id: str) -> None:
    assert history(program, run_id) == {}


@pytest.mark.parametrize(
    ("asked", "code"),
    [({"max_results": 0}, 400), ({"max_results": -1}, 400), ({"page_token": "x"}, 400)],
)
def test_no_such_page(program: Program, run_id: str, asked: dict[str, Any], code: int) -> None:
    answer = program.get("metrics/get-history", run_id=run_id, metric_key="loss", **asked)

    refused(answer, code, "INVALID_PARAMETER_VALUE")


def test_a_page_belongs_to_its_series(program: Program, run_id: str) -> None:
    program.post("runs/log-batch", run_id=run_id, metrics=[point(1, step) for step in range(3)])
    token = history(program, run_id, max_results=1)["next_page_token"]
    asked = {"run_id": run_id, "metric_key": "other", "page_token": token}

    answer = program.get("metrics/get-history", **asked)

    refused(answer, 400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        (1, 1.0),
        (0.1, 0.1),
        ("0.25", 0.25),
        ("NaN", "NaN"),
        ("Infinity", 1.7976931348623157e308),
        ("-Infinity", -1.7976931348623157e308),
        (-1e308, -1e308),
        (5e-324, 5e-324),
    ],
)
def test_a_value_comes_back_as_it_was(
    program: Program, run_id: str, sent: object, answered: object
) -> None:
    assert said(program.post("runs/log-metric", run_id=run_id, **point(sent))) == {}

    [metric] = history(program, run_id)["metrics"]
    assert metric["value"] == answered


@pytest.mark.parametrize(
    "metric",
    [
        point("much"),
        point(True),
        point(None),
        point([1]),
        point(1, 2**63),
        point(timestamp=-1),
        point(timestamp="now"),
        {**point(), "step": 1.5},
        point(key=""),
        point(key=7),
        point(key="a\x00b"),
        point(dataset_name="holdout"),
        point(dataset_digest="abc"),
        {"key": "loss", "value": 1},
        {"key": "loss", "timestamp": 1},
    ],
)
def test_what_is_no_metric_is_refused_and_nothing_is_kept(
    program: Program, run_id: str, metric: dict[str, Any]
) -> None:
    batch = {"run_id": run_id, "metrics": [point(), metric]}

    for answer in (
        program.post("runs/log-batch", **batch),
        program.post("runs/log-metric", run_id=run_id, **metric),
    ):
        refused(answer, 400, "INVALID_PARAMETER_VALUE")
    assert not RunMetric.objects.exists()


def test_a_number_that_is_too_large_for_json_is_refused(program: Program, run_id: str) -> None:
    body = f'{{"run_id": "{run_id}", "key": "a", "value": 1e999, "timestamp": 1}}'.encode()

    refused(program.send("POST", "runs/log-metric", body), 400, "INVALID_PARAMETER_VALUE")


def test_too_large_a_batch_is_refused(program: Program, run_id: str) -> None:
    metrics = [point(1, step) for step in range(1001)]

    answer = program.post("runs/log-batch", run_id=run_id, metrics=metrics)

    assert "at most 1,000 metrics" in refused(answer, 400, "INVALID_PARAMETER_VALUE")
    tags = recorded.pairs({f"t{number}": "x" * 8000 for number in range(200)})
    answer = program.post("runs/log-batch", run_id=run_id, tags=tags)
    assert "1,048,576 bytes" in refused(answer, 400, "INVALID_PARAMETER_VALUE")


def test_another_value_of_a_parameter_is_refused(program: Program, run_id: str) -> None:
    fields = {"run_id": run_id, "key": "depth", "value": "3"}
    assert said(program.post("runs/log-parameter", **fields)) == {}
    assert said(program.post("runs/log-parameter", **fields)) == {}

    answer = program.post("runs/log-parameter", **{**fields, "value": "4"})

    message = refused(answer, 400, "INVALID_PARAMETER_VALUE")
    assert message.startswith("Changing parameter values is not allowed")  # clients look for it


def test_a_batch_costs_the_same_queries_however_much_it_holds(
    program: Program, run_id: str
) -> None:
    program.post("runs/log-batch", run_id=run_id, metrics=[point()])
    counts = []
    for amount in (2, 20):
        batch = {
            "metrics": [point(amount, step) for step in range(amount)],
            "params": recorded.pairs({f"p{amount}-{each}": "1" for each in range(amount)}),
            "tags": recorded.pairs({f"t{each}": "1" for each in range(amount)}),
        }
        with CaptureQueriesContext(connection) as queries:
            assert said(program.post("runs/log-batch", run_id=run_id, **batch)) == {}
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 24
