"""The messages are a doorbell: what they ring for stands in the database."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from kombu.exceptions import OperationalError

from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.validation import operations, queries, runner, tasks
from apps.validation.models import CheckLease, CheckRun
from tests.validation.conftest import Given, failing, passing
from tests.validation.records import outcomes

pytestmark = pytest.mark.usefixtures("tasks_at_once")


@pytest.fixture
def runs(version: ModelVersion, vera: Actor, given_checks: Given) -> list[CheckRun]:
    given_checks(first=passing, second=failing)
    return operations.start_checks(version, by=vera)


def test_the_tasks_bear_the_names_messages_call_them_by() -> None:
    names = {name for name in current_app.tasks if name.startswith("validation.")}

    assert names == {
        "validation.expire_awaited",
        "validation.run_check",
        "validation.scrub",
        "validation.send_unclaimed",
        "validation.take_back_stalled",
    }


def test_messages_are_json_and_nothing_else_is_taken() -> None:
    assert current_app.conf.task_serializer == "json"
    assert list(current_app.conf.accept_content) == ["json"]
    assert current_app.conf.task_ignore_result


def test_the_task_carries_out_the_run_it_names(runs: list[CheckRun]) -> None:
    tasks.run_check.apply((runs[0].pk,)).get()

    runs[0].refresh_from_db()
    assert runs[0].state == CheckRun.State.PASSED
    assert runs[0].worker


@pytest.mark.parametrize("forged", ["1 OR 1=1", "../etc", {"pk": 1}, [1, 2], None, 2**70])
def test_a_forged_id_runs_nothing(runs: list[CheckRun], forged: object) -> None:
    with suppress(TypeError, ValueError):
        tasks.run_check.apply((forged,)).get()

    assert set(CheckRun.objects.values_list("state", flat=True)) == {"queued"}


def test_runs_nobody_claimed_in_seconds_are_sent_again(
    runs: list[CheckRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    later = database_now() + timedelta(seconds=6)
    monkeypatch.setattr(tasks, "database_now", lambda: later)

    tasks.send_unclaimed.apply().get()

    assert outcomes("check_run.conclude") == ["done", "done"]


def test_runs_that_wait_for_a_moment_only_are_not_sent_again(runs: list[CheckRun]) -> None:
    assert queries.unclaimed(database_now()) == {}


def test_one_sweep_sends_no_more_than_its_share(
    runs: list[CheckRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_SENT", 1)

    assert queries.unclaimed(database_now() + timedelta(seconds=6)) == {runs[0].pk: "first"}


def test_runs_of_lost_workers_are_taken_back_and_rung_for(runs: list[CheckRun]) -> None:
    runner.claim(runs[0], worker="lost")
    CheckLease.objects.update(until=database_now() - timedelta(hours=1))

    tasks.take_back_stalled.apply().get()

    runs[0].refresh_from_db()
    assert (runs[0].state, runs[0].attempt) == (CheckRun.State.PASSED, 2)


def test_ringing_stops_at_the_first_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Any] = []

    def silent(arguments: tuple[int], **options: object) -> None:
        tried.append(arguments)
        raise OperationalError("Connection refused")

    monkeypatch.setattr(tasks.run_check, "apply_async", silent)

    tasks.ring({1: "first", 2: "first", 3: "second"})

    assert tried == [(1,)]


def test_sweeps_that_come_late_are_dropped() -> None:
    assert tasks.send_unclaimed.expires == tasks.take_back_stalled.expires == tasks.SWEEP
