"""Real Celery workers on the real broker, which tests start, watch and kill."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from celery import current_app
from django.db import connection

from apps.console.parent import end_with_parent
from apps.validation.tasks import run_check

PATIENCE = 3000.0 if os.environ.get("SIGNET_TEST_LONG") == "1" else 120.0


def broker() -> str:
    """Return a database of the broker that this test process has to itself."""
    own = 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 15
    return _at_path(os.environ["SIGNET_REDIS_URL"], f"/{own}")


def _at_path(url: str, path: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=path))


@contextmanager
def worker(
    folder: Path, app: str = "registry_site", queues: str = "", **doom: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker with its own sweeps, on the tests' database, until the block ends."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.validation.worker_settings",
        "SIGNET_DATABASE_URL": _at_path(
            os.environ["SIGNET_DATABASE_URL"], f"/{connection.settings_dict['NAME']}"
        ),
        "SIGNET_REDIS_URL": broker(),
        "TMPDIR": str(folder),
        **doom,
    }
    celery = [sys.executable, "-m", "celery", "-A", app, "worker", "-l", "WARNING"]
    served = ["-Q", queues] if queues else []
    options = [
        *served,
        "-c",
        "2",
        "-B",
        "-s",
        str(folder / "beat"),
        "--without-gossip",
        "--without-mingle",
    ]
    with (folder / "worker.log").open("ab") as log:
        program = subprocess.Popen(
            [*celery, *options],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - the tests' process has one thread
        )
    try:
        yield program
    finally:
        kill(program)


def kill(program: subprocess.Popen[bytes]) -> None:
    """Kill a worker with all its processes, as ``kill -9`` does."""
    with suppress(ProcessLookupError):
        os.killpg(program.pid, signal.SIGKILL)
    program.wait()


def ring(*run_ids: object) -> None:
    """Send messages to this process's own database of the broker."""
    ring_in("celery", *run_ids)


def ring_in(queue: str, *run_ids: object) -> None:
    """Send messages to one queue."""
    with current_app.connection_for_write(broker()) as line:
        for run_id in run_ids:
            current_app.send_task(run_check.name, (run_id,), connection=line, queue=queue)


def becomes(is_so: Callable[[], bool]) -> bool:
    """Wait for something to become so."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.05)
    return False
