"""A data scientist's runs, with the MLflow client as it is, against the web server as it runs."""

import math
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import LoggedModelStatus, Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from tests.journeys.serving import Served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # those of the client are its own
]


@pytest.fixture
def iris() -> Any:
    return load_iris(return_X_y=True, as_frame=True)


def test_a_model_is_trained_logged_with_all_that_was_measured_and_loaded(
    client: MlflowClient, iris: tuple[Any, Any]
) -> None:
    features, target = iris
    experiment = mlflow.set_experiment("irises")
    data = mlflow.data.from_pandas(  # type: ignore[attr-defined]
        features.assign(target=target), name="iris", targets="target"
    )
    with mlflow.start_run(run_name="parent") as run:
        mlflow.log_params({"C": 1.0, "solver": "lbfgs"})
        mlflow.log_input(data, context="training", tags={"split": "all"})
        for step in range(5):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metric("undefined", math.nan)
        mlflow.log_metric("endless", -math.inf)
        model = LogisticRegression(max_iter=500).fit(features, target)
        logged = mlflow.sklearn.log_model(model, name="model", input_example=features.head(2))
        mlflow.log_metrics({"auc": 0.95, "f1": 0.9}, dataset=data, model_id=logged.model_id)
        mlflow.set_tag("team", "red")
        for number in range(3):
            with mlflow.start_run(nested=True, run_name=f"child {number}"):
                mlflow.log_param("C", number)
                mlflow.log_metric("auc", 0.5 + number / 10)

    found: Any = client.get_run(run.info.run_id)
    assert (found.info.status, found.info.run_name, found.info.user_id) == (
        "FINISHED",
        "parent",
        "dev",
    )
    assert found.info.end_time >= found.info.start_time
    assert found.data.params == {"C": "1.0", "solver": "lbfgs"}
    metrics = dict(found.data.metrics)
    assert math.isnan(metrics.pop("undefined"))
    assert metrics == {"auc": 0.95, "f1": 0.9, "loss": 0.2, "endless": -1.7976931348623157e308}
    [read] = found.inputs.dataset_inputs
    assert (read.dataset.name, read.dataset.digest) == ("iris", data.digest)
    assert {tag.key: tag.value for tag in read.tags} == {
        "mlflow.data.context": "training",
        "split": "all",
    }
    assert [output.model_id for output in found.outputs.model_outputs] == [logged.model_id]
    history = client.get_metric_history(run.info.run_id, "loss")
    assert [(point.step, point.value) for point in history] == [
        (step, 1 / (step + 1)) for step in range(5)
    ]

    held = mlflow.get_logged_model(logged.model_id)
    assert (held.status, held.source_run_id) == (LoggedModelStatus.READY, run.info.run_id)
    on_data = {metric.key: metric.dataset_name for metric in held.metrics or ()}
    assert (on_data["auc"], on_data["f1"]) == ("iris", "iris")
    loaded = mlflow.sklearn.load_model(logged.model_uri)
    assert list(loaded.predict(features.head(2))) == [0, 0]

    table: Any = mlflow.search_runs(
        experiment_names=["irises"],
        filter_string="metrics.auc >= 0.6 and params.C != '7'",
        order_by=["metrics.auc DESC"],
    )
    assert list(table["tags.mlflow.runName"]) == ["parent", "child 2", "child 1"]
    nested = f"tags.`mlflow.parentRunId` = '{run.info.run_id}'"
    asked: dict[str, Any] = {"max_results": 2, "order_by": ["params.C ASC"]}
    within = [experiment.experiment_id]
    first = client.search_runs(within, nested, **asked)
    rest = client.search_runs(within, nested, page_token=first.token, **asked)
    assert [each.info.run_name for each in (*first, *rest)] == ["child 0", "child 1", "child 2"]
    assert rest.token is None


def test_what_is_deleted_comes_back(client: MlflowClient) -> None:
    pk = client.create_experiment("comes back", tags={"team": "red"})
    run_id = client.create_run(pk).info.run_id

    client.delete_run(run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    assert not client.search_runs([pk])
    assert len(client.search_runs([pk], run_view_type=ViewType.ALL)) == 1
    client.restore_run(run_id)
    assert len(client.search_runs([pk])) == 1

    client.rename_experiment(pk, "renamed")
    client.set_experiment_tag(pk, "a", "b")
    client.delete_experiment(pk)
    deleted = client.search_experiments(ViewType.DELETED_ONLY)
    assert [each.name for each in deleted] == ["renamed"]
    client.restore_experiment(pk)
    assert client.get_experiment(pk).tags == {"team": "red", "a": "b"}
    assert client.get_experiment_by_name("comes back") is None
    assert "renamed" in [each.name for each in client.search_experiments()]


def test_a_large_batch_is_taken_and_read_back(client: MlflowClient) -> None:
    run_id = client.create_run(client.create_experiment("large")).info.run_id
    points = [
        Metric("loss", 1 / (step + 1), 1_700_000_000_000 + step, step) for step in range(5000)
    ]

    for start in range(0, 5000, 1000):
        client.log_batch(run_id, metrics=points[start : start + 1000])
    client.log_batch(
        run_id,
        params=[Param(f"p{number}", "x" * 500) for number in range(100)],
        tags=[RunTag(f"t{number}", "ü" * 500) for number in range(100)],
    )
    client.log_batch(run_id, metrics=points[:1000])

    assert len(client.get_metric_history(run_id, "loss")) == 5000
    run = client.get_run(run_id)
    assert run.data.metrics == {"loss": 1 / 5000}
    assert (len(run.data.params), run.data.tags["t99"]) == (100, "ü" * 500)


def test_logged_models_are_searched_described_and_deleted(client: MlflowClient) -> None:
    experiment = mlflow.set_experiment("external models")
    params = {f"p{number}": str(number) for number in range(150)}
    model = mlflow.create_external_model(name="scorer", params=params, tags={"team": "red"})
    with mlflow.start_run():
        mlflow.log_metric("auc", 0.9, model_id=model.model_id)
    mlflow.set_logged_model_tags(model.model_id, {"a/b": "c"})

    found = mlflow.search_logged_models(
        [experiment.experiment_id],
        filter_string="metrics.auc > 0.8 AND tags.`a/b` = 'c' AND params.p7 = '7'",
        order_by=[{"field_name": "metrics.auc", "ascending": False}],
        output_format="list",
    )
    assert [each.model_id for each in found] == [model.model_id]
    mlflow.delete_logged_model_tag(model.model_id, "a/b")
    held = mlflow.get_logged_model(model.model_id)
    assert (held.params, held.tags["team"], "a/b" in held.tags) == (params, "red", False)
    client.delete_logged_model(model.model_id)
    with pytest.raises(MlflowException, match="No logged model"):
        mlflow.get_logged_model(model.model_id)


def test_refusals_are_what_the_client_knows(
    client: MlflowClient, served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    pk = client.create_experiment("taken")
    run_id = client.create_run(pk).info.run_id
    client.log_param(run_id, "depth", 3)
    client.log_param(run_id, "depth", 3)

    refusals = {
        "RESOURCE_ALREADY_EXISTS": lambda: client.create_experiment("taken"),
        "INVALID_PARAMETER_VALUE": lambda: client.log_param(run_id, "depth", 4),
        "RESOURCE_DOES_NOT_EXIST": lambda: client.get_run("f" * 32),
    }
    for code, call in refusals.items():
        with pytest.raises(MlflowException) as refusal:
            call()
        assert refusal.value.error_code == code

    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", served.auditor)
    assert client.get_run(run_id).data.params == {"depth": "3"}
    with pytest.raises(MlflowException) as refusal:
        client.set_tag(run_id, "a", "b")
    assert refusal.value.error_code == "PERMISSION_DENIED"
