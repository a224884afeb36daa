"""One life of a model, lived by each MLflow client, and what the catalog shows of it after."""

import json
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils.html import strip_tags

from apps.audit.models import AuditEvent
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.validation import checks, queries, runner
from apps.validation.models import CheckRun
from tests import scenarios
from tests.api.caller import token_of
from tests.clients.serving import Client
from tests.factories import signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LATER = queries.UNCLAIMED_AFTER * 2
REPOSITORY = "https://git.example.com/flowers/irises.git"
COMMIT = "5f3759df5f3759df5f3759df5f3759df5f3759df"


def test_a_model_is_logged_registered_loaded_copied_found_renamed_and_deleted(
    client: Client, pages: Browser
) -> None:
    said = client.runs("life", token_of(scenarios.developer()))

    assert_it_lived(said)
    version = ModelVersion.objects.get(model__name="iris", number=1)
    checks_run_by_themselves(version)
    assert_kept(version, said)
    assert_shown(version, said, pages, is_newest=said["mlflow"].startswith("3."))


@pytest.fixture
def pages(transactional_db: None) -> Browser:
    """A browser in which the model's owner is signed in."""
    return signed_in(Browser(), scenarios.developer())


def assert_it_lived(said: dict[str, Any]) -> None:
    """Hold what the client said against what there was to say."""
    before, registered, copied = said["before"], said["registered"], said["copied"]
    assert set(before) == {0, 1, 2}
    assert set(said["loaded"]) == {"models:/iris/1", "models:/iris@best", "models:/iris/latest"}
    assert all(loaded == before for loaded in said["loaded"].values())
    assert said["scored"] == before

    assert registered["numbers"] == [2, 3]
    assert registered["run_ids"] == [said["run_id"]] * 3
    assert registered["status"] == ["READY"] * 3
    assert registered["by"] == "dev"
    [address] = set(registered["addresses"])
    assert address.startswith("mlflow-artifacts:/content/")

    assert copied["numbers"] == [1, 1, 2]
    assert copied["sources"] == ["models:/iris/2", "models:/wild iris/1"]
    assert copied["addresses"] == [address] * 3
    assert copied["after"] == before

    assert_found(said["found"])
    assert said["renamed"]["after"] == before
    assert said["renamed"]["before"][0] == "RESOURCE_DOES_NOT_EXIST"
    deleted = said["deleted"]
    assert deleted["outlived"] == before
    assert deleted["next"] == [3, 1]
    assert [deleted[gone][0] for gone in ("version", "model")] == ["RESOURCE_DOES_NOT_EXIST"] * 2


def assert_found(found: dict[str, Any]) -> None:
    assert found["all"] == found["pages"] == ["iris", "tame iris", "wild iris"]
    assert found["like"] == ["wild iris", "tame iris", "iris"]
    assert found["versions"] == [
        *(["iris", number] for number in (1, 2, 3)),
        ["tame iris", 1],
        *(["wild iris", number] for number in (1, 2)),
    ]
    assert (found["tagged"], found["latest"], found["of_run"]) == ([2], [3], [1, 2, 3])
    code, words = found["wrong"]
    assert code == "INVALID_PARAMETER_VALUE"
    assert "column 1" in words


def checks_run_by_themselves(version: ModelVersion) -> None:
    """Carry out, as a worker does, what registering put into the queue."""
    waiting = queries.unclaimed(database_now() + LATER)
    assert set(version.check_runs.values_list("pk", flat=True)) <= set(waiting)
    for run in version.check_runs.all():
        runner.execute(run.pk, worker="a worker of a test")
    states = dict(version.check_runs.values_list("check_name", "state"))
    assert states == dict.fromkeys(checks.AT_REGISTRATION, CheckRun.State.PASSED)


def assert_kept(version: ModelVersion, said: dict[str, Any]) -> None:
    """Hold the version's rows against what was logged."""
    assert version.run is not None
    assert version.run.uid == version.run_uid == said["run_id"]
    assert (version.code_repository, version.code_commit) == (REPOSITORY, COMMIT)
    assert "sklearn" in version.flavors
    assert version.framework.startswith("sklearn ")
    assert any(package.startswith("scikit-learn==") for package in version.packages)
    assert version.python_version
    assert version.signature is not None
    assert version.signature["inputs"][0]["name"] == "sepal length (cm)"
    assert len(version.input_example["data"]) == 3
    registered = AuditEvent.objects.filter(action="version.register", outcome="done")
    doors = {json.loads(bytes(event.entry))["actor"]["door"] for event in registered}
    assert doors == {"api"}


def assert_shown(
    version: ModelVersion, said: dict[str, Any], pages: Browser, *, is_newest: bool
) -> None:
    """Hold the version's pages against what was logged."""

    def page(name: str, *more: str) -> str:
        address = reverse(f"models:{name}", args=[version.model.name, version.number, *more])
        answer = pages.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return answer.content.decode()

    overview = page("version")
    shown = [said["run_id"], "nightly", "irises", "sepal length (cm)", "sklearn"]
    shown += ["scikit-learn==", REPOSITORY, COMMIT[:12], "The first of its kind."]
    assert [words for words in shown if words not in strip_tags(overview)] == []
    assert "secret" not in overview
    measures = page("version_metrics")
    shown = ["accuracy", "loss", "0.97", "0.2", "max_iter", "500"]
    assert [words for words in shown if words not in measures] == []
    if is_newest:  # MLflow 2 cannot say on which data a metric was measured
        assert version.run is not None
        measured = version.run.metrics.get(key="accuracy")
        assert measured.dataset == "irises"
    assert "MLmodel" in page("version_files")
    assert "flavors" in page("preview", "MLmodel")
