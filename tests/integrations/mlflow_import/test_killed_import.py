"""An import killed with ``kill -9`` at any request goes on, and doubles and loses nothing."""

import os
import random
import subprocess
import sys
from typing import Any

import pytest

from apps.catalog.models import Experiment
from apps.core.clock import database_now
from tests.integrations.mlflow_import.carrying import bring, fill, standing, whole
from tests.integrations.mlflow_import.lab import Lab
from tests.integrations.test_killed_deliverer import database
from tests.scenarios import developer

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

LONG = os.environ.get("SIGNET_TEST_LONG") == "1"
KILLS = 20 if LONG else 3
REQUESTS = 15
"""Within how many requests an import is killed: far fewer than a whole one makes."""


def start(there: Lab) -> subprocess.Popen[bytes]:
    """Start the command in a process of its own."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "registry_site.settings.test",
        "SIGNET_DATABASE_URL": database(),
        "SIGNET_OUTBOUND_ALLOW": ",".join(there.there.trust),
        "SIGNET_OUTBOUND_HTTP": "yes",
    }
    asked = ["--as", developer().username, "--reason", "The lab closes"]
    return subprocess.Popen(
        [sys.executable, "manage.py", "import_mlflow", there.address, *asked],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_an_import_killed_again_and_again_ends_as_one_that_was_not(there: Lab) -> None:
    now = database_now()
    Experiment.objects.get_or_create(
        pk=0, defaults={"name": "Default", "created_at": now, "touched_at": now}
    )
    developer()
    fill(there)
    doomed: list[subprocess.Popen[bytes]] = []
    kills = 0

    for _ in range(KILLS):
        last = there.count + random.randint(3, REQUESTS)

        def kill(count: int, sent: Any, last: int = last) -> None:
            if count == last:
                doomed[-1].kill()
                doomed[-1].wait()

        there.hook = kill
        doomed.append(start(there))
        kills += doomed[-1].wait(timeout=120) < 0
    there.hook = lambda count, sent: None
    bring(there)

    assert kills > 0
    after = whole(there)
    bring(there)
    assert standing() == after
