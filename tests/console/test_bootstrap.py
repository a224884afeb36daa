"""``manage.py`` on a machine that has Python and nothing else of ours."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.slow


def test_starts_at_the_same_moment_install_once(project: Path) -> None:
    starts = [start(project, "manage.py", "install", "base") for _ in range(3)]
    printed = [said(process) for process in starts]

    assert [process.returncode for process in starts] == [0, 0, 0], printed
    assert sum(lines.count("Installing requirements/base.txt") for lines in printed) == 1
    assert (project / ".venv" / "bin" / "python").exists()


def test_a_second_start_installs_only_what_changed(project: Path) -> None:
    assert "Installing" in said(start(project, "manage.py", "install", "demo"))

    assert "Installing" not in said(start(project, "manage.py", "install", "base"))
    assert "Installing" not in said(start(project, "manage.py", "install", "demo"))

    (project / "requirements" / "demo.txt").write_text("# another one\n")
    assert "Installing requirements/demo.txt" in said(
        start(project, "manage.py", "install", "demo")
    )


def test_the_environment_of_the_oldest_client_lies_beside_the_other(project: Path) -> None:
    assert "requirements/mlflow2.txt into .venv-mlflow2" in said(
        start(project, "manage.py", "install", "mlflow2")
    )
    assert (project / ".venv-mlflow2" / "bin" / "python").exists()
    assert not (project / ".venv").exists()

    assert "Installing" not in said(start(project, "manage.py", "install", "mlflow2"))
    (project / "requirements" / "mlflow2.txt").write_text("# another one\n")
    assert "Installing" in said(start(project, "manage.py", "install", "mlflow2"))


def test_what_sends_traces_is_added_to_the_environment_that_is_there(project: Path) -> None:
    start(project, "manage.py", "install", "base").communicate()
    assert "requirements/traces.txt into .venv" in said(
        start(project, "manage.py", "install", "traces")
    )
    assert "Installing" not in said(start(project, "manage.py", "install", "traces"))
    assert "Installing" not in said(start(project, "manage.py", "install", "base"))


def test_a_failed_install_says_what_to_do_and_is_tried_again(project: Path) -> None:
    lock = project / "requirements" / "base.txt"
    lock.write_text("./missing-1.0-py3-none-any.whl\n")
    failed = start(project, "manage.py", "install", "base")

    assert "Run the same command again" in said(failed)
    assert failed.returncode == 1

    lock.write_text("")
    assert "Installing" in said(start(project, "manage.py", "install", "base"))


def test_an_older_python_is_told_what_is_needed(project: Path) -> None:
    pretend = "import manage; manage.OLDEST = (4, 0); manage.main(['install'])"
    refused = start(project, "-c", pretend)

    assert "Signet needs Python 4.0 or newer" in said(refused)
    assert refused.returncode == 1
    assert not (project / ".venv").exists()


def test_an_unknown_lock_is_refused_by_name(project: Path) -> None:
    assert "There is no lock named 'prod'" in said(start(project, "manage.py", "install", "prod"))


def test_the_environment_is_left_alone_when_asked(project: Path) -> None:
    start(project, "manage.py", "install", "base", SIGNET_BOOTSTRAP="0").communicate()

    assert not (project / ".venv").exists()


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [("base", "demo"), ("demo", "dev"), ("base", "traces"), ("traces", "dev")],
)
def test_a_larger_lock_holds_all_of_the_smaller(smaller: str, larger: str) -> None:
    assert pins(smaller) <= pins(larger)


@pytest.mark.parametrize("lock", ["base", "demo", "dev", "mlflow2", "traces"])
def test_a_lock_names_no_address_and_a_hash_for_everything(lock: str) -> None:
    text = (settings.BASE_DIR / "requirements" / f"{lock}.txt").read_text()

    assert "://" not in text
    for block in text.split("\n    # via")[:-1]:
        assert "--hash=sha256:" in block


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a clone whose locks are empty, so that nothing is fetched."""
    folder = tmp_path / "a clone"
    (folder / "requirements").mkdir(parents=True)
    shutil.copy(settings.BASE_DIR / "manage.py", folder)
    for lock in ("base", "demo", "dev", "mlflow2", "traces"):
        (folder / "requirements" / f"{lock}.txt").write_text(f"# {lock}\n")
    return folder


def start(project: Path, *words: str, **environment: str) -> subprocess.Popen[str]:
    """Start the system's Python in the clone, outside any virtual environment."""
    python = getattr(sys, "_base_executable", sys.executable)
    outside = {
        name: value for name, value in os.environ.items() if not name.startswith(("SIGNET_", "COV"))
    }
    return subprocess.Popen(
        [python, *words],
        cwd=project,
        env=outside | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> str:
    printed, _ = process.communicate(timeout=120)
    return printed


def pins(lock: str) -> set[str]:
    """Return what a lock pins, whatever machine it is for."""
    lines = (settings.BASE_DIR / "requirements" / f"{lock}.txt").read_text().splitlines()
    return {line.split()[0] for line in lines if line[:1].isalnum()}
