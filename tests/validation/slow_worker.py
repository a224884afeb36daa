"""A worker whose integrity check goes on for minutes in a confined process.

``SLOW_NOTED`` names a file that takes the id of each such process, so that a test can see it end.
"""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import django

django.setup()

from apps.validation import checks  # noqa: E402
from apps.validation.checks import artifact_integrity  # noqa: E402
from apps.validation.checks.contract import Check  # noqa: E402
from apps.validation.confined import parent  # noqa: E402
from registry_site.celery import app  # noqa: E402

__all__ = ["app"]

SLOW = replace(
    artifact_integrity.CHECK,
    examine="tests.validation.slow_worker_check:examine",
    is_confined=True,
)
checks.ALL = tuple(SLOW if check.name == SLOW.name else check for check in checks.ALL)
begun = parent._process


@contextmanager
def noted(check: Check) -> Iterator[tuple[subprocess.Popen[bytes], socket.socket]]:
    """Begin a confined process, and note its id."""
    with begun(check) as (process, line):
        with Path(os.environ["SLOW_NOTED"]).open("a") as file:
            file.write(f"{process.pid}\n")
        yield process, line


parent._process = noted
