"""A worker killed with ``kill -9`` between sending and noting so: nothing is lost or reordered."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from apps.core.clock import database_now
from apps.integrations import queries, runner
from tests.integrations.receiver import Receiver, Sent
from tests.integrations.record import followed, webhook
from tests.scenarios import registered_model

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PROGRAM = """
import sys
import django
django.setup()
from apps.integrations import runner
runner.deliver_waiting(int(sys.argv[1]))
"""


def database() -> str:
    """Return the address of the tests' database, for another process."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite://{name}"
    return os.environ["SIGNET_DATABASE_URL"].rpartition("/")[0] + f"/{name}"


def worker(webhook_id: int, there: Receiver) -> subprocess.Popen[bytes]:
    """Start a process that delivers to one webhook."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "registry_site.settings.test",
        "SIGNET_DATABASE_URL": database(),
        "SIGNET_OUTBOUND_ALLOW": ",".join(there.trust),
        "SIGNET_OUTBOUND_HTTP": "yes",
    }
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(webhook_id)],
        env=environment,
        stdin=subprocess.DEVNULL,
    )


def test_a_worker_killed_while_it_sends_loses_nothing(there: Receiver) -> None:
    made = webhook(url=there.url, events=["registered_model.created"])
    for name in ("one", "two"):
        registered_model(name)
    followed()
    doomed: list[subprocess.Popen[bytes]] = []

    def kill(sent: Sent, handler: Any) -> None:
        """Take the delivery, and let nobody live to note it."""
        doomed[0].kill()
        doomed[0].wait()

    there.script = kill
    doomed.append(worker(made.pk, there))
    assert doomed[0].wait(timeout=120) == -signal.SIGKILL
    there.script = None
    assert queries.webhooks_with_work(database_now()) == []  # the lease of the lost one holds

    later = database_now() + runner.LEASE + timedelta(seconds=1)
    assert queries.webhooks_with_work(later) == [made.pk]
    runner.deliver_waiting(made.pk, clock=lambda: later)

    names = [json.loads(sent.body)["data"]["name"] for sent in there.requests]
    ids = [sent.headers["X-MLflow-Delivery-Id"] for sent in there.requests]
    assert names == ["one", "one", "two"]
    assert ids[0] == ids[1] != ids[2]
    assert list(made.deliveries.values_list("state", flat=True)) == ["delivered"] * 2
