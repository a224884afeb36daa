"""A lease lives as long as its worker: renewed by thread and progress, lost when taken back."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from pytest_django import Settings

from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.validation import leases, operations, runner, tasks
from apps.validation.leases import Heartbeat, LeaseLost
from apps.validation.models import CheckLease, CheckRun
from tests.validation.conftest import Given, passing

LONG_AGO = timedelta(hours=1)


@pytest.fixture
def claimed(
    version: ModelVersion, vera: Actor, given_checks: Given, monkeypatch: pytest.MonkeyPatch
) -> CheckRun:
    """A run one worker has claimed; nobody else is told of it."""
    given_checks(scan=passing)
    monkeypatch.setattr(tasks, "ring", lambda *run_ids: None)
    [run] = operations.start_checks(version, by=vera)
    runner.claim(run, worker="w1")
    return run


@pytest.fixture
def heartbeat(claimed: CheckRun) -> Iterator[Heartbeat]:
    """The heartbeat of a claimed run, whose thread has not come to its first beat."""
    with Heartbeat(claimed.pk, claimed.attempt) as beating:
        yield beating


def age() -> None:
    """Make every lease an hour older."""
    CheckLease.objects.update(until=database_now() - LONG_AGO)


def test_a_claim_grants_a_lease_for_the_time_that_is_set(
    claimed: CheckRun, settings: Settings
) -> None:
    left = claimed.lease.until - database_now()

    assert timedelta() < left <= settings.CHECK_LEASE
    assert claimed.lease.attempt == 1
    assert str(claimed.lease).startswith(f"{claimed.pk} until ")


def test_progress_renews_the_lease_and_says_what_is_looked_at(heartbeat: Heartbeat) -> None:
    age()

    heartbeat.progress("weights.safetensors")

    lease = CheckLease.objects.get()
    assert lease.until > database_now()
    assert lease.step == "weights.safetensors"


def test_progress_in_quick_succession_writes_once(heartbeat: Heartbeat) -> None:
    heartbeat.progress("first")
    heartbeat.progress("second")

    assert CheckLease.objects.get().step == "first"


def test_a_long_step_is_cut_to_what_the_row_holds(heartbeat: Heartbeat) -> None:
    heartbeat.progress("x" * 5000)

    assert CheckLease.objects.get().step == "x" * leases.MOST_STEP


def test_progress_stops_a_check_whose_run_was_taken_back(
    heartbeat: Heartbeat,
) -> None:
    runner.take_back_stalled(database_now() + LONG_AGO)

    with pytest.raises(LeaseLost):
        heartbeat.progress("weights.safetensors")


def test_the_lease_of_the_next_attempt_is_not_renewed_by_the_last_one(
    heartbeat: Heartbeat, claimed: CheckRun
) -> None:
    runner.take_back_stalled(database_now() + LONG_AGO)
    runner.claim(CheckRun.objects.get(), worker="w2")
    age()

    with pytest.raises(LeaseLost):
        heartbeat.progress("weights.safetensors")

    assert CheckLease.objects.get().until < database_now()


def test_a_database_that_does_not_answer_does_not_stop_a_check(
    heartbeat: Heartbeat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*args: object, **kwargs: object) -> bool:
        raise DatabaseError("server closed the connection")

    monkeypatch.setattr(leases, "renew", away)

    with caplog.at_level(logging.WARNING):
        heartbeat.progress("weights.safetensors")

    assert "was not renewed" in caplog.text


def until(is_so: Callable[[], bool]) -> bool:
    """Wait some seconds for something to become so."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if is_so():
            return True
        time.sleep(0.02)
    return False


@pytest.mark.django_db(transaction=True)
def test_the_thread_renews_the_lease_of_a_check_that_says_nothing(
    claimed: CheckRun, settings: Settings
) -> None:
    settings.CHECK_LEASE = timedelta(seconds=0.15)
    age()

    with Heartbeat(claimed.pk, claimed.attempt):
        assert until(lambda: CheckLease.objects.get().until > database_now())


@pytest.mark.django_db(transaction=True)
def test_the_thread_notices_that_the_run_was_taken_back_and_ends(
    claimed: CheckRun, settings: Settings
) -> None:
    settings.CHECK_LEASE = timedelta(seconds=0.15)

    with Heartbeat(claimed.pk, claimed.attempt) as heartbeat:
        CheckLease.objects.all().delete()
        assert until(lambda: not heartbeat._thread.is_alive())
        with pytest.raises(LeaseLost):
            heartbeat.progress("weights.safetensors")


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_the_thread_goes_on_beating_after_its_connection_broke(
    claimed: CheckRun, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHECK_LEASE = timedelta(seconds=0.15)
    renew, broken = leases.renew, threading.Event()

    def breaking_once(run_id: int, attempt: int, **step: str) -> bool:
        if not broken.is_set():
            broken.set()
            connection.ensure_connection()
            connection.connection.close()
        return renew(run_id, attempt, **step)

    monkeypatch.setattr(leases, "renew", breaking_once)
    age()

    with Heartbeat(claimed.pk, claimed.attempt):
        assert until(lambda: CheckLease.objects.get().until > database_now())
    assert broken.is_set()
