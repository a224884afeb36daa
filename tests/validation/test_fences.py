"""Messages may come twice, late or never and workers may die: each run concludes once."""

import logging
from datetime import datetime

import pytest
from django.conf import settings

from apps.approvals import operations as approvals
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.validation import operations, queries, runner
from apps.validation.checks.contract import Outcome
from apps.validation.conclusions import Conclusion
from apps.validation.leases import LeaseLost
from apps.validation.models import CheckLease, CheckRun, NotWaiting, StaleConclusion
from tests.factories import actor
from tests.scenarios import owner, registered_version
from tests.validation.conftest import Given, failing, passing
from tests.validation.records import (
    FINE,
    OTHER_DIGEST,
    detail,
    events,
    late,
    other,
    outcomes,
    overwrite,
)

# -- messages twice, late, early, for nothing -----------------------------------------------------


def test_a_message_that_comes_three_times_runs_the_check_once(
    run: CheckRun, given_checks: Given
) -> None:
    looked: list[object] = []

    def counting(version: object, progress: object = None, parameters: object = None) -> Outcome:
        looked.append(version)
        runner.execute(run.pk, worker="w2")  # the second copy comes while the first is under way
        return passing(version)

    given_checks(scan=counting)

    for _ in range(3):
        runner.execute(run.pk, worker="w1")

    assert len(looked) == 1
    assert outcomes("check_run.claim") == ["done"]
    assert outcomes("check_run.conclude") == ["done"]


def test_a_message_for_a_run_nobody_knows_does_nothing(db: None) -> None:
    runner.execute(987_654, worker="w1")

    assert not events("check_run.claim")


def test_messages_out_of_order_conclude_every_run(
    version: ModelVersion, vera: Actor, given_checks: Given
) -> None:
    given_checks(first=passing, second=failing, third=passing)
    runs = operations.start_checks(version, by=vera)

    for run in (runs[2], runs[0], runs[2], runs[1], runs[0]):
        runner.execute(run.pk, worker="w1")

    assert [other(run).state for run in runs] == ["passed", "failed", "passed"]
    assert outcomes("check_run.conclude") == ["done"] * 3


def test_of_two_workers_that_saw_the_run_waiting_one_claims_it(run: CheckRun) -> None:
    mine, theirs = other(run), other(run)

    assert runner.claim(theirs, worker="w2") == 1
    with pytest.raises(NotWaiting):
        runner.claim(mine, worker="w1")

    run.refresh_from_db()
    assert (run.worker, run.attempt) == ("w2", 1)


def test_the_worker_that_comes_second_leaves_the_run_alone(
    run: CheckRun, given_checks: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = runner.claim

    def overtaken(run: CheckRun, *, worker: str) -> int:
        claim(other(run), worker="w2")
        return claim(run, worker=worker)

    monkeypatch.setattr(runner, "claim", overtaken)

    runner.execute(run.pk, worker="w1")

    run.refresh_from_db()
    assert (run.worker, run.state) == ("w2", CheckRun.State.RUNNING)


# -- the fence ------------------------------------------------------------------------------------


def test_a_worker_whose_run_was_taken_back_does_not_conclude_it(run: CheckRun) -> None:
    slow = other(run)
    attempt = runner.claim(slow, worker="slow")
    runner.take_back_stalled(database_now() + late())

    with pytest.raises(StaleConclusion, match="does not count"):
        runner.conclude(slow, attempt, FINE)

    run.refresh_from_db()
    assert run.state == CheckRun.State.QUEUED
    assert outcomes("check_run.conclude") == ["refused"]


def test_a_stale_worker_does_not_conclude_the_attempt_of_another(run: CheckRun) -> None:
    slow, quick = other(run), other(run)
    first = runner.claim(slow, worker="slow")
    runner.take_back_stalled(database_now() + late())
    second = runner.claim(quick, worker="quick")

    with pytest.raises(StaleConclusion):
        runner.conclude(slow, first, FINE)
    runner.conclude(quick, second, Conclusion(CheckRun.State.FAILED, "Found something."))

    run.refresh_from_db()
    assert (first, second) == (1, 2)
    assert (run.state, run.summary, run.worker) == ("failed", "Found something.", "quick")
    assert outcomes("check_run.conclude") == ["refused", "done"]


def test_a_late_worker_does_not_overwrite_a_conclusion(run: CheckRun) -> None:
    slow = other(run)
    first = runner.claim(slow, worker="slow")
    runner.take_back_stalled(database_now() + late())
    runner.execute(run.pk, worker="quick")

    with pytest.raises(StaleConclusion):
        runner.conclude(slow, first, Conclusion(CheckRun.State.FAILED, "Late."))

    run.refresh_from_db()
    assert (run.state, run.attempt) == (CheckRun.State.PASSED, 2)


def test_a_worker_that_finds_its_run_taken_back_leaves_quietly(
    run: CheckRun, given_checks: Given, caplog: pytest.LogCaptureFixture
) -> None:
    def slow(version: object, progress: object = None, parameters: object = None) -> Outcome:
        runner.take_back_stalled(database_now() + late())
        return passing(version)

    given_checks(scan=slow)

    with caplog.at_level(logging.WARNING):
        runner.execute(run.pk, worker="slow")

    run.refresh_from_db()
    assert run.state == CheckRun.State.QUEUED
    assert "is left to another worker" in caplog.text


def test_a_check_that_is_told_its_lease_is_lost_stops(
    run: CheckRun, given_checks: Given, caplog: pytest.LogCaptureFixture
) -> None:
    def lost(version: object, progress: object = None, parameters: object = None) -> Outcome:
        raise LeaseLost("Attempt 1 lost its lease.")

    given_checks(scan=lost)

    runner.execute(run.pk, worker="slow")

    assert not events("check_run.conclude")
    assert "is left to another worker" in caplog.text


def test_a_result_about_other_bytes_than_the_version_has_now_does_not_count(
    run: CheckRun, version: ModelVersion, given_checks: Given
) -> None:
    def while_replaced(
        examined: object, progress: object = None, parameters: object = None
    ) -> Outcome:
        overwrite(version, content_digest=OTHER_DIGEST)
        return passing(examined)

    given_checks(scan=while_replaced)

    runner.execute(run.pk, worker="w1")

    run.refresh_from_db()
    assert (run.state, run.summary) == (CheckRun.State.ERRORED, runner.MOVED)
    assert run.facts == {}


# -- lost workers ---------------------------------------------------------------------------------


def test_a_run_whose_lease_has_expired_waits_again(run: CheckRun) -> None:
    runner.claim(run, worker="lost")

    assert runner.take_back_stalled(database_now() + late()) == {run.pk: "scan"}

    run.refresh_from_db()
    assert (run.state, run.worker, run.started_at) == (CheckRun.State.QUEUED, "", None)
    [event] = events("check_run.take_back", run)
    assert event.actor_id == "system"
    assert detail(event) == {"check": "scan", "attempt": 1}
    assert not CheckLease.objects.exists()


def test_a_run_whose_worker_lives_is_not_taken_back(run: CheckRun) -> None:
    runner.claim(run, worker="alive")

    assert runner.take_back_stalled(database_now()) == {}

    assert not events("check_run.take_back")


def test_a_running_run_without_any_lease_is_taken_back(run: CheckRun) -> None:
    runner.claim(run, worker="lost")
    CheckLease.objects.all().delete()

    assert runner.take_back_stalled(database_now()) == {run.pk: "scan"}


def test_a_run_is_given_up_after_as_many_tries_as_are_set(run: CheckRun) -> None:
    for _ in range(settings.CHECK_TRIES):
        runner.claim(other(run), worker="lost")
        runner.take_back_stalled(database_now() + late())

    run.refresh_from_db()
    assert (run.state, run.attempt) == (CheckRun.State.ERRORED, 3)
    assert run.summary == "The worker was lost 3 times in the middle of this check."
    assert detail(events("check_run.take_back", run)[-1])["outcome"] == "errored"
    assert runner.take_back_stalled(database_now() + late()) == {}


def test_a_lease_renewed_in_the_last_moment_keeps_the_run(
    run: CheckRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.claim(run, worker="alive")
    take_back = runner.take_back

    def renewed_first(run: CheckRun, *, now: datetime) -> None:
        CheckLease.objects.update(until=now + settings.CHECK_LEASE)
        take_back(run, now=now)

    monkeypatch.setattr(runner, "take_back", renewed_first)

    assert runner.take_back_stalled(database_now() + late()) == {}

    run.refresh_from_db()
    assert run.state == CheckRun.State.RUNNING
    assert outcomes("check_run.take_back") == ["refused"]


# -- a model that is deleted meanwhile ------------------------------------------------------------


def delete_model_of(run: CheckRun) -> None:
    approvals.delete_model(run.version.model, by=actor(owner()), reason="Wrong name")


def test_a_run_of_a_deleted_model_is_left_alone_and_nobody_is_rung_for_it(run: CheckRun) -> None:
    delete_model_of(run)

    runner.execute(run.pk, worker="w1")

    assert other(run).state == CheckRun.State.QUEUED
    assert queries.unclaimed(database_now() + late()) == {}


def test_a_deleted_model_keeps_no_other_run_from_being_taken_back(
    run: CheckRun, vera: Actor
) -> None:
    [second] = operations.start_checks(registered_version(), by=vera)
    for claimed in (run, second):
        runner.claim(claimed, worker="lost")
    delete_model_of(run)

    assert set(runner.take_back_stalled(database_now() + late())) == {second.pk}
    assert other(run).state == CheckRun.State.RUNNING


def test_a_model_deleted_during_a_check_gets_no_conclusion(
    run: CheckRun, given_checks: Given
) -> None:
    def deleting(version: object, progress: object = None, parameters: object = None) -> Outcome:
        delete_model_of(run)
        return passing(version)

    given_checks(scan=deleting)

    runner.execute(run.pk, worker="w1")

    assert other(run).state == CheckRun.State.RUNNING
