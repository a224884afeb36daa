"""A model is promoted, put to work, answers, is exchanged behind our back, and is rolled back."""

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from apps.approvals.serving import noticing
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.deployments import pulling
from apps.deployments.models import Deployment, Environment, Rollout
from apps.deployments.serving.folder import Folder, Ordered, Served
from apps.deployments.serving.program import Server
from tests import scenarios
from tests.approvals.walk import promote, sign
from tests.browser.test_journey import signed_in
from tests.console.serving.running import place
from tests.deployments.serving.conftest import mlmodel, onnx_bytes, until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Picture = Callable[[Page, str], None]


@pytest.fixture
def models(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The model server of this machine."""
    settings.SERVING_FOLDER = tmp_path
    monkeypatch.setattr("apps.deployments.serving.program.LOOKS_EVERY", 0.05)
    server = Server(tmp_path, 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join()


def promoted(factor: float, model: RegisteredModel) -> ModelVersion:
    """Bring a version to production that multiplies by a factor."""
    files = {
        "MLmodel": mlmodel("a", "b"),
        "model.onnx": onnx_bytes(factor),
        "README.md": b"Multiplies.",
    }
    version = scenarios.check(scenarios.registered_version(model, files))
    for stage in (Stage.STAGING, Stage.PRODUCTION):
        request = scenarios.requested(stage, version=version)
        for role, signer in scenarios.SIGNERS[stage].items():
            sign(request, signer(), role)
        version = promote(request)
    return version


def predicted(server: Server, service: str) -> Any:
    """Ask the model server for a prediction, as an application does."""
    body = json.dumps({"dataframe_split": {"columns": ["a", "b"], "data": [[1, 10]]}})
    address = f"http://127.0.0.1:{server.port}/production/{service}/invocations"
    with urllib.request.urlopen(urllib.request.Request(address, body.encode())) as answer:
        return json.load(answer)["predictions"]


def put_to_work(page: Page, version: ModelVersion) -> None:
    page.goto(f"/models/{version.model.name}/deploy/?version={version.number}")
    page.get_by_label("Environment").select_option("production")
    page.get_by_role("button", name="See whether it may run").click()
    page.get_by_role("button", name="Put it there").click()
    expect(page.get_by_text("is asked for")).to_be_visible()
    require_done()


def require_done() -> None:
    """Hold the newest rollout to have been carried out, by the worker that is in this process."""
    rollout = Rollout.objects.latest("pk")
    assert rollout.state == Rollout.State.DONE, rollout.told


def look(where: Environment) -> None:
    """Do what the worker does every minute: look what runs, and notice what should not."""
    assert pulling.look_at(where.pk)
    noticing.notice_drift()


def exchange(folder: Folder, deployment: Deployment) -> None:
    """Let somebody at the place serve a file of theirs."""
    other = folder.content("of somebody")
    other.mkdir(parents=True)
    (other / "model.onnx").write_bytes(onnx_bytes(100))
    order = folder.order("production", deployment.service)
    assert order is not None
    [part] = order.parts
    strange = Served(part.called, other.name, part.role, part.share)
    folder.put_order("production", deployment.service, Ordered(order.number, (strange,)))


def test_a_model_goes_to_work_is_exchanged_and_comes_back(
    page: Page, models: Server, tmp_path: Path, picture: Picture
) -> None:
    where = place("production", admits=("production",), deployer="local", seen_within_minutes=15)
    model = scenarios.registered_model("times")
    first = promoted(2, model)
    signed_in(page, scenarios.operator().username)
    put_to_work(page, first)
    assert predicted(models, "times") == [[2.0, 20.0]]

    second = promoted(3, model)
    put_to_work(page, second)
    assert predicted(models, "times") == [[3.0, 30.0]]
    look(where)
    deployment = Deployment.objects.get()
    page.goto(deployment.get_absolute_url())
    expect(page.get_by_text("In step").first).to_be_visible()

    exchange(Folder(tmp_path), deployment)
    until(lambda: predicted(models, "times") == [[100.0, 1000.0]])
    look(where)
    page.reload()
    expect(page.get_by_text("Unknown content").first).to_be_visible()
    expect(page.get_by_text("The finding that stands for it.")).to_be_visible()
    picture(page, "exchanged")

    page.get_by_role("link", name="Roll back").click()
    page.get_by_label("Reason").fill("Something answers there that nobody registered")
    page.get_by_role("button", name="Roll back").click()
    expect(page.get_by_text("is asked for")).to_be_visible()
    require_done()
    assert predicted(models, "times") == [[2.0, 20.0]]
    look(where)
    page.reload()
    expect(page.get_by_text("In step").first).to_be_visible()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.stage, second.stage) == (Stage.PRODUCTION, Stage.ARCHIVED)
    picture(page, "rolled-back")
