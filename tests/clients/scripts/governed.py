"""A model that is governed: loaded by stage and alias, moved when it was decided, else refused."""

import os
import sys
from typing import Any

import mlflow
from mlflow import MlflowClient
from mlflow.models import infer_signature

from tests.clients.scripts.saying import (
    REQUIREMENTS,
    irises,
    log_model,
    predictions_of,
    refusal_of,
    say,
    trained,
)

TRAINED, REGISTERED = 3, 5


def register() -> None:
    """Register versions that differ, and then the last one again."""
    client = MlflowClient()
    features, _ = irises()
    predicted = {}
    for number in range(1, TRAINED + 1):
        model = trained(10.0 ** (number - 4))
        with mlflow.start_run():
            log_model(
                model,
                "model",
                signature=infer_signature(features, model.predict(features)),
                input_example=features.head(2),
                pip_requirements=REQUIREMENTS,
                registered_model_name="iris",
            )
        predicted[str(number)] = predictions_of(model)
    for _ in range(TRAINED, REGISTERED):
        client.copy_model_version(f"models:/iris/{TRAINED}", "iris")
    versions = client.search_model_versions("name = 'iris'")
    say(predicted=predicted, numbers=sorted(int(version.version) for version in versions))


def measure() -> None:
    """Say how good each model is, and on which data: MLflow 2 cannot say the latter."""
    features, kinds = irises()
    flowers = features.assign(kind=kinds)
    data: Any = mlflow.data.from_pandas(flowers, name="irises")  # type: ignore[attr-defined]
    for version in MlflowClient().search_model_versions("name = 'iris' and version_number < 3"):
        model = mlflow.sklearn.load_model(f"models:/iris/{version.version}")
        score = float(model.score(features, kinds))
        mlflow.log_metrics({"accuracy": score}, dataset=data, run_id=version.run_id)
    say()


def serve() -> None:
    """Load what is in production, then try every move there is, as an operator."""
    client = MlflowClient()
    before = {name: loaded(name) for name in ("Production", "Staging", "champion")}
    stages = {stage: latest(client, stage) for stage in ("None", "Staging", "Production")}
    deleted = {
        "in production": refusal_of(client.delete_model_version, "iris", "1"),
        "asked for": refusal_of(client.delete_model_version, "iris", "4"),
        "model": refusal_of(client.delete_registered_model, "iris"),
    }
    os.environ["MLFLOW_TRACKING_TOKEN"] = os.environ["OPERATOR_TOKEN"]
    refused = moves_nobody_decided(client)
    moved = client.transition_model_version_stage("iris", "3", "Staging").current_stage
    client.set_registered_model_alias("iris", "champion", "2")
    say(
        before=before,
        stages=stages,
        deleted=deleted,
        refused=refused,
        moved=moved,
        champion=client.get_model_version_by_alias("iris", "champion").version,
        after={name: loaded(name) for name in ("Production", "Staging", "champion")},
        replaced=client.get_model_version("iris", "1").current_stage,
    )


def moves_nobody_decided(client: MlflowClient) -> dict[str, list[str]]:
    """Return how each move that was not decided is refused."""
    move, name = client.transition_model_version_stage, "iris"
    return {
        "closed": refusal_of(move, name, "4", "Staging"),
        "not asked for": refusal_of(move, name, "5", "Staging"),
        "two at once": refusal_of(move, name, "5", "Production"),
        "archive": refusal_of(move, name, "1", "Archived"),
        "back": refusal_of(move, name, "1", "None"),
        "champion": refusal_of(client.set_registered_model_alias, name, "champion", "5"),
        "no champion": refusal_of(client.delete_registered_model_alias, name, "champion"),
    }


def loaded(name: str) -> list[int]:
    """Load a version by its stage or its alias, and predict."""
    address = f"models:/iris/{name}" if name[0].isupper() else f"models:/iris@{name}"
    return predictions_of(mlflow.sklearn.load_model(address))


def latest(client: MlflowClient, stage: str) -> list[Any]:
    return [int(version.version) for version in client.get_latest_versions("iris", [stage])]


if __name__ == "__main__":
    {"register": register, "measure": measure, "serve": serve}[sys.argv[1]]()
