"""The local deployer hands versions to the model server on this machine, and says what it sees."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from apps.deployments.deployers import local
from apps.deployments.deployers.contract import CannotLook, Ending, Order, Part
from apps.deployments.serving.folder import Answering, Folder, State
from tests import scenarios

pytestmark = pytest.mark.django_db
LOCAL = local.LocalDeployer()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Folder:
    settings.SERVING_FOLDER = tmp_path
    monkeypatch.setattr(local, "STARTS_WITHIN", 0.05)
    monkeypatch.setattr(local, "POLL", 0.001)
    return Folder(tmp_path)


@pytest.fixture
def answering(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for the model server: it does what is ordered as soon as that is written."""
    put = Folder.put_order

    def put_and_follow(self: Folder, environment: str, service: str, order: Any) -> None:
        put(self, environment, service, order)
        parts = [Answering(one.called, one.content, one.share, 3) for one in order.parts]
        self.put_state(environment, service, State(order.number, tuple(parts)))

    monkeypatch.setattr(Folder, "put_order", put_and_follow)


def order(number: int, *parts: Part) -> Order:
    return Order(f"key-{number}", number, "test", "reader", parts)


def part_of(version: Any) -> Part:
    return Part(version.model.name, version.number, version.content_digest, "champion", 100)


def test_the_files_of_a_version_come_before_the_order(folder, answering):
    version = scenarios.registered_version()
    part = part_of(version)

    outcome = LOCAL.carry_out(order(1, part), {})

    assert (outcome.ending, outcome.told) == (Ending.DONE, f"Serves {version.model.name}/1.")
    brought = folder.content(part.digest)
    for path, content in scenarios.MODEL_FILES.items():
        assert (brought / path).read_bytes() == content
    [seen] = LOCAL.look("test", {})
    assert (seen.endpoint, seen.digest, seen.share, seen.requests) == (
        "reader",
        part.digest,
        100,
        3,
    )
    assert LOCAL.look("elsewhere", {}) == []


def test_the_same_order_twice_writes_nothing_new(folder, answering, tmp_path):
    part = part_of(scenarios.registered_version())
    LOCAL.carry_out(order(1, part), {})
    written = (tmp_path / "orders" / "test" / "reader.json").stat().st_mtime_ns

    assert LOCAL.carry_out(order(1, part), {}).ending is Ending.DONE
    assert (tmp_path / "orders" / "test" / "reader.json").stat().st_mtime_ns == written


def test_an_older_order_loses(folder, answering):
    LOCAL.carry_out(order(2), {})

    outcome = LOCAL.carry_out(order(1), {})

    assert (outcome.ending, outcome.told) == (Ending.REFUSED, "Rollout 2 is newer.")
    assert folder.order("test", "reader").number == 2


def test_a_withdrawal_serves_nothing_any_more(answering):
    assert LOCAL.carry_out(order(3), {}).told == "Serves nothing any more."


def test_without_a_model_server_it_is_tried_again(folder):
    assert LOCAL.carry_out(order(1), {}).ending is Ending.FAILED
    with pytest.raises(CannotLook, match="Is it running"):
        LOCAL.look("test", {})


def test_what_the_model_server_cannot_load_is_refused(folder, monkeypatch):
    threading.Timer(
        0.01, folder.put_state, ["test", "reader", State(1, (), "It cannot be loaded.")]
    ).start()
    monkeypatch.setattr(local, "STARTS_WITHIN", 5)

    outcome = LOCAL.carry_out(order(1), {})

    assert (outcome.ending, outcome.told) == (Ending.REFUSED, "It cannot be loaded.")


def test_half_of_the_files_are_never_left(folder, answering, monkeypatch):
    part = part_of(scenarios.registered_version())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("apps.deployments.deployers.local.shutil.copyfileobj", full)
    with pytest.raises(OSError, match="No space"):
        LOCAL.carry_out(order(1, part), {})

    assert list(folder.content(part.digest).parent.iterdir()) == []


def test_contents_nobody_ordered_go_after_a_while(folder, answering):
    stale, fresh = folder.content("sha256:aa"), folder.content("sha256:bb")
    for content in (stale, fresh):
        content.mkdir(parents=True)
    os.utime(stale, (0, 0))

    LOCAL.carry_out(order(1), {})

    assert (stale.exists(), fresh.exists()) == (False, True)


def test_it_takes_no_settings():
    assert LOCAL.problems({}) == []
    assert LOCAL.problems({"port": 1}) == ["The model server on this machine takes no settings."]
