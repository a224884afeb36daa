"""A web server on the tests' own database and store, and the clients that call it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests.journeys.serving import NO_SEALER, web_server
from tests.services.programs import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
OLDEST = ROOT / ".venv-mlflow2" / "bin" / "python"
LONGEST = 240
HERE = "127.0.0.1"


@contextmanager
def signet(folder: Path, *trusted: str) -> Iterator[str]:
    """Run the web server on what the tests keep; give its address. It may send to the trusted."""
    port = free_port()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "registry_site.settings.development",
        "PYTHONPATH": str(ROOT),
        "SIGNET_DATA": str(settings.DATA),
        "SIGNET_DATABASE_URL": database(),
        "SIGNET_SECRET_KEY": str(settings.SECRET_KEY),
        "SIGNET_AUDIT_KEY": settings.AUDIT_TAG_KEYS[1].hex(),
        "SIGNET_OUTBOUND_ALLOW": ",".join(trusted),
        "SIGNET_OUTBOUND_HTTP": "yes",
        "SIGNET_PORT": str(port),
        **NO_SEALER,
        "SIGNET_S3_PREFIX": settings.STORAGES["artifacts"]["OPTIONS"]["location"],
    }
    with web_server(port, environment, folder / "web.log"):
        yield f"http://{HERE}:{port}"


def database() -> str:
    """Return the address of the tests' database, for another process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite://{name}"
    return os.environ["SIGNET_DATABASE_URL"].rpartition("/")[0] + f"/{name}"


@dataclass(frozen=True)
class Client:
    """An MLflow client as installed, on a machine that has it and nothing of ours."""

    python: Path
    home: Path
    url: str

    def runs(self, script: str, token: str, *words: str, **environment: str) -> Any:
        """Run a script as whoever the token stands for; return what it says was so."""
        if not self.python.exists():
            pytest.fail("There is no MLflow 2 client: python3 manage.py install mlflow2")
        signed_in = {"MLFLOW_TRACKING_TOKEN": token} if token else {}
        done = subprocess.run(
            [str(self.python), "-m", f"tests.clients.scripts.{script}", *words],
            env={**self._environment(), **signed_in, **environment},
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-6000:]}"
        return json.loads(done.stdout.splitlines()[-1])

    def _environment(self) -> Mapping[str, str]:
        return {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(self.home),
            "GIT_PYTHON_REFRESH": "quiet",
            "USER": "a.person",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
            "MLFLOW_TRACKING_URI": self.url,
        }


def newest(home: Path, url: str) -> Client:
    """Return the client of MLflow 3, which lies in the environment of the tests."""
    return Client(Path(sys.executable), home, url)


def oldest(home: Path, url: str) -> Client:
    """Return the client of MLflow 2, which lies in an environment of its own."""
    return Client(OLDEST, home, url)
