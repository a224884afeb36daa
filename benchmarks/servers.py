"""Starts Signet and a stock MLflow server, each filled with the same rows."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services.programs import free_port, is_listening, running

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, what to send along, and its first process."""

    name: str
    address: str
    headers: Mapping[str, str]
    pid: int


@contextmanager
def signet(
    folder: Path,
    database: str | None,
    models: int,
    processes: int,
    *,
    filling: str = "benchmarks.filling",
) -> Iterator[Server]:
    """Run Signet as its own supervisor would, filled with rows; a token is among the headers."""
    port = free_port()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "registry_site.settings.development",
        "SIGNET_DATA": str(folder / "data"),
        "PYTHONPATH": str(HERE.parent),
        # no sealer runs beside it, so nothing waits for one
        "SIGNET_SEAL_WAIT_SECONDS": "0",
        "SIGNET_SEAL_REFUSES_AFTER": "0",
    }
    if database:
        environment["SIGNET_DATABASE_URL"] = database
    filled = subprocess.run(
        [sys.executable, "-m", filling, str(models)],
        env=environment,
        cwd=HERE.parent,
        check=True,
        capture_output=True,
        text=True,
    )
    token = filled.stdout.split()[-1]
    command = granian("registry_site.wsgi:application", port, processes)
    with started(command, folder / "signet.log", port, environment) as pid:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        yield Server("Signet", f"http://127.0.0.1:{port}", headers, pid)


def granian(application: str, port: int, processes: int) -> list[str]:
    """Return the command that serves an application as the supervisor does."""
    return [
        str(Path(sys.executable).parent / "granian"),
        "--interface=wsgi",
        f"--port={port}",
        f"--workers={processes}",
        "--blocking-threads=2",
        "--no-access-log",
        "--log-level=warning",
        application,
    ]


@contextmanager
def bare(folder: Path, processes: int) -> Iterator[Server]:
    """Run a Django that holds one view of a constant, without middleware or a database."""
    port = free_port()
    environment = os.environ | {"PYTHONPATH": str(HERE.parent)}
    command = granian("benchmarks.bare:application", port, processes)
    with started(command, folder / "bare.log", port, environment) as pid:
        yield Server("bare Django", f"http://127.0.0.1:{port}", {}, pid)


@contextmanager
def stock(
    folder: Path, database: str | None, models: int, processes: int, *, python: str
) -> Iterator[Server]:
    """Run a stock MLflow server of another environment, filled with the same rows."""
    port = free_port()
    uri = (
        database.replace("postgres://", "postgresql://")
        if database
        else f"sqlite:///{folder}/mlflow.db"
    )
    subprocess.run([python, str(HERE / "stock_filling.py"), uri, str(models)], check=True)
    command = [
        str(Path(python).parent / "mlflow"),
        "server",
        f"--backend-store-uri={uri}",
        f"--artifacts-destination={folder}/artifacts",
        f"--workers={processes}",
        f"--port={port}",
    ]
    with started(command, folder / "stock.log", port, dict(os.environ)) as pid:
        headers = {"Content-Type": "application/json"}
        yield Server("stock", f"http://127.0.0.1:{port}", headers, pid)


@contextmanager
def started(
    command: list[str], log: Path, port: int, environment: Mapping[str, str]
) -> Iterator[int]:
    """Run a server until it listens, and give the id of its first process."""
    program: list[int] = []

    def is_ready() -> bool:
        program[:] = _listening(command[0], port) or program
        return is_listening(port)

    with running(command, log=log, is_ready=is_ready, env=environment, cwd=HERE.parent):
        yield program[0] if program else os.getpid()


def _listening(command: str, port: int) -> list[int]:
    """Return the first process that was started with a command and a port."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            words = [word.decode(errors="replace") for word in line]
            if f"--port={port}" in words and any(command in word for word in words):
                found.append(int(entry.name))
    return sorted(found)[:1]
