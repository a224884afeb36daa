"""``manage.py up`` from outside: it answers, it stops, and nothing of it stays behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from apps.console.foreground import is_healthy
from tests import migrated
from tests.services.programs import free_port

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="counts processes in /proc"),
]

SUPERVISOR = "supervisor.supervisord"
PATIENCE = 200
"""Seconds that starting or ending may take beside everything else a machine does."""


@dataclass(frozen=True)
class Registry:
    """A Signet started in a folder of its own."""

    process: subprocess.Popen[str]
    data: Path
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def end(self, how: signal.Signals = signal.SIGINT) -> str:
        """Send a signal and return everything that was printed."""
        self.process.send_signal(how)
        printed, _ = self.process.communicate(timeout=PATIENCE)
        return printed


def test_it_answers_keeps_its_data_private_and_starts_again_on_it(data: Path) -> None:
    with running(data) as registry:
        second = start_of(data, free_port())
        refusal, _ = second.communicate(timeout=PATIENCE)
        printed = registry.end()

    assert second.returncode == 1
    assert f"Signet already runs on this data ({registry.address})" in refusal
    assert f"Signet is ready: {registry.address}" in printed
    assert printed.endswith("Stopped.\n")
    assert registry.process.returncode == 0
    assert eventually(lambda: not processes_of(data))
    assert [path for path in data.rglob("*") if path.lstat().st_mode & 0o077] == []
    kept = {name: (data / name).stat().st_ino for name in ("signet.sqlite3", "secrets/audit-key")}

    with running(data) as again:
        again.end(signal.SIGHUP)

    assert again.process.returncode == 0
    assert {name: (data / name).stat().st_ino for name in kept} == kept
    assert eventually(lambda: not processes_of(data))


def test_a_killed_supervisor_takes_everything_with_it_and_blocks_no_start(data: Path) -> None:
    data.mkdir(mode=0o700)
    migrated.copied_to(data / "signet.sqlite3")
    with running(data) as registry:
        for pid in processes_of(data, SUPERVISOR):
            os.kill(pid, signal.SIGKILL)
        printed, _ = registry.process.communicate(timeout=PATIENCE)

    assert "The supervisor ended by itself" in printed
    assert registry.process.returncode == 1
    assert eventually(lambda: not processes_of(data))

    with running(data, registry.port) as again:
        again.end(signal.SIGKILL)

    assert eventually(lambda: not processes_of(data))


def test_a_taken_port_is_said_before_anything_starts(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = start_of(data, port)
        printed, _ = refused.communicate(timeout=PATIENCE)

    assert refused.returncode == 1
    assert f"Signet cannot listen on 127.0.0.1:{port}" in printed
    assert not (data / "signet.sqlite3").exists()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "a folder ;100 % #1"


@contextmanager
def running(data: Path, port: int = 0) -> Iterator[Registry]:
    """Start a registry, wait until it answers, and leave nothing of it whatever happens."""
    registry = Registry(start_of(data, port := port or free_port()), data, port)
    try:
        ended = registry.process.poll
        if not eventually(lambda: is_healthy(registry.address) or ended() is not None) or ended():
            pytest.fail(f"It does not answer. It said:\n{registry.end()}")
        yield registry
    finally:
        for pid in processes_of(data):
            os.kill(pid, signal.SIGKILL)
        registry.process.communicate(timeout=PATIENCE)


def start_of(data: Path, port: int) -> subprocess.Popen[str]:
    """Start ``manage.py up`` the way a person does, without the tests' own environment."""
    outside = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SIGNET_", "COV_", "DJANGO_"))
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "up", "--no-demo", "--port", str(port)],
        cwd=settings.BASE_DIR,
        env=outside | {"SIGNET_DATA": str(data), "SIGNET_BOOTSTRAP": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def processes_of(data: Path, command: str = "") -> list[int]:
    """Return the processes that work on a data folder, however far from their parents."""
    mine = f"SIGNET_DATA={data}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            works_on_it = mine in (folder / "environ").read_bytes().split(b"\0")
            is_asked_for = command.encode() in (folder / "cmdline").read_bytes()
        except OSError:  # it ended while we looked
            continue
        if works_on_it and is_asked_for:
            found.append(int(folder.name))
    return found


def eventually(happens: Callable[[], bool], *, within: float = PATIENCE) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if happens():
            return True
        time.sleep(0.1)
    return False
