"""Searches of runs: what a filter finds, in which order, page by page."""

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
def runs(program: Program) -> dict[str, str]:
    """Four runs of one experiment, each started a second later; the id of that is under ``in``."""
    pk = recorded.experiment(program)
    ids = {"in": pk}
    for number, name in enumerate(("a", "b", "c", "d")):
        asked = {"experiment_id": pk, "run_name": name, "start_time": MS + 1000 * number}
        ids[name] = said(program.post("runs/create", **asked))["run"]["info"]["run_id"]
    recorded.log(program, ids["a"], metrics={"auc": 0.9}, params={"depth": "3"})
    recorded.log(
        program, ids["b"], metrics={"auc": 0.7}, params={"depth": "10"}, tags={"team": "Red"}
    )
    recorded.log(program, ids["c"], metrics={"auc": "NaN"}, tags={"team": "blue"})
    dataset = {
        "dataset": {"name": "iris", "digest": "abc"},
        "tags": [{"key": "mlflow.data.context", "value": "training"}],
    }
    program.post("runs/log-inputs", run_id=ids["b"], datasets=[dataset])
    program.post("runs/update", run_id=ids["a"], status="FINISHED", end_time=MS + 9000)
    program.post("runs/update", run_id=ids["b"], status="FAILED", end_time=MS + 8000)
    return ids


def search(program: Program, runs: dict[str, str], **asked: Any) -> str:
    """Return the names of the runs that a search finds, in order."""
    answer = said(program.post("runs/search", experiment_ids=[runs["in"]], **asked))
    return "".join(row["info"]["run_name"] for row in answer.get("runs", []))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", "dcba"),
        ("metrics.auc > 0.8", "a"),
        ("metrics.auc <= 0.9", "ba"),
        ("metrics.auc != 0.9", "b"),
        ("metrics.other > 0", ""),
        ("params.depth = '3'", "a"),
        ("params.depth != '3'", "b"),
        ("params.depth IS NULL", "dc"),
        ("params.depth IS NOT NULL", "ba"),
        ("tags.team = 'blue'", "c"),
        ("tags.team LIKE 'r%'", ""),
        ("tags.team LIKE 'R_d'", "b"),
        ("tags.team ILIKE 'r%'", "b"),
        ("tags.`mlflow.runName` = 'd'", "d"),
        ("attributes.run_name = 'a' AND metrics.auc > 0", "a"),
        ("run_name LIKE '%'", "dcba"),
        ("status = 'RUNNING'", "dc"),
        ("status != 'RUNNING'", "ba"),
        ("user_id = 'dev'", "dcba"),
        (f"start_time = {MS}", "a"),
        (f"start_time != {MS}", "dcb"),
        (f"start_time > {MS + 1000}", "dc"),
        (f"start_time >= {MS + 1000}", "dcb"),
        (f"start_time < {MS + 1000}", "a"),
        (f"start_time <= {MS + 1000}", "ba"),
        (f"end_time > {MS}", "ba"),
        ("end_time != 5", "ba"),
        ("start_time > -9223372036854775807", "dcba"),
        ("start_time < 9223372036854775807", "dcba"),
        ("dataset.name = 'iris'", "b"),
        ("dataset.digest LIKE 'a%' AND datasets.context = 'training'", "b"),
        ("dataset.name IN ('wine', 'iris')", "b"),
        ("dataset.name != 'iris'", ""),
        ("tags.`signet.model_inputs` IS NULL", ""),
    ],
)
def test_a_filter_finds(program: Program, runs: dict[str, str], asked: str, expected: str) -> None:
    assert search(program, runs, filter=asked) == expected


def test_runs_are_found_by_their_ids_and_addresses(program: Program, runs: dict[str, str]) -> None:
    a, b = runs["a"], runs["b"]

    assert search(program, runs, filter=f"attributes.run_id IN ('{a}', '{b}')") == "ba"
    assert search(program, runs, filter=f"run_id NOT IN ('{a}')") == "dcb"
    address = f"mlflow-artifacts:/{runs['in']}/{a}/artifacts"
    assert search(program, runs, filter=f"artifact_uri = '{address}'") == "a"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (["metrics.auc"], "bacd"),
        (["metrics.auc DESC"], "abcd"),
        (["params.depth"], "badc"),
        (["params.depth DESC"], "abdc"),
        (["tags.team"], "bcda"),
        (["start_time ASC"], "abcd"),
        (["attributes.start_time DESC"], "dcba"),
        (["end_time"], "badc"),
        (["end_time DESC"], "abdc"),
        (["status", "run_name DESC"], "badc"),
        (["run_name"], "abcd"),
        (["user_id", "run_name"], "abcd"),
        (["artifact_uri", "metrics.auc"], None),
        (["run_id"], None),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_pages_follow_one_another_in_order(
    program: Program, runs: dict[str, str], order: list[str], expected: str | None, size: int
) -> None:
    names, token = "", ""
    while token or not names:
        asked = {"experiment_ids": [runs["in"]], "order_by": order, "max_results": size}
        answer = said(program.post("runs/search", **asked, page_token=token))
        names += "".join(row["info"]["run_name"] for row in answer["runs"])
        token = answer.get("next_page_token", "")

    assert len(names) == 4
    if expected is None:
        ids = [runs[name] for name in names]
        assert ids == sorted(ids)
    else:
        assert names == expected


def test_a_page_belongs_to_its_search(program: Program, runs: dict[str, str]) -> None:
    asked: dict[str, Any] = {"experiment_ids": [runs["in"]], "max_results": 1}
    token = said(program.post("runs/search", **asked))["next_page_token"]

    for change in (
        {"filter": "metrics.auc > 0"},
        {"order_by": ["run_name"]},
        {"experiment_ids": [runs["in"], "0"]},
        {"run_view_type": "ALL"},
        {"page_token": token + "x"},
        {"page_token": "x" * 100},
    ):
        answer = program.post("runs/search", **{**asked, "page_token": token, **change})
        refused(answer, 400, "INVALID_PARAMETER_VALUE")
    auditor = Program(token_of(scenarios.auditor()))
    answer = auditor.post("runs/search", **asked, page_token=token)
    refused(answer, 400, "INVALID_PARAMETER_VALUE")


def test_long_texts_are_ordered_and_paged_too(program: Program) -> None:
    pk = recorded.experiment(program)
    for number in range(3):
        run_id = recorded.run(program, pk)
        recorded.log(
            program, run_id, params={f"p{each}": f"{number}{'ü' * 5000}" for each in range(8)}
        )
    asked = {
        "experiment_ids": [pk],
        "max_results": 2,
        "order_by": [f"params.p{n}" for n in range(8)],
    }

    first = said(program.post("runs/search", **asked))
    rest = said(program.post("runs/search", **asked, page_token=first["next_page_token"]))

    assert len({*found(first), *found(rest)}) == 3


def test_deleted_runs_are_found_when_asked_for(program: Program, runs: dict[str, str]) -> None:
    program.post("runs/delete", run_id=runs["b"])

    assert search(program, runs) == "dca"
    assert search(program, runs, run_view_type="DELETED_ONLY") == "b"
    assert search(program, runs, run_view_type=2) == "b"
    assert search(program, runs, run_view_type="ALL") == "dcba"


def test_only_visible_runs_are_found(program: Program, runs: dict[str, str]) -> None:
    mona = factories.person("mona")
    mate = Program(token_of(mona))
    assert search(mate, runs) == ""

    factories.team("Crew", mona, scenarios.developer())
    assert search(mate, runs) == search(Program(token_of(scenarios.auditor())), runs) == "dcba"


def test_a_search_in_no_experiment_finds_nothing(program: Program, runs: dict[str, str]) -> None:
    for given in ([], ["x"], ["999"], ["-1"]):
        assert said(program.post("runs/search", experiment_ids=given)) == {}


def test_no_search_is_in_too_many_experiments(program: Program) -> None:
    many = [str(10**9 + number) for number in range(10_001)]

    answer = program.post("runs/search", experiment_ids=many)

    assert "at most 10,000" in refused(answer, 400, "INVALID_PARAMETER_VALUE")
    assert said(program.post("runs/search", experiment_ids=many[1:])) == {}


@pytest.mark.parametrize(
    "asked",
    [
        {"filter": "metrics.auc >"},
        {"filter": "nothing = 'x'"},
        {"order_by": ["nothing"]},
        {"max_results": 0},
        {"max_results": 50_001},
        {"run_view_type": "SOME"},
    ],
)
def test_what_cannot_be_searched_is_refused(program: Program, asked: dict[str, Any]) -> None:
    answer = program.post("runs/search", experiment_ids=["0"], **asked)

    refused(answer, 400, "INVALID_PARAMETER_VALUE")


def test_lists_leave_out_schemas_of_datasets(program: Program, runs: dict[str, str]) -> None:
    dataset = {"name": "wine", "digest": "d", "schema": "{}", "profile": "{}"}
    program.post("runs/log-inputs", run_id=runs["a"], datasets=[{"dataset": dataset}])

    answer = said(program.post("runs/search", experiment_ids=[runs["in"]]))

    inputs = answer["runs"][-1]["inputs"]["dataset_inputs"]
    assert inputs == [{"dataset": {"name": "wine", "digest": "d"}}]


def test_two_runs_and_twenty_cost_the_same_queries(program: Program) -> None:
    counts = []
    for amount in (2, 20):
        pk = recorded.experiment(program)
        for number in range(amount):
            run_id = recorded.run(program, pk)
            recorded.log(
                program,
                run_id,
                metrics={"auc": number / 100},
                params={"depth": str(number)},
                tags={"a": "b"},
            )
        asked = {
            "experiment_ids": [pk],
            "filter": "metrics.auc >= 0 and params.depth LIKE '%' and tags.a = 'b'",
            "order_by": ["metrics.auc", "params.depth DESC"],
        }
        with CaptureQueriesContext(connection) as queries:
            answer = said(program.post("runs/search", **asked))
        assert len(answer["runs"]) == amount
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 16
