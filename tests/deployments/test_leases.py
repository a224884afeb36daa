"""A lease lives as long as its worker: renewed by a thread, lost when the rollout is taken back."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError
from pytest_django import Settings

from apps.core.clock import database_now
from apps.deployments import leases, runner, tasks
from apps.deployments.leases import Heartbeat
from apps.deployments.models import Rollout, RolloutLease
from tests.deployments import places
from tests.scenarios import registered_version

LONG_AGO = timedelta(hours=1)


@pytest.fixture
def claimed(db: None, monkeypatch: pytest.MonkeyPatch) -> Rollout:
    """A rollout one worker has claimed; nobody else is told of it."""
    monkeypatch.setattr(tasks, "ring", lambda rollout_ids: None)
    version = registered_version()
    rollout = places.rollout(places.deployment(version.model), version)
    runner.claim(rollout, worker="w1")
    return rollout


def age() -> None:
    """Make every lease an hour older."""
    RolloutLease.objects.update(until=database_now() - LONG_AGO)


def until(is_so: Callable[[], bool]) -> bool:
    """Wait some seconds for something to become so."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.02)
    return False


def test_a_claim_grants_a_lease_for_the_time_that_is_set(
    claimed: Rollout, settings: Settings
) -> None:
    left = claimed.lease.until - database_now()

    assert timedelta() < left <= settings.ROLLOUT_LEASE
    assert claimed.lease.attempt == 1
    assert str(claimed.lease).startswith(f"{claimed.pk} until ")


def test_only_the_attempt_that_holds_a_lease_renews_it(claimed: Rollout) -> None:
    age()

    assert not leases.renew(claimed.pk, 2)
    assert RolloutLease.objects.get().until < database_now()
    assert leases.renew(claimed.pk, 1)
    assert RolloutLease.objects.get().until > database_now()


def test_a_database_that_does_not_answer_ends_no_heartbeat(
    claimed: Rollout, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*args: object) -> bool:
        raise DatabaseError("server closed the connection")

    monkeypatch.setattr(leases, "renew", away)

    with caplog.at_level(logging.WARNING):
        assert Heartbeat(claimed.pk, 1).beat()

    assert "was not renewed" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_the_thread_renews_the_lease_until_it_is_lost(claimed: Rollout, settings: Settings) -> None:
    settings.ROLLOUT_LEASE = timedelta(seconds=0.15)
    age()

    with Heartbeat(claimed.pk, claimed.attempt) as heartbeat:
        assert until(lambda: RolloutLease.objects.get().until > database_now())
        leases.end(claimed)
        assert until(lambda: not heartbeat._thread.is_alive())
