"""Experiments at the MLflow door."""

import pytest

from apps.catalog.models import Experiment
from tests import factories, scenarios
from tests.api.caller import token_of
from tests.api.mlflow import homes, recorded
from tests.api.mlflow.program import Program, refused, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program(token_of(scenarios.developer()))


def names(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [row["name"] for row in answer.get("experiments", [])]


def test_an_experiment_is_created_and_read_by_id_and_name(program: Program) -> None:
    tags = [{"key": "team", "value": "red"}]

    pk = said(program.post("experiments/create", name="churn", tags=tags))["experiment_id"]

    shown = said(program.get("experiments/get", experiment_id=pk))["experiment"]
    assert (
        shown == said(program.get("experiments/get-by-name", experiment_name="churn"))["experiment"]
    )
    assert shown.pop("creation_time") == shown.pop("last_update_time") > recorded.MS
    assert shown == {
        "experiment_id": pk,
        "name": "churn",
        "artifact_location": f"mlflow-artifacts:/{pk}",
        "lifecycle_stage": "active",
        "tags": tags,
    }


def test_the_experiment_of_runs_that_name_none_is_there(stranger: Program) -> None:
    homes.experiment()

    shown = said(stranger.get("experiments/get", experiment_id="0"))["experiment"]

    assert (shown["name"], shown["artifact_location"]) == ("Default", "mlflow-artifacts:/0")
    assert "tags" not in shown


def test_a_name_that_is_taken_is_refused_in_mlflows_own_code(program: Program) -> None:
    recorded.experiment(program, "churn")

    answer = program.post("experiments/create", name="churn")

    assert "already exists" in refused(answer, 400, "RESOURCE_ALREADY_EXISTS")
    other = recorded.experiment(program)
    answer = program.post("experiments/update", experiment_id=other, new_name="churn")
    refused(answer, 400, "RESOURCE_ALREADY_EXISTS")


def test_files_lie_nowhere_else(program: Program) -> None:
    answer = program.post("experiments/create", name="churn", artifact_location="s3://elsewhere")

    assert "artifact_location" in refused(answer, 400, "INVALID_PARAMETER_VALUE")
    assert not Experiment.objects.filter(name="churn").exists()


def test_an_experiment_is_renamed_tagged_deleted_and_restored(program: Program) -> None:
    pk = recorded.experiment(program)
    run = recorded.run(program, pk)
    for path, fields in (
        ("update", {"new_name": "other"}),
        ("set-experiment-tag", {"key": "a", "value": "b"}),
        ("set-experiment-tag", {"key": "c", "value": "d"}),
        ("delete-experiment-tag", {"key": "a"}),
        ("delete", {}),
    ):
        assert said(program.post(f"experiments/{path}", experiment_id=pk, **fields)) == {}

    shown = said(program.get("experiments/get", experiment_id=pk))["experiment"]
    assert (shown["name"], shown["lifecycle_stage"]) == ("other", "deleted")
    assert shown["tags"] == [{"key": "c", "value": "d"}]
    search = {"experiment_ids": [pk]}
    assert recorded.found(said(program.post("runs/search", **search))) == []

    assert said(program.post("experiments/restore", experiment_id=pk)) == {}
    assert recorded.found(said(program.post("runs/search", **search))) == [run]


ONE = {
    "update": {"new_name": "taken over"},
    "set-experiment-tag": {"key": "a", "value": "b"},
    "delete-experiment-tag": {"key": "a"},
    "delete": {},
    "restore": {},
}


@pytest.mark.parametrize("path", ONE)
def test_a_stranger_meets_nothing_and_a_teammate_who_writes_a_refusal(
    program: Program, stranger: Program, path: str
) -> None:
    pk = recorded.experiment(program)
    mate = factories.person("mona", everywhere=("model_developer",))
    factories.team("Crew", mate, scenarios.developer())

    hidden = stranger.post(f"experiments/{path}", experiment_id=pk, **ONE[path])
    absent = stranger.post(f"experiments/{path}", experiment_id="999", **ONE[path])
    message = refused(hidden, 404, "RESOURCE_DOES_NOT_EXIST")
    assert message.replace(pk, "999") == refused(absent, 404, "RESOURCE_DOES_NOT_EXIST")

    answer = Program(token_of(mate)).post(f"experiments/{path}", experiment_id=pk, **ONE[path])
    assert "created" in refused(answer, 403, "PERMISSION_DENIED")


@pytest.mark.parametrize("given", ["", "x", "-1", "1.0", "9" * 30, "٣"])
def test_what_is_no_id_is_absent(program: Program, given: str) -> None:
    answer = program.get("experiments/get", experiment_id=given)

    refused(answer, 404, "RESOURCE_DOES_NOT_EXIST")


def test_who_may_not_record_creates_none() -> None:
    auditor = Program(token_of(scenarios.auditor()))

    refused(auditor.post("experiments/create", name="mine"), 403, "PERMISSION_DENIED")


# -- search


@pytest.fixture
def three(program: Program) -> None:
    for name, team in (("alpha", "red"), ("Beta", "blue"), ("gamma", "")):
        pk = recorded.experiment(program, name)
        if team:
            fields = {"experiment_id": pk, "key": "team", "value": team}
            program.post("experiments/set-experiment-tag", **fields)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("name = 'alpha'", ["alpha"]),
        ("name != 'alpha' AND creation_time > 0", ["gamma", "Beta", "Default"]),
        ("name LIKE '%eta'", ["Beta"]),
        ("name LIKE 'b%'", []),
        ("name ILIKE 'b%'", ["Beta"]),
        ("tags.team = 'red'", ["alpha"]),
        ("tags.team != 'red'", ["Beta"]),
        ("tags.team LIKE 'b%e'", ["Beta"]),
        ("tags.team IS NOT NULL", ["Beta", "alpha"]),
        ("tags.team IS NULL", ["gamma", "Default"]),
        ("tags.`a;b\"` = 'x'", []),
        ("experiment_id = '0'", ["Default"]),
        ("experiment_id IN ('0', 'x')", ["Default"]),
        ("experiment_id != '0'", ["gamma", "Beta", "alpha"]),
        ("last_update_time < 1", []),
    ],
)
def test_a_filter_finds(program: Program, asked: str, expected: list[str]) -> None:
    homes.experiment()

    assert set(names(said(program.post("experiments/search", filter=asked)))) == set(expected)


@pytest.mark.usefixtures("three")
def test_pages_follow_one_another_in_order(program: Program, stranger: Program) -> None:
    asked = {"order_by": ["name DESC"], "max_results": 2, "filter": "experiment_id != '0'"}

    first = said(program.post("experiments/search", **asked))
    rest = said(program.post("experiments/search", **asked, page_token=first["next_page_token"]))

    assert names(first) == ["gamma", "alpha"]
    assert names(rest) == ["Beta"]
    assert "next_page_token" not in rest
    for other, changes in ((program, {"max_results": 2, "order_by": ["name"]}), (stranger, asked)):
        answer = other.post(
            "experiments/search", **{**changes, "page_token": first["next_page_token"]}
        )
        refused(answer, 400, "INVALID_PARAMETER_VALUE")


@pytest.mark.usefixtures("three")
def test_deleted_ones_are_found_when_asked_for(program: Program, stranger: Program) -> None:
    pk = said(program.get("experiments/get-by-name", experiment_name="Beta"))["experiment"]
    program.post("experiments/delete", experiment_id=pk["experiment_id"])
    asked = {"filter": "experiment_id != '0'", "order_by": ["name"]}

    for view, expected in (
        ("ACTIVE_ONLY", ["alpha", "gamma"]),
        ("DELETED_ONLY", ["Beta"]),
        ("ALL", ["Beta", "alpha", "gamma"]),
        (2, ["Beta"]),
    ):
        assert names(said(program.post("experiments/search", view_type=view, **asked))) == expected
        assert names(said(program.get("experiments/search", view_type=view, **asked))) == expected
        assert said(stranger.post("experiments/search", view_type=view, **asked)) == {}
    refused(program.post("experiments/search", view_type="SOME"), 400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize("size", [0, -1, 50_001])
def test_a_page_has_a_size(program: Program, size: int) -> None:
    answer = program.post("experiments/search", max_results=size)

    assert "between 1 and 50000" in refused(answer, 400, "INVALID_PARAMETER_VALUE")
