"""Runs are tracked somewhere else, and only versions are registered in Signet."""

import os
import time
from pathlib import Path

import mlflow
from mlflow import MlflowClient
from mlflow.models import infer_signature

from tests.clients.scripts.saying import (
    IS_THREE,
    REQUIREMENTS,
    irises,
    log_model,
    refusal_of,
    say,
    trained,
)


def main() -> None:
    """Train against a folder of files, register in Signet, and say what it gave back."""
    signet = os.environ["MLFLOW_TRACKING_URI"]
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    mlflow.set_tracking_uri(f"file://{Path.cwd()}/runs")
    mlflow.set_registry_uri(signet)
    client = MlflowClient()
    features, _ = irises()
    model = trained()
    with mlflow.start_run() as run:
        signature = infer_signature(features, model.predict(features))
        logged = log_model(model, "model", signature=signature, pip_requirements=REQUIREMENTS)
    client.create_registered_model("iris")

    begun = time.monotonic()
    source = f"s3://bucket/{run.info.run_id}/model"
    version = client.create_model_version("iris", source, run.info.run_id)
    by_model = mlflow.register_model(logged.model_uri, "iris") if IS_THREE else version
    seconds = time.monotonic() - begun
    folder = logged.artifact_path if IS_THREE else f"{run.info.artifact_uri}/model"
    say(
        seconds=seconds,
        run_id=run.info.run_id,
        registered=[version.run_id, version.status, version.source],
        address=client.get_model_version_download_uri("iris", version.version),
        source=source,
        model_uri=logged.model_uri,
        by_model=[by_model.source, by_model.status],
        by_model_address=client.get_model_version_download_uri("iris", by_model.version),
        own_folder=refusal_of(client.create_model_version, "iris", folder),
    )


if __name__ == "__main__":
    main()
