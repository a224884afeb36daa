"""Under ``make test-services`` the suite truly runs on the services of a cluster."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection

from tests.services.programs import DidNotStart, free_port, is_listening, running


@pytest.mark.services
@pytest.mark.django_db
def test_rows_are_kept_by_postgresql() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        (version,) = cursor.fetchone()

    assert version.startswith("PostgreSQL")


@pytest.mark.services
def test_tasks_go_through_a_broker_that_asks_for_a_password() -> None:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, timeout=5)

        assert broker.transport_cls == "redis"
        assert broker.password


@pytest.mark.services
def test_artifacts_are_kept_in_a_bucket() -> None:
    artifacts = storages["artifacts"]

    name = artifacts.save("probe/greeting.txt", ContentFile(b"hello"))

    with artifacts.open(name) as kept:
        assert kept.read() == b"hello"
    artifacts.delete(name)
    assert not artifacts.exists(name)


@pytest.mark.services
def test_tests_beside_these_keep_their_files_elsewhere_in_the_bucket() -> None:
    asked = (
        "from registry_site.settings.test import STORAGES as s; print(s['artifacts']['OPTIONS'])"
    )

    beside = subprocess.run(
        [sys.executable, "-c", asked],
        env={**os.environ, "PYTEST_XDIST_WORKER": "beside"},
        capture_output=True,
        text=True,
        check=True,
    )

    own = settings.STORAGES["artifacts"]["OPTIONS"]["location"]
    assert own == os.environ.get("PYTEST_XDIST_WORKER", "alone")
    assert "'location': 'beside'" in beside.stdout


def test_a_program_that_ends_at_once_is_reported_with_what_it_said(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo no room left; exit 3"]

    with (
        pytest.raises(DidNotStart, match="no room left"),
        running(command, log=tmp_path / "log", is_ready=lambda: False),
    ):
        pytest.fail("It never started.")


def test_a_program_is_gone_after_its_block(tmp_path: Path) -> None:
    port = free_port()
    server = ["python3", "-m", "http.server", "--bind", "127.0.0.1", str(port)]

    with running(server, log=tmp_path / "log", is_ready=lambda: is_listening(port)):
        assert is_listening(port)

    assert not is_listening(port)
