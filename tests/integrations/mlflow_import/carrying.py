"""Imports for the tests of this folder, and all that stands here afterwards."""

from collections.abc import Callable
from typing import Any

from apps.accounts.models import User
from apps.catalog import store
from apps.catalog.models import Alias, ModelVersion, RegisteredModel, Run, Tombstone, Upload
from apps.core.actors import Actor, Door
from apps.integrations.mlflow_import import registry
from apps.integrations.mlflow_import.client import Bounds, Client
from apps.integrations.mlflow_import.order import Order
from apps.integrations.mlflow_import.report import Report
from apps.integrations.mlflow_import.servers import MlflowServer
from apps.integrations.models import ImportedVersion
from apps.validation.models import CheckRun
from tests.factories import actor
from tests.integrations.mlflow_import.lab import Lab
from tests.scenarios import developer

REASON = "The lab closes"
AT_ONCE = Bounds(pauses=())


def client_of(there: Lab, **given: Any) -> Client:
    """Return a client of a lab that does not ask twice."""
    return Client(MlflowServer("lab", there.address), **{"bounds": AT_ONCE, **given})


def carrier(owner: User | None = None) -> Actor:
    """Return whoever brings a registry over, at the door of commands."""
    return actor(owner or developer(), door=Door.COMMAND)


def bring(
    there: Lab, *names: str, by: Actor | None = None, alive: Callable[[], None] = lambda: None
) -> Report:
    """Bring the models of these names, or all, and return the report."""
    order = Order(client_of(there, alive=alive), by or carrier(), REASON)
    registry.bring(order, names, lambda *told: None)
    return order.report


def kept(digest: str) -> bytes:
    """Return the bytes the store keeps under a digest."""
    with store.open(digest) as file:
        return file.read()


def fill(there: Lab) -> None:
    """Fill a lab with a little of everything."""
    there.model("wine", {"domain": "food"}, aliases={"challenger": 3, "champion": 1})
    there.registered("wine", 1, current_stage="Production", description="The first")
    there.registered("wine", 3, tags={"validated": "yes"})
    there.model("iris")
    logged = there.logged_model("iris 1")
    there.version(
        "iris",
        1,
        source=f"models:/{logged}",
        model_id=logged,
        location=there.logged[logged]["info"]["artifact_uri"],
    )
    there.prompt("greet", "Hello {{name}}", "Good day {{name}}")


def standing() -> dict[str, Any]:
    """Return what stands here, without times and ids that differ from one import to the next."""
    return {
        "models": [_model(model) for model in RegisteredModel.objects.order_by("name")],
        "runs": [_run(run) for run in Run.objects.order_by("uid")],
        "checks": CheckRun.objects.count(),
        "aliases": Alias.objects.count(),
        "tombstones": Tombstone.objects.count(),
        "uploads": Upload.objects.count(),
    }


def whole(there: Lab) -> dict[str, Any]:
    """Return what stands here and see that it is all the filled lab has, once."""
    rows = standing()
    runs = {run["uid"]: run for run in rows["runs"]}
    assert [
        (model["name"], [one["number"] for one in model["versions"]]) for model in rows["models"]
    ] == [("greet", [1, 2]), ("iris", [1]), ("wine", [1, 2, 3])]
    assert runs.keys() == there.runs.keys()
    assert {len(run["metrics"]) for run in runs.values()} == {6}
    assert rows["uploads"] == 0
    assert ImportedVersion.objects.filter(done_at=None).count() == 0
    return rows


def _model(model: RegisteredModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "description": model.description,
        "kind": model.kind,
        "tags": sorted(model.tags.values_list("key", "value")),
        "aliases": sorted(model.aliases.values_list("name", "version__number")),
        "versions": [_version(one) for one in model.versions.order_by("number")],
    }


def _version(version: ModelVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "readiness": version.readiness,
        "stage": version.stage,
        "content": version.content_digest,
        "facts": version.facts_digest,
        "run": version.run.uid if version.run else None,
        "is_deleted": version.deleted_at is not None,
        "tags": sorted(version.tags.values_list("key", "value")),
        "checks": sorted(version.check_runs.values_list("check_name", flat=True)),
    }


def _run(run: Run) -> dict[str, Any]:
    return {
        "uid": run.uid,
        "name": run.name,
        "status": run.status,
        "experiment": str(run.experiment),
        "parameters": sorted(run.parameters.values_list("key", "value")),
        "tags": sorted(run.tags.values_list("key", "value")),
        "metrics": sorted(run.metrics.values_list("key", "step", "value", "is_nan", "is_last")),
        "datasets": sorted(run.datasets.values_list("name", "digest", "context")),
    }
