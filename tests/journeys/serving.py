"""A Signet of its own: a folder, a database and the web server it runs on, for clients to call."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import migrated
from tests.services.programs import free_port, is_listening, running

ROOT = Path(__file__).resolve().parent.parent.parent
PREPARE = """
import django
django.setup()
from tests import scenarios
from tests.api.caller import token_of
print(token_of(scenarios.developer()))
print(token_of(scenarios.auditor()))
"""


NO_SEALER = {"SIGNET_SEAL_WAIT_SECONDS": "0", "SIGNET_SEAL_REFUSES_AFTER": "0"}
"""No sealer runs beside these servers, so nothing waits for one."""


@dataclass(frozen=True)
class Served:
    """Where it answers, and the tokens of a developer and of an auditor."""

    url: str
    developer: str
    auditor: str


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Run the web server, as ``up`` runs it, on a fresh database in a folder."""
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SIGNET_")},
        "DJANGO_SETTINGS_MODULE": "registry_site.settings.development",
        "PYTHONPATH": str(ROOT),
        "SIGNET_DATA": str(folder),
        "SIGNET_PORT": str(port),
        **NO_SEALER,
    }
    migrated.copied_to(folder / "signet.sqlite3")
    said = subprocess.run(
        [sys.executable, "-c", PREPARE], env=environment, check=True, capture_output=True, text=True
    )
    developer, auditor = said.stdout.split()
    with web_server(port, environment, folder / "web.log"):
        yield Served(f"http://127.0.0.1:{port}", developer, auditor)


@contextmanager
def web_server(port: int, environment: Mapping[str, str], log: Path) -> Iterator[None]:
    """Run the web server as ``up`` runs it."""
    place = ("--host", "127.0.0.1", "--port", str(port), "--interface", "wsgi", "--no-ws")
    size = ("--workers", "1", "--blocking-threads", "4", "--log-level", "warning")
    with running(
        [sys.executable, "-m", "granian", *place, *size, "registry_site.wsgi:application"],
        log=log,
        is_ready=lambda: is_listening(port),
        env={**environment, "SIGNET_DIE_WITH_PARENT": "1"},
        cwd=ROOT,
    ):
        yield
