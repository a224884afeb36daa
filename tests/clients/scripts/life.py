"""A data scientist trains, logs, registers, names, loads, copies, searches, renames and deletes."""

from typing import Any

import mlflow
from mlflow import MlflowClient
from mlflow.models import infer_signature

from tests.clients.scripts.saying import (
    IS_THREE,
    irises,
    log_model,
    predictions_of,
    refusal_of,
    say,
    trained,
    walked,
)

CODE = {
    "mlflow.source.git.repoURL": "https://robot:secret@git.example.com/flowers/irises.git",
    "mlflow.source.git.commit": "5f3759df5f3759df5f3759df5f3759df5f3759df",
}


def main() -> None:
    """Live it once, and say what was so at each step."""
    mlflow.set_experiment("irises")
    client = MlflowClient()
    features, _ = irises()
    model = trained()
    before = predictions_of(model)
    logged, run_id = log(model)
    say(
        run_id=run_id,
        before=before,
        registered=register(client, logged, run_id),
        loaded=load(),
        copied=copy(client),
        found=search(client),
        renamed=rename(client),
        deleted=delete(client),
        scored=mlflow.pyfunc.load_model("models:/iris/1").predict(features[::5]).tolist(),
    )


def log(model: Any) -> tuple[Any, str]:
    """Log all MLflow can log of a training, and register the model on the way."""
    features, kinds = irises()
    flowers = features.assign(kind=kinds)
    data: Any = mlflow.data.from_pandas(  # type: ignore[attr-defined]
        flowers, name="irises", targets="kind"
    )
    with mlflow.start_run(run_name="nightly", tags=CODE) as run:
        mlflow.log_params({"C": 1.0, "max_iter": 500})
        mlflow.log_input(data, context="training")
        for step in range(5):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        logged = log_model(
            model,
            "model",
            signature=infer_signature(features, model.predict(features)),
            input_example=features.head(3),
            registered_model_name="iris",
        )
        measured(data, logged)
        mlflow.log_text("All went well.", "notes.txt")
    return logged, run.info.run_id


def measured(data: Any, logged: Any) -> None:
    """Log a metric on a dataset, which only MLflow 3 can say."""
    more = {"dataset": data, "model_id": logged.model_id} if IS_THREE else {}
    mlflow.log_metrics({"accuracy": 0.97}, **more)


def register(client: MlflowClient, logged: Any, run_id: str) -> dict[str, Any]:
    """Register the model again from each address it has."""
    from_run = mlflow.register_model(f"runs:/{run_id}/model", "iris", tags={"from": "the run"})
    address = logged.model_uri if IS_THREE else f"{client.get_run(run_id).info.artifact_uri}/model"
    from_model = (
        mlflow.register_model(address, "iris")
        if IS_THREE
        else client.create_model_version("iris", address, run_id)
    )
    client.set_registered_model_alias("iris", "best", from_run.version)
    client.update_model_version("iris", "1", "The first of its kind.")
    client.update_registered_model("iris", "Tells irises apart.")
    versions = [client.get_model_version("iris", str(number)) for number in (1, 2, 3)]
    return {
        "address": from_model.source,
        "numbers": [int(from_run.version), int(from_model.version)],
        "run_ids": [version.run_id for version in versions],
        "status": [version.status for version in versions],
        "sources": [version.source for version in versions],
        "addresses": addresses(client, ("iris", "1"), ("iris", "2"), ("iris", "3")),
        "by": versions[0].user_id,
    }


def load() -> dict[str, Any]:
    """Load it by number, alias and as the latest, and predict."""
    wanted = ("models:/iris/1", "models:/iris@best", "models:/iris/latest")
    return {address: predictions_of(mlflow.sklearn.load_model(address)) for address in wanted}


def copy(client: MlflowClient) -> dict[str, Any]:
    """Copy a version, and the copy."""
    first = client.copy_model_version("models:/iris@best", "wild iris")
    second = client.copy_model_version(f"models:/wild iris/{first.version}", "tame iris")
    again = client.copy_model_version("models:/iris/1", "wild iris")
    return {
        "numbers": [int(first.version), int(second.version), int(again.version)],
        "sources": [first.source, second.source],
        "addresses": addresses(client, ("iris", "2"), ("wild iris", "1"), ("tame iris", "1")),
        "after": predictions_of(mlflow.sklearn.load_model("models:/tame iris/1")),
    }


def search(client: MlflowClient) -> dict[str, Any]:
    """Search models and versions, by filters and page by page."""
    models, versions = client.search_registered_models, client.search_model_versions
    found = {
        "all": [each.name for each in models()],
        "like": [each.name for each in models("name LIKE '%iris'", order_by=["name DESC"])],
        "pages": [each.name for each in walked(models, max_results=1)],
        "versions": sorted(
            [each.name, int(each.version)]
            for each in walked(versions, filter_string="name LIKE '%iris'", max_results=2)
        ),
        "tagged": [int(each.version) for each in versions("name='iris' and tags.`from`='the run'")],
        "latest": [int(each.version) for each in client.get_latest_versions("iris")],
        "wrong": refusal_of(models, "size > 3"),
    }
    run_id = client.get_model_version("iris", "1").run_id
    of_run = versions(f"run_id = '{run_id}' and name = 'iris'")
    return {**found, "of_run": sorted(int(each.version) for each in of_run)}


def rename(client: MlflowClient) -> dict[str, Any]:
    """Rename a model, which takes its versions along."""
    client.rename_registered_model("tame iris", "garden iris")
    return {
        "after": predictions_of(mlflow.sklearn.load_model("models:/garden iris/1")),
        "before": refusal_of(client.get_registered_model, "tame iris"),
    }


def delete(client: MlflowClient) -> dict[str, Any]:
    """Delete versions, which a copy outlives, and a model, whose name is free then."""
    for number in ("1", "2"):
        client.delete_model_version("wild iris", number)
    following = client.copy_model_version("models:/iris/1", "wild iris")
    outlived = predictions_of(mlflow.sklearn.load_model("models:/garden iris/1"))
    client.delete_registered_model("garden iris")
    gone = refusal_of(client.get_registered_model, "garden iris")
    again = client.copy_model_version("models:/iris/1", "garden iris")
    return {
        "version": refusal_of(client.get_model_version, "wild iris", "2"),
        "model": gone,
        "outlived": outlived,
        "next": [int(following.version), int(again.version)],
    }


def addresses(client: MlflowClient, *versions: tuple[str, str]) -> list[str]:
    """Return where the files of some versions are."""
    return [client.get_model_version_download_uri(*version) for version in versions]


if __name__ == "__main__":
    main()
