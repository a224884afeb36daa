"""The runner: models that can run code run there, held by its walls, and nowhere else."""

import os
import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import skops.io
from pytest_django import Settings
from sklearn.linear_model import LogisticRegression

from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.validation import confined, operations, runner
from apps.validation.checks.contract import Outcome, silent
from apps.validation.checks.inference import CHECK
from apps.validation.confined.walls import NEEDED_TO_RUN_MODELS
from apps.validation.models import CheckRun
from apps.validation.runner_process import is_served, secrets_in
from tests.validation.checks.stored import StoredFile, StoredVersion

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="walls are Linux's")

ROOT = Path(__file__).resolve().parents[2]
CLEAN = {"PATH": os.environ.get("PATH", "")}
PROGRAM = (sys.executable, "-m", "apps.validation.runner_process")
ROWS = [[1.0, 2.0], [3.0, 4.0], [5.0, 1.0], [0.0, 0.0]]

HOSTILE = """
def tried():
    import os, socket
    for attempt in (
        lambda: os.system("touch {marker}") and 1 / 0,
        lambda: open("{marker}", "w"),
        lambda: open("/etc/passwd"),
        lambda: os.listdir("/"),
        lambda: socket.socket(),
        lambda: socket.create_connection(("127.0.0.1", 80)),
        lambda: os.kill(os.getppid(), 9),
        lambda: [os.fork() for _ in range(1000)],
        lambda: os.execv("/bin/true", ["true"]),
        lambda: __import__("ftplib"),
    ):
        try:
            attempt()
        except (OSError, ImportError, ZeroDivisionError):
            yield "held"
        else:
            yield "through"
raise LookupError(" ".join(tried()))
"""
ENDLESS = "\nwhile True: pass"


class Runs:
    """Runs a text as code when it is loaded, as any pickle can."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __reduce__(self) -> tuple[Any, ...]:
        return exec, (self.text,)


@dataclass(frozen=True)
class Running:
    """A runner of the test's own."""

    process: subprocess.Popen[bytes]
    socket: Path

    def examine(self, path: str, data: bytes, seconds: int = 120, **more: bytes) -> Outcome:
        files = {path: data, **{name.replace("_", "."): other for name, other in more.items()}}
        version = StoredVersion(
            [StoredFile(name, bytes_) for name, bytes_ in files.items()],
            input_example={"inputs": ROWS[:2], "predictions": [0, 1]},
            signature={"outputs": [{"name": "kind", "type": "long"}]},
        )
        check = replace(CHECK, seconds=seconds)
        return confined.carry_out_apart(
            str(self.socket), check, version, silent, check.parameters()
        )

    def processor_seconds(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    def children(self) -> list[str]:
        pid = self.process.pid
        return [
            number
            for thread in Path(f"/proc/{pid}/task").iterdir()
            for number in (thread / "children").read_text().split()
        ]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    place = tmp_path_factory.mktemp("runner") / "socket"
    process = subprocess.Popen([*PROGRAM, str(place)], cwd=ROOT, env=CLEAN)
    try:
        _wait_for(place.exists)
        yield Running(process, place)
    finally:
        process.terminate()
        process.wait()
    assert not place.exists(), "it leaves no socket behind"


def _wait_for(done: Any, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.1)


def model() -> Any:
    return LogisticRegression().fit(ROWS, [0, 1, 1, 0])


@pytest.mark.slow
def test_models_that_can_run_code_run_there_and_their_answers_are_compared(
    running: Running,
) -> None:
    files = {"model.pkl": pickle.dumps(model()), "model.skops": skops.io.dumps(model())}
    for path, data in files.items():
        outcome = running.examine(path, data)

        assert outcome.passed, outcome.problems
        assert outcome.problems == ()
        assert "always with the same answer, as logged" in outcome.summary
        assert outcome.facts["measured_on"] == "the runner, one processor core"
        held: Any = outcome.facts["confined_by"]
        assert set(held) >= NEEDED_TO_RUN_MODELS
        assert "scikit-learn" in outcome.tools


@pytest.mark.slow
def test_of_several_files_the_one_is_loaded_that_mlmodel_names(running: Running) -> None:
    described = b"flavors:\n  sklearn:\n    pickled_model: model.pkl\n"
    data, other = pickle.dumps(model()), pickle.dumps(Runs(ENDLESS))

    named = running.examine("model.pkl", data, other_pkl=other, MLmodel=described)
    unclear = running.examine("model.pkl", data, other_pkl=other)
    nothing = running.examine("weights.bin", data)

    assert named.passed
    assert [problem.code for problem in unclear.problems] == ["several_models"]
    assert nothing.facts["applies"] is False


@pytest.mark.slow
def test_nothing_a_hostile_model_tries_gets_out_and_the_runner_lives_on(
    running: Running, tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    tmp_path.chmod(0o777)

    outcome = running.examine("model.pkl", pickle.dumps(Runs(HOSTILE.format(marker=marker))))

    [problem] = outcome.problems
    assert problem.text == f"It does not load: LookupError: {' '.join(['held'] * 10)}."
    assert not outcome.passed
    assert not marker.exists()
    assert running.process.poll() is None


@pytest.mark.slow
def test_a_model_without_end_is_ended_with_the_workers_patience(running: Running) -> None:
    before = running.processor_seconds()

    outcome = running.examine("model.pkl", pickle.dumps(Runs(ENDLESS)), seconds=3)

    assert running.processor_seconds() - before < 1, "it waits, and leaves the processor to others"
    assert [problem.code for problem in outcome.problems] == ["not_examined"]
    _wait_for(lambda: not running.children())
    assert running.process.poll() is None


def test_a_worker_that_hangs_up_at_once_leaves_nothing_running(running: Running) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(running.socket))

    _wait_for(lambda: not running.children())
    assert running.process.poll() is None


def test_only_its_account_and_group_may_connect(running: Running) -> None:
    assert running.socket.stat().st_mode & 0o777 == 0o660


def test_it_does_not_start_where_it_sees_credentials(tmp_path: Path) -> None:
    place = tmp_path / "socket"
    secret = {**CLEAN, "SIGNET_SECRET_KEY": "x", "SIGNET_RUNNER": str(place), "AWS_SECRET_KEY": "y"}

    ended = subprocess.run(
        [*PROGRAM, str(place)], cwd=ROOT, env=secret, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 1
    assert "sees AWS_SECRET_KEY, SIGNET_SECRET_KEY." in ended.stderr
    assert not place.exists()
    assert secrets_in(CLEAN) == []


def test_it_replaces_a_socket_left_behind_and_no_other_file(
    running: Running, tmp_path: Path
) -> None:
    other = tmp_path / "file"
    other.write_text("kept")
    for taken in (other, running.socket):
        ended = subprocess.run(
            [*PROGRAM, str(taken)], cwd=ROOT, env=CLEAN, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 1
        assert "is in use" in ended.stderr
    assert other.read_text() == "kept"

    left = tmp_path / "left"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(left))
    second = subprocess.Popen([*PROGRAM, str(left)], cwd=ROOT, env=CLEAN)
    try:
        _wait_for(lambda: is_served(left))
    finally:
        second.terminate()
        second.wait()


@pytest.mark.confined
def test_it_is_off_unless_the_operator_switches_it_on(
    version: ModelVersion, vera: Actor, settings: Settings
) -> None:
    assert settings.RUNNER == ""
    [run] = operations.start_checks(version, by=vera, names=["inference"])

    runner.execute(run.pk, worker="w1")

    run.refresh_from_db()
    assert run.state == CheckRun.State.PASSED
    assert run.facts["applies"] is False
    assert "only in a separate runner" in run.summary


@pytest.mark.confined
def test_a_runner_that_is_away_leaves_no_result(
    version: ModelVersion, vera: Actor, settings: Settings, tmp_path: Path
) -> None:
    settings.RUNNER = str(tmp_path / "nobody")
    [run] = operations.start_checks(version, by=vera, names=["inference"])

    runner.execute(run.pk, worker="w1")

    run.refresh_from_db()
    assert run.state == CheckRun.State.ERRORED
    assert "does not answer" in run.summary
