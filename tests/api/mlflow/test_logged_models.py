"""Logged models at the MLflow door."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories, scenarios
from tests.api.caller import token_of
from tests.api.mlflow import recorded
from tests.api.mlflow.program import Program, refused, said
from tests.api.mlflow.recorded import MS, found

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program(token_of(scenarios.developer()))


@pytest.fixture
def home(program: Program) -> str:
    """The id of an experiment."""
    return recorded.experiment(program)


def shown(program: Program, uid: str) -> Any:
    return said(program.get(f"logged-models/{uid}"))["model"]


def test_a_logged_model_is_created_and_read_back(program: Program, home: str) -> None:
    run_id = recorded.run(program, home)
    asked = {
        "experiment_id": home,
        "name": "classifier",
        "model_type": "agent",
        "source_run_id": run_id,
        "params": recorded.pairs({"depth": "3"}),
        "tags": recorded.pairs({"team": "red"}),
    }

    model = said(program.post("logged-models", **asked))["model"]

    info = dict(model["info"])
    uid = info.pop("model_id")
    assert info.pop("creation_timestamp_ms") == info.pop("last_updated_timestamp_ms") > MS
    assert info == {
        "experiment_id": home,
        "name": "classifier",
        "artifact_uri": f"mlflow-artifacts:/{home}/models/{uid}/artifacts",
        "status": "LOGGED_MODEL_PENDING",
        "model_type": "agent",
        "source_run_id": run_id,
        "tags": asked["tags"],
    }
    assert model["data"] == {"params": asked["params"]}
    assert shown(program, uid) == model


@pytest.mark.parametrize("status", ["LOGGED_MODEL_READY", 2])
def test_it_is_ready_once_its_files_are_in(program: Program, home: str, status: object) -> None:
    uid = recorded.logged_model(program, home)

    model = said(program.patch(f"logged-models/{uid}", model_id=uid, status=status))["model"]

    assert model["info"]["status"] == "LOGGED_MODEL_READY"
    assert model == shown(program, uid)


def test_an_unknown_status_is_refused(program: Program, home: str) -> None:
    uid = recorded.logged_model(program, home)

    answer = program.patch(f"logged-models/{uid}", status="GOOD")

    assert "one of LOGGED_MODEL_PENDING" in refused(answer, 400, "INVALID_PARAMETER_VALUE")


def test_tags_and_parameters_are_added_and_tags_deleted(program: Program, home: str) -> None:
    uid = recorded.logged_model(program, home)

    tags = recorded.pairs({"a/b": "1", "c": "2"})
    assert said(program.patch(f"logged-models/{uid}/tags", tags=tags))["model"]
    assert said(program.delete(f"logged-models/{uid}/tags/a/b")) == {}
    params = recorded.pairs({"depth": "3"})
    assert said(program.post(f"logged-models/{uid}/params", params=params)) == {}

    model = shown(program, uid)
    assert model["info"]["tags"] == recorded.pairs({"c": "2"})
    assert model["data"]["params"] == params
    answer = program.delete(f"logged-models/{uid}/tags/a/b")
    refused(answer, 404, "RESOURCE_DOES_NOT_EXIST")
    answer = program.post(f"logged-models/{uid}/params", params=recorded.pairs({"depth": "4"}))
    refused(answer, 400, "INVALID_PARAMETER_VALUE")


def test_a_deleted_one_is_read_only_by_its_starter_who_asks_for_it(
    program: Program, home: str
) -> None:
    uid = recorded.logged_model(program, home)
    assert said(program.delete(f"logged-models/{uid}")) == {}
    auditor = Program(token_of(scenarios.auditor()))

    refused(program.get(f"logged-models/{uid}"), 404, "RESOURCE_DOES_NOT_EXIST")
    assert said(program.get(f"logged-models/{uid}", allow_deleted="true"))["model"]
    answer = auditor.get(f"logged-models/{uid}", allow_deleted="true")
    refused(answer, 404, "RESOURCE_DOES_NOT_EXIST")
    assert said(program.post("logged-models/search", experiment_ids=[home])) == {}


def test_metrics_measured_on_it_are_shown_by_run_and_dataset(program: Program, home: str) -> None:
    run_id, uid = recorded.run(program, home), recorded.logged_model(program, home)
    for value, step, dataset in ((0.7, 0, "train"), (0.9, 1, "train"), (0.5, 0, "holdout")):
        metric = {"key": "auc", "value": value, "timestamp": MS, "step": step, "model_id": uid}
        named = {"dataset_name": dataset, "dataset_digest": "abc"}
        assert said(program.post("runs/log-metric", run_id=run_id, **metric, **named)) == {}

    metrics = shown(program, uid)["data"]["metrics"]

    assert {metric["dataset_name"]: metric["value"] for metric in metrics} == {
        "train": 0.9,
        "holdout": 0.5,
    }
    assert {(metric["model_id"], metric["run_id"]) for metric in metrics} == {(uid, run_id)}


# -- who


CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "finalize": ("PATCH", "", {"status": "LOGGED_MODEL_READY"}),
    "delete": ("DELETE", "", {}),
    "set tags": ("PATCH", "/tags", {"tags": [{"key": "a", "value": "b"}]}),
    "delete a tag": ("DELETE", "/tags/a", {}),
    "log parameters": ("POST", "/params", {"params": [{"key": "a", "value": "b"}]}),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_strangers_call_finds_none_and_a_teammates_is_refused(
    program: Program, stranger: Program, home: str, call: str
) -> None:
    uid = recorded.logged_model(program, home)
    mona = factories.person("mona", everywhere=("model_developer",))
    method, path, fields = CALLS[call]

    answer = stranger.send(method, f"logged-models/{uid}{path}", fields)
    refused(answer, 404, "RESOURCE_DOES_NOT_EXIST")
    refused(stranger.get(f"logged-models/{uid}"), 404, "RESOURCE_DOES_NOT_EXIST")

    mate = Program(token_of(mona))
    answer = mate.send(method, f"logged-models/{uid}{path}", fields)
    assert "Only the person who started" in refused(answer, 403, "PERMISSION_DENIED")
    assert shown(mate, uid) == shown(program, uid)


def test_none_is_made_where_one_may_not_record_or_see(
    program: Program, stranger: Program, home: str
) -> None:
    run_id = recorded.run(program, home)

    answer = stranger.post("logged-models", experiment_id=home)
    refused(answer, 404, "RESOURCE_DOES_NOT_EXIST")
    answer = Program(token_of(scenarios.auditor())).post("logged-models", experiment_id=home)
    refused(answer, 403, "PERMISSION_DENIED")
    mona = Program(token_of(factories.person("mona", everywhere=("model_developer",))))
    answer = mona.post("logged-models", experiment_id=home, source_run_id=run_id)
    refused(answer, 403, "PERMISSION_DENIED")
    answer = program.post("logged-models", experiment_id=home, source_run_id="0" * 32)
    refused(answer, 404, "RESOURCE_DOES_NOT_EXIST")


# -- search


@pytest.fixture
def models(program: Program, home: str) -> dict[str, str]:
    """Three logged models with metrics on two datasets."""
    run_id = recorded.run(program, home)
    ids = {"in": home, "run": run_id}
    for name, depth, auc in (("a", "3", 0.9), ("b", "10", 0.7), ("c", "", None)):
        more = {"source_run_id": run_id} if name == "a" else {}
        uid = recorded.logged_model(program, home, name=name, model_type=f"type {name}", **more)
        ids[name] = uid
        if depth:
            params, tags = recorded.pairs({"depth": depth}), recorded.pairs({"team": f"t{name}"})
            program.post(f"logged-models/{uid}/params", params=params)
            program.patch(f"logged-models/{uid}/tags", tags=tags)
        if auc is not None:
            metric = {"key": "auc", "timestamp": MS, "model_id": uid}
            for value, dataset in ((auc, "train"), (1 - auc, "holdout")):
                named = {"dataset_name": dataset, "dataset_digest": f"{name}{dataset}"}
                program.post("runs/log-metric", run_id=run_id, value=value, **metric, **named)
    program.patch(f"logged-models/{ids['a']}", status="LOGGED_MODEL_READY")
    return ids


def search(program: Program, models: dict[str, str], **asked: Any) -> str:
    answer = said(program.post("logged-models/search", experiment_ids=[models["in"]], **asked))
    return "".join(row["info"]["name"] for row in answer.get("models", []))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", "cba"),
        ("name = 'a'", "a"),
        ("attributes.name IN ('a', 'c')", "ca"),
        ("model_type LIKE 'type%'", "cba"),
        ("status = 'READY'", "a"),
        ("status != 'LOGGED_MODEL_READY'", "cb"),
        ("status IN ('READY', 'PENDING')", "cba"),
        ("status LIKE 'LOGGED%'", "cba"),
        ("metrics.auc > 0.8", "a"),
        ("metrics.auc < 0.2 AND metrics.auc > 0.8", "a"),
        ("params.depth = '3'", "a"),
        ("params.depth = 10", "b"),
        ("params.depth != '3'", "b"),
        ("tags.team LIKE 't%'", "ba"),
        ("tags.team IN ('ta')", "a"),
        ("creation_timestamp > 1000", "cba"),
        ("last_updated_timestamp < 1000", ""),
        ("source_run_id != 'x'", "a"),
    ],
)
def test_a_filter_finds(
    program: Program, models: dict[str, str], asked: str, expected: str
) -> None:
    assert search(program, models, filter=asked) == expected


@pytest.mark.parametrize(
    ("datasets", "asked", "expected"),
    [
        ([{"dataset_name": "train"}], "", "ba"),
        ([{"dataset_name": "train", "dataset_digest": "atrain"}], "", "a"),
        ([{"dataset_name": "train"}], "metrics.auc > 0.8", "a"),
        ([{"dataset_name": "holdout"}], "metrics.auc > 0.8", ""),
        ([{"dataset_name": "holdout"}, {"dataset_name": "train"}], "metrics.auc > 0.8", "a"),
        ([{"dataset_name": "other"}], "", ""),
    ],
)
def test_metrics_are_looked_up_on_datasets(
    program: Program,
    models: dict[str, str],
    datasets: list[dict[str, str]],
    asked: str,
    expected: str,
) -> None:
    assert search(program, models, filter=asked, datasets=datasets) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([{"field_name": "metrics.auc", "dataset_name": "train"}], "bac"),
        ([{"field_name": "metrics.auc", "dataset_name": "holdout"}], "abc"),
        (
            [{"field_name": "metrics.auc", "dataset_name": "train", "ascending": False}],
            "abc",
        ),
        (
            [
                {
                    "field_name": "metrics.auc",
                    "dataset_name": "train",
                    "dataset_digest": "btrain",
                }
            ],
            "bca",
        ),
        ([{"field_name": "name"}], "abc"),
        ([{"field_name": "attributes.name", "ascending": False}], "cba"),
        ([{"field_name": "creation_timestamp"}], "abc"),
        ([{"field_name": "source_run_id"}], "acb"),
        ([], "cba"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_follow_one_another_in_order(
    program: Program, models: dict[str, str], order: list[dict[str, Any]], expected: str, size: int
) -> None:
    asked = {"experiment_ids": [models["in"]], "order_by": order, "max_results": size}
    names, token = "", ""
    while token or not names:
        answer = said(program.post("logged-models/search", **asked, page_token=token))
        names += "".join(row["info"]["name"] for row in answer["models"])
        token = answer.get("next_page_token", "")

    assert names == expected


def test_no_search_is_in_too_many_experiments(program: Program) -> None:
    many = [str(10**9 + number) for number in range(10_001)]

    answer = program.post("logged-models/search", experiment_ids=many)

    assert "at most 10,000" in refused(answer, 400, "INVALID_PARAMETER_VALUE")
    assert said(program.post("logged-models/search", experiment_ids=many[1:])) == {}


@pytest.mark.parametrize(
    "asked",
    [
        {"filter": "nothing = 'x'"},
        {"max_results": 0},
        {"datasets": [{"dataset_name": ""}]},
        {"datasets": [{"dataset_name": f"d{number}"} for number in range(101)]},
        {"order_by": [{"field_name": "params.depth"}]},
        {"order_by": [{"field_name": "name", "dataset_name": "train"}]},
        {"order_by": [{"field_name": "metrics.auc", "dataset_digest": "x"}]},
        {"order_by": [{"field_name": "name"}, {"field_name": "name"}]},
        {"page_token": "x"},
    ],
)
def test_what_cannot_be_searched_is_refused(program: Program, asked: dict[str, Any]) -> None:
    answer = program.post("logged-models/search", experiment_ids=["0"], **asked)

    refused(answer, 400, "INVALID_PARAMETER_VALUE")


def test_only_visible_ones_are_found(
    program: Program, stranger: Program, models: dict[str, str]
) -> None:
    auditor = Program(token_of(scenarios.auditor()))

    assert search(stranger, models) == ""
    assert search(auditor, models) == "cba"
    refused(stranger.post("logged-models/search"), 400, "INVALID_PARAMETER_VALUE")


def test_two_and_twenty_cost_the_same_queries(program: Program) -> None:
    counts = []
    for amount in (2, 20):
        home = recorded.experiment(program)
        run_id = recorded.run(program, home)
        for number in range(amount):
            uid = recorded.logged_model(program, home, name=f"m{number}")
            metric = {"key": "auc", "value": number, "timestamp": MS, "model_id": uid}
            program.post("runs/log-metric", run_id=run_id, **metric, step=number)
        order = [{"field_name": "metrics.auc"}, {"field_name": "name"}]
        asked = {"experiment_ids": [home], "order_by": order, "filter": "metrics.auc >= 0"}
        with CaptureQueriesContext(connection) as queries:
            answer = said(program.post("logged-models/search", **asked))
        assert len(found(answer, "models")) == amount
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 12
