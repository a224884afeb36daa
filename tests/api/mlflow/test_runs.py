"""Runs at the MLflow door: their calls, what they show, and whom they refuse."""

import json
from typing import Any

import pytest

from apps.accounts.scopes import Scope
from apps.catalog.models import ModelVersion, Run
from tests import factories, scenarios
from tests.api.caller import token_of
from tests.api.mlflow import homes, recorded
from tests.api.mlflow.program import Program, refused, said
from tests.api.mlflow.recorded import MS

pytestmark = pytest.mark.django_db

DATASET = {
    "dataset": {
        "name": "iris",
        "digest": "abc123",
        "source_type": "local",
        "source": "{}",
        "schema": '{"columns": []}',
        "profile": '{"rows": 150}',
    },
    "tags": [{"key": "mlflow.data.context", "value": "training"}, {"key": "a", "value": "b"}],
}


DEEP = b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@pytest.fixture
def program() -> Program:
    return Program(token_of(scenarios.developer()))


@pytest.fixture
def mate() -> Program:
    """Somebody in a team with the developer, who may record too."""
    mona = factories.person("mona", everywhere=("model_developer",))
    factories.team("Crew", mona, scenarios.developer())
    return Program(token_of(mona))


def shown(program: Program, run_id: str) -> Any:
    return said(program.get("runs/get", run_id=run_id))["run"]


def test_a_run_is_started_and_read_back(program: Program) -> None:
    pk = recorded.experiment(program)
    asked = {"experiment_id": pk, "run_name": "nightly", "start_time": MS, "user_id": "ignored"}

    run = said(program.post("runs/create", **asked))["run"]

    info = run["info"]
    assert info == {
        "run_id": info["run_uuid"],
        "run_uuid": info["run_id"],
        "run_name": "nightly",
        "experiment_id": pk,
        "user_id": "dev",
        "status": "RUNNING",
        "start_time": MS,
        "artifact_uri": f"mlflow-artifacts:/{pk}/{info['run_id']}/artifacts",
        "lifecycle_stage": "active",
    }
    assert run["data"] == {"tags": [{"key": "mlflow.runName", "value": "nightly"}]}
    assert (run["inputs"], run["outputs"]) == ({}, {})
    assert shown(program, info["run_id"]) == run
    assert said(program.get("runs/get", run_uuid=info["run_id"]))["run"] == run


def test_a_run_that_names_no_experiment_is_in_the_default_one(program: Program) -> None:
    homes.experiment()

    for asked in ({}, {"experiment_id": ""}):
        run = said(program.post("runs/create", **asked))["run"]
        assert run["info"]["experiment_id"] == "0"


def test_everything_recorded_is_shown(program: Program) -> None:
    run_id = recorded.run(program)
    recorded.log(program, run_id, params={"depth": "3"}, tags={"team": "red"})
    for step, value in ((0, 0.5), (2, 0.25), (1, 0.75)):
        metric = {"key": "loss", "value": value, "timestamp": MS + step, "step": step}
        assert said(program.post("runs/log-metric", run_id=run_id, **metric)) == {}
    program.post("runs/log-metric", run_uuid=run_id, key="nan", value="NaN", timestamp=MS)
    assert said(program.post("runs/log-parameter", run_id=run_id, key="seed", value="7")) == {}
    assert said(program.post("runs/log-inputs", run_id=run_id, datasets=[DATASET])) == {}
    program.post("runs/log-inputs", run_id=run_id, models=[{"model_id": "m-1"}])
    program.post("runs/outputs", run_id=run_id, models=[{"model_id": "m-2", "step": 3}])

    run = shown(program, run_id)

    metrics = {metric["key"]: metric for metric in run["data"]["metrics"]}
    assert metrics["loss"] == {
        "key": "loss",
        "value": 0.25,
        "timestamp": MS + 2,
        "step": 2,
        "run_id": run_id,
    }
    assert metrics["nan"]["value"] == "NaN"
    assert run["data"]["params"] == recorded.pairs({"depth": "3", "seed": "7"})
    assert {"key": "team", "value": "red"} in run["data"]["tags"]
    assert not any(tag["key"].startswith("signet.") for tag in run["data"]["tags"])
    assert run["inputs"] == {"dataset_inputs": [DATASET], "model_inputs": [{"model_id": "m-1"}]}
    assert run["outputs"] == {"model_outputs": [{"model_id": "m-2", "step": 3}]}


def test_of_several_datasets_a_run_shows_the_metric_measured_last(program: Program) -> None:
    run_id = recorded.run(program)
    for value, at, name in ((0.9, 5, "holdout"), (0.8, 9, "train"), (0.7, 7, "")):
        dataset = {"dataset_name": name, "dataset_digest": "abc"} if name else {}
        metric = {"key": "auc", "value": value, "timestamp": at, **dataset}
        assert said(program.post("runs/log-metric", run_id=run_id, **metric)) == {}

    [metric] = shown(program, run_id)["data"]["metrics"]
    assert (metric["value"], metric["dataset_name"], metric["dataset_digest"]) == (
        0.8,
        "train",
        "abc",
    )


@pytest.mark.parametrize("status", ["FAILED", 4, "4"])
def test_a_run_ends(program: Program, status: str | int) -> None:
    run_id = recorded.run(program)

    asked = {"run_id": run_id, "run_uuid": run_id, "status": status, "end_time": MS + 5000}
    info = said(program.post("runs/update", **asked, run_name="renamed"))["run_info"]

    assert (info["status"], info["end_time"], info["run_name"]) == ("FAILED", MS + 5000, "renamed")
    assert info == shown(program, run_id)["info"]


@pytest.mark.parametrize("status", ["DONE", 0, 6, "failed"])
def test_an_unknown_status_is_refused(program: Program, status: str | int) -> None:
    answer = program.post("runs/update", run_id=recorded.run(program), status=status)

    assert "one of RUNNING" in refused(answer, 400, "INVALID_PARAMETER_VALUE")


def test_a_run_is_deleted_and_restored(program: Program) -> None:
    run_id = recorded.run(program)

    assert said(program.post("runs/delete", run_id=run_id)) == {}
    assert shown(program, run_id)["info"]["lifecycle_stage"] == "deleted"
    answer = program.post("runs/set-tag", run_id=run_id, key="a", value="b")
    assert "must be active" in refused(answer, 400, "BAD_REQUEST")

    assert said(program.post("runs/restore", run_id=run_id)) == {}
    assert said(program.post("runs/set-tag", run_id=run_id, key="a", value="b")) == {}
    assert said(program.post("runs/delete-tag", run_id=run_id, key="a")) == {}
    answer = program.post("runs/delete-tag", run_id=run_id, key="a")
    refused(answer, 404, "RESOURCE_DOES_NOT_EXIST")


def test_older_clients_tell_what_models_they_logged(program: Program) -> None:
    run_id = recorded.run(program)
    model = {"artifact_path": "m", "flavors": {}, "utc_time_created": "now", "run_id": run_id}

    for _ in range(2):
        asked = {"run_id": run_id, "model_json": json.dumps(model)}
        assert said(program.post("runs/log-model", **asked)) == {}

    tags = {tag["key"]: tag["value"] for tag in shown(program, run_id)["data"]["tags"]}
    assert json.loads(tags["mlflow.log-model.history"]) == [model, model]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "no object"),
        ("{", "no object"),
        ("{}", "artifact_path, flavors"),
        (f'{{"a": {"[" * 9999}', "no object"),
        (f'{{"a": {"[" * 99}{"]" * 99}}}', "nested deeper"),
    ],
)
def test_what_describes_no_model_is_refused(program: Program, text: str, words: str) -> None:
    answer = program.post("runs/log-model", run_id=recorded.run(program), model_json=text)

    assert words in refused(answer, 400, "INVALID_PARAMETER_VALUE")


def test_a_run_registered_without_mlflow_is_shown_too(program: Program) -> None:
    version = scenarios.registered_version()
    assert version.run is not None

    run = shown(program, version.run.uid)

    assert run["info"]["experiment_id"] == "0"
    [metric] = [each for each in run["data"]["metrics"] if each["key"] == "auc"]
    assert "dataset_name" not in metric  # it has no digest, and clients take both or none


# -- who


CALLS: dict[str, dict[str, Any]] = {
    "update": {"status": "KILLED"},
    "delete": {},
    "restore": {},
    "set-tag": {"key": "a", "value": "b"},
    "delete-tag": {"key": "mlflow.runName"},
    "log-metric": {"key": "a", "value": 1, "timestamp": 1},
    "log-parameter": {"key": "a", "value": "1"},
    "log-batch": {"params": [{"key": "a", "value": "1"}]},
    "log-inputs": {"datasets": [DATASET]},
    "outputs": {"models": [{"model_id": "m-1"}]},
    "log-model": {
        "model_json": '{"artifact_path": 1, "flavors": {}, "utc_time_created": 1, "run_id": 1}'
    },
}


@pytest.mark.parametrize("path", CALLS)
def test_a_strangers_call_finds_no_run_and_a_teammates_is_refused(
    program: Program, stranger: Program, mate: Program, path: str
) -> None:
    run_id = recorded.run(program)
    before = shown(program, run_id)

    answer = stranger.post(f"runs/{path}", run_id=run_id, **CALLS[path])
    hidden = refused(answer, 404, "RESOURCE_DOES_NOT_EXIST")
    absent = stranger.post(f"runs/{path}", run_id="0" * 32, **CALLS[path])
    assert hidden.replace(run_id, "0" * 32) == refused(absent, 404, "RESOURCE_DOES_NOT_EXIST")
    answer = mate.post(f"runs/{path}", run_id=run_id, **CALLS[path])
    assert "Only the person who started this run" in refused(answer, 403, "PERMISSION_DENIED")

    assert shown(program, run_id) == before


@pytest.mark.parametrize("path", ["runs/get", "metrics/get-history"])
def test_a_teammate_reads_a_run_and_a_stranger_does_not(
    program: Program, stranger: Program, mate: Program, path: str
) -> None:
    run_id = recorded.run(program)
    recorded.log(program, run_id, metrics={"auc": 0.9})
    asked = {"run_id": run_id, "metric_key": "auc"}

    assert said(mate.get(path, **asked)) == said(program.get(path, **asked))
    refused(stranger.get(path, **asked), 404, "RESOURCE_DOES_NOT_EXIST")


def test_who_sees_a_version_reads_the_run_it_came_from() -> None:
    program = Program(token_of(scenarios.developer()))
    run_id = recorded.run(program)
    version = scenarios.registered_version()
    ModelVersion._base_manager.filter(pk=version.pk).update(run=Run.objects.get(uid=run_id))
    auditor = Program(token_of(scenarios.auditor()))
    inside = token_of(scenarios.auditor(), Scope.READ, roots=[version.model.record_ref])
    outside = token_of(
        scenarios.auditor(), Scope.READ, roots=[scenarios.registered_model().record_ref]
    )

    assert shown(auditor, run_id) == shown(Program(inside), run_id)
    answer = Program(outside).get("runs/get", run_id=run_id)
    refused(answer, 404, "RESOURCE_DOES_NOT_EXIST")
    refused(auditor.post("runs/set-tag", run_id=run_id, key="a"), 403, "PERMISSION_DENIED")


def test_a_token_that_only_reads_records_nothing(program: Program) -> None:
    run_id = recorded.run(program)
    reader = Program(token_of(scenarios.developer(), Scope.READ))

    assert shown(reader, run_id)
    refused(reader.post("runs/set-tag", run_id=run_id, key="a"), 403, "PERMISSION_DENIED")
    answer = reader.post("runs/create", experiment_id=recorded.experiment(program))
    refused(answer, 403, "PERMISSION_DENIED")


def test_nobody_without_a_token_calls(program: Program) -> None:
    run_id = recorded.run(program)

    refused(Program().get("runs/get", run_id=run_id), 401, "UNAUTHENTICATED")
    refused(Program().post("runs/set-tag", run_id=run_id, key="a"), 401, "UNAUTHENTICATED")


@pytest.mark.parametrize("path", [*CALLS, "search", "create"])
@pytest.mark.parametrize(
    "body",
    [b"[]", b"{", b'"a"', b'{"run_id": 1}', b'{"run_id": {}}', b'{"key": null}', b"\xff", DEEP],
)
def test_what_cannot_be_read_is_refused_and_never_fails(
    program: Program, path: str, body: bytes
) -> None:
    answer = program.send("POST", f"runs/{path}", body)

    assert answer.status_code in {200, 400, 404}, answer.content
    if answer.status_code == 200:
        assert path in {"search", "create"}


def test_a_field_that_is_missing_is_named_as_mlflow_does(program: Program) -> None:
    run_id = recorded.run(program)

    for path, field in (("set-tag", "key"), ("log-metric", "key"), ("outputs", "models")):
        answer = program.post(f"runs/{path}", run_id=run_id)
        message = refused(answer, 400, "INVALID_PARAMETER_VALUE")
        assert message == f"Missing value for required parameter '{field}'."
    answer = program.get("runs/get")
    assert "'run_id'" in refused(answer, 400, "INVALID_PARAMETER_VALUE")


def test_the_inputs_of_a_run_may_be_megabytes(program: Program) -> None:
    run_id = recorded.run(program)
    dataset = {"name": "wide", "digest": "abc", "profile": "x" * 3_000_000}

    answer = program.post("runs/log-inputs", run_id=run_id, datasets=[{"dataset": dataset}])

    assert said(answer) == {}
