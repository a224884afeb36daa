"""Two workers at one run, on a database that locks rows: one examines, one conclusion stays."""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest
from django.db import connection

from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.validation import operations, runner, tasks
from apps.validation.checks.contract import Outcome
from apps.validation.models import CheckRun, StaleConclusion
from tests.validation.conftest import Given, passing
from tests.validation.records import FINE, late, outcomes

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]

ROUNDS = 200 if os.environ.get("SIGNET_TEST_LONG") == "1" else 5


def at_once(*steps: Callable[[], object]) -> None:
    """Carry steps out at the same moment, each with a connection of its own."""
    start = threading.Barrier(len(steps))

    def stepped(step: Callable[[], object]) -> None:
        start.wait()
        try:
            step()
        finally:
            connection.close()

    threads = [threading.Thread(target=stepped, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ring for nobody: the tests are the workers."""
    monkeypatch.setattr(tasks, "ring", lambda *run_ids: None)


def test_of_two_workers_at_once_one_examines(
    version: ModelVersion, vera: Actor, given_checks: Given
) -> None:
    looked: list[object] = []

    def counting(version: object, progress: object = None, parameters: object = None) -> Outcome:
        looked.append(version)
        return passing(version)

    given_checks(scan=counting)

    for number in range(1, ROUNDS + 1):
        [run] = operations.start_checks(version, by=vera)
        at_once(*(partial(runner.execute, run.pk, worker=name) for name in ("w1", "w2")))
        run.refresh_from_db()
        assert (run.state, run.attempt) == (CheckRun.State.PASSED, 1)
        assert len(looked) == outcomes("check_run.conclude").count("done") == number


def test_of_a_conclusion_and_a_taking_back_at_once_one_holds(
    version: ModelVersion, vera: Actor, given_checks: Given
) -> None:
    given_checks(scan=passing)

    for _ in range(ROUNDS):
        [run] = operations.start_checks(version, by=vera)
        attempt = runner.claim(run, worker="slow")
        mine, theirs = (CheckRun.objects.get(pk=run.pk) for _ in range(2))
        refused = race_to_end(mine, theirs, attempt)
        run.refresh_from_db()
        assert run.state == (CheckRun.State.QUEUED if refused else CheckRun.State.PASSED)
        runner.execute(run.pk, worker="next")
        run.refresh_from_db()
        assert run.state == CheckRun.State.PASSED
        assert run.history.exclude(finished_at=None).count() == 1


def race_to_end(mine: CheckRun, theirs: CheckRun, attempt: int) -> bool:
    """Conclude a run and take it back at the same moment; say whether the fence held."""
    refused: list[StaleConclusion] = []

    def conclude() -> None:
        try:
            runner.conclude(mine, attempt, FINE)
        except StaleConclusion as refusal:
            refused.append(refusal)

    def take_back() -> None:
        with suppress(runner.NotStalled):
            runner.take_back(theirs, now=database_now() + late())

    at_once(conclude, take_back)
    return bool(refused)
