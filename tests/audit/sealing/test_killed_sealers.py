"""Sealers killed with ``kill -9`` at every point: all that was acknowledged is sealed, once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from apps.audit.checking import whole
from apps.audit.models import AuditEvent, Leaf
from apps.audit.verifier.notes import read_key
from tests.audit.sealing.doomed_sealer import POINTS
from tests.audit.sealing.sealed import folder, happened, seal_all, vkey
from tests.integrations.test_killed_deliverer import database

IS_LONG = os.environ.get("SIGNET_TEST_LONG") == "1"
KILLS = 250 if IS_LONG else 2 * len(POINTS)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(3000 if IS_LONG else 300),
]


def program(*command: object) -> subprocess.Popen[str]:
    """Start a program on the tests' database."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "registry_site.settings.test",
        "SIGNET_DATABASE_URL": database(),
    }
    return subprocess.Popen(
        [sys.executable, *map(str, command)], env=environment, stdout=subprocess.PIPE, text=True
    )


def test_sealers_killed_anywhere_lose_and_double_nothing(tmp_path: Path) -> None:
    acknowledged = []
    with program("-m", "tests.audit.sealing.doomed_sealer", KILLS, tmp_path) as doomed:
        while doomed.poll() is None:
            acknowledged += [event.pk for event in happened(3, chain="test:thing")]
            time.sleep(0.005)
        assert doomed.stdout is not None
        assert doomed.stdout.read() == f"{KILLS}\n"

    log = seal_all(folder(tmp_path))

    sealed = Leaf.objects.filter(event__in=AuditEvent.objects.filter(chain_root="test:thing"))
    assert sorted(sealed.values_list("event_id", flat=True)) == sorted(acknowledged)
    assert log.size == AuditEvent.objects.count() == Leaf.objects.count()
    outside = {str(file): file.read_text() for file in tmp_path.rglob("*.note")}
    report = whole.verify([read_key(vkey())], outside)
    assert report.findings == []
    assert report.outside > 0


def test_writers_killed_around_their_commit_keep_what_they_answered_for() -> None:
    with program("-m", "tests.audit.sealing.doomed_writer", KILLS) as doomed:
        assert doomed.stdout is not None
        acknowledged = [int(line) for line in doomed.stdout]
    assert doomed.returncode == 0

    log = seal_all()

    sealed = Leaf.objects.filter(event__chain_root__startswith="test:writer_")
    found = list(sealed.values_list("event_id", flat=True))
    assert set(acknowledged) <= set(found)
    assert len(found) == len(set(found)) <= len(acknowledged) + KILLS
    assert log.size == AuditEvent.objects.count() == Leaf.objects.count()
    assert whole.verify([read_key(vkey())], {}).findings == []


def test_a_sealer_told_to_stop_ends_with_its_step_whole() -> None:
    happened(3)
    until = time.monotonic() + 120
    with program("manage.py", "seal") as running:
        while Leaf.objects.count() < 4 and time.monotonic() < until:
            time.sleep(0.1)
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=60) == 0
    assert Leaf.objects.count() == 4
