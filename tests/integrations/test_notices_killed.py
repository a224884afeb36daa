"""A worker killed with ``kill -9`` while it mails: nothing is lost, and the mail is the same."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from pytest_django import Settings

from apps.core.clock import database_now
from apps.integrations.notices import sending
from apps.integrations.notices.rows import Notice
from tests import scenarios
from tests.integrations.postbox import Postbox, postbox
from tests.integrations.test_killed_deliverer import database
from tests.integrations.told import happened, reachable
from tests.scenarios import developer

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PROGRAM = """
import django
django.setup()
from django.conf import settings
settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
from apps.integrations.notices import sending
sending.send_waiting()
"""


def set_up(port: int) -> dict[str, str]:
    """Return what the environment says of the mail server."""
    return {
        "SIGNET_MAIL_HOST": "127.0.0.1",
        "SIGNET_MAIL_PORT": str(port),
        "SIGNET_MAIL_TLS": "none",
        "SIGNET_MAIL_FROM": "Signet <signet@bank.example>",
        "SIGNET_BASE_URL": "https://signet.bank.example",
    }


def test_a_worker_killed_between_sending_and_noting_so_loses_nothing(settings: Settings) -> None:
    settings.EMAIL_HOST = "127.0.0.1"
    reachable(developer())
    scenarios.promoted()
    happened()
    [notice] = Notice.objects.waiting()
    doomed: list[subprocess.Popen[bytes]] = []

    def kill(_: Postbox, content: bytes) -> str:
        """Take the mail, and let nobody live to note it."""
        doomed[0].kill()
        doomed[0].wait()
        return ""

    with postbox() as server:
        server.script = kill
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "registry_site.settings.test",
            "SIGNET_DATABASE_URL": database(),
            **set_up(server.port),
        }
        doomed.append(
            subprocess.Popen(
                [sys.executable, "-c", PROGRAM], env=environment, stdin=subprocess.DEVNULL
            )
        )
        assert doomed[0].wait(timeout=120) == -signal.SIGKILL
        server.script = None
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_PORT, settings.EMAIL_USE_TLS = server.port, False
        settings.BASE_URL = "https://signet.bank.example"
        settings.DEFAULT_FROM_EMAIL = "signet@bank.example"

        assert sending.send_waiting() == 0  # the lease of the lost one holds
        later = database_now() + sending.LEASE + timedelta(seconds=1)
        assert sending.send_waiting(clock=lambda: later) == 1
        assert sending.send_waiting(clock=lambda: later) == 0

    notice.refresh_from_db()
    assert (notice.mail, notice.attempts) == ("sent", 2)
    assert [mail["Message-ID"] for _, mail in server.received] == [
        f"<{notice.uid}@signet.bank.example>"
    ] * 2
