"""A run is claimed, examined outside a transaction, and concluded with what its check found."""

from collections.abc import Callable

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError

from apps.accounts.roles import ROLES
from apps.audit import writing
from apps.audit.actions import Action
from apps.core.actors import ANONYMOUS
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, RuleBroken
from apps.validation import runner
from apps.validation.checks.contract import Outcome, Problem, Severity
from apps.validation.models import CheckLease, CheckRun
from tests.validation.conftest import FACTS, Given, failing, passing
from tests.validation.records import FINE, detail, events, late, outcomes


def test_a_run_ends_with_what_its_check_found(run: CheckRun) -> None:
    runner.execute(run.pk, worker="w1")

    run.refresh_from_db()
    assert (run.state, run.summary) == (CheckRun.State.PASSED, "Nothing was found.")
    assert run.problems[0]["severity"] == "low"
    assert run.facts == FACTS
    assert (run.attempt, run.worker, run.tool_version) == (1, "w1", "1")
    assert run.started_at is not None
    assert run.finished_at is not None
    assert run.queued_at <= run.started_at <= run.finished_at


def test_claim_and_conclusion_are_events_of_the_worker_in_the_chain_of_the_model(
    run: CheckRun,
) -> None:
    runner.execute(run.pk, worker="w1")

    [claimed], [concluded] = events("check_run.claim", run), events("check_run.conclude", run)
    assert claimed.actor_id == concluded.actor_id == "worker"
    assert claimed.chain_root == concluded.chain_root == run.version.model.record_ref
    assert detail(claimed) == {"check": "scan", "attempt": 1}
    assert detail(concluded) == {
        "check": "scan",
        "attempt": 1,
        "outcome": "passed",
        "problems": 1,
        "report": None,
    }
    assert [row.event.action for row in run.history.order_by("history_id")] == [
        "version.start_checks",
        "check_run.claim",
        "check_run.conclude",
    ]


def test_nothing_is_left_of_the_lease_of_a_concluded_run(run: CheckRun) -> None:
    runner.execute(run.pk, worker="w1")

    assert not CheckLease.objects.exists()


def test_a_grave_problem_fails_the_run(run: CheckRun, given_checks: Given) -> None:
    given_checks(scan=failing)

    runner.execute(run.pk, worker="w1")

    run.refresh_from_db()
    assert run.state == CheckRun.State.FAILED
    assert run.problems[0]["place"] == "model.pkl"


# -- whatever goes wrong is a conclusion, and never a pass ----------------------------------------


def crash(version: object, progress: object = None, parameters: object = None) -> Outcome:
    raise ZeroDivisionError("password=hunter2")


def refuse(version: object, progress: object = None, parameters: object = None) -> Outcome:
    raise RuleBroken("The file is larger than a check may read.")


def hang(version: object, progress: object = None, parameters: object = None) -> Outcome:
    raise SoftTimeLimitExceeded


def test_a_check_that_crashes_has_errored_and_says_which_error(
    run: CheckRun, given_checks: Given, caplog: pytest.LogCaptureFixture
) -> None:
    given_checks(scan=crash)

    runner.execute(run.pk, worker="w1")

    run.refresh_from_db()
    assert run.state == CheckRun.State.ERRORED
    assert "ZeroDivisionError" in run.summary
    assert "hunter2" not in run.summary
    assert "hunter2" in caplog.text


def test_a_check_that_refuses_has_errored_in_its_own_words(
    run: CheckRun, given_checks: Given
) -> None:
    given_checks(scan=refuse)

    runner.execute(run.pk, worker="w1")

    run.refresh_from_db()
    assert run.state == CheckRun.State.ERRORED
    assert run.summary == "The check could not go on. The file is larger than a check may read."


def test_a_check_that_takes_too_long_has_errored(run: CheckRun, given_checks: Given) -> None:
    given_checks(scan=hang)

    runner.execute(run.pk, worker="w1")

    run.refresh_from_db()
    assert (run.state, run.summary) == (
        CheckRun.State.ERRORED,
        "The check was stopped because it took too long.",
    )


def test_a_check_this_release_does_not_have_has_errored(run: CheckRun, given_checks: Given) -> None:
    given_checks(integrity=passing)

    runner.execute(run.pk, worker="w1")

    run.refresh_from_db()
    assert run.state == CheckRun.State.ERRORED
    assert "There is no check named 'scan'" in run.summary


def test_an_outcome_no_database_takes_is_a_conclusion_all_the_same(
    run: CheckRun, given_checks: Given
) -> None:
    def hostile(version: object, progress: object = None, parameters: object = None) -> Outcome:
        text = "\0\ud800" * 5000
        odd = Problem(text, Severity.HIGH, text, text, text)
        return Outcome(text, (odd,) * 2000, {text: [2**70, [[[[text]]]]]})

    given_checks(scan=hostile)

    runner.execute(run.pk, worker="w1")

    run.refresh_from_db()
    assert run.state == CheckRun.State.FAILED


# -- who may --------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [runner.CLAIM, runner.CONCLUDE, runner.TAKE_BACK])
def test_no_role_may_do_what_workers_do(action: Action) -> None:
    assert not any(action.permission in role.permissions for role in ROLES)


def test_a_claim_by_somebody_else_than_a_worker_is_refused(
    run: CheckRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "WORKER", ANONYMOUS)

    with pytest.raises(NotAllowed):
        runner.claim(run, worker="w1")

    assert outcomes("check_run.claim") == ["refused"]


def test_a_conclusion_by_somebody_else_than_a_worker_is_refused(
    run: CheckRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = runner.claim(run, worker="w1")
    monkeypatch.setattr(runner, "WORKER", ANONYMOUS)

    with pytest.raises(NotAllowed):
        runner.conclude(run, attempt, FINE)

    run.refresh_from_db()
    assert run.state == CheckRun.State.RUNNING


def test_a_run_is_taken_back_by_signet_itself_and_nobody_else(
    run: CheckRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.claim(run, worker="lost")
    monkeypatch.setattr(runner, "SYSTEM", ANONYMOUS)

    with pytest.raises(NotAllowed):
        runner.take_back_stalled(database_now() + late())

    run.refresh_from_db()
    assert run.state == CheckRun.State.RUNNING


@pytest.mark.parametrize("step", ["claim", "conclude", "take_back"])
def test_when_the_record_cannot_be_written_a_run_stays_as_it_is(
    run: CheckRun, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise DatabaseError("The disk is full.")

    attempt = 0 if step == "claim" else runner.claim(run, worker="w1")
    steps: dict[str, Callable[[], object]] = {
        "claim": lambda: runner.claim(run, worker="w1"),
        "conclude": lambda: runner.conclude(run, attempt, FINE),
        "take_back": lambda: runner.take_back(run, now=database_now() + late()),
    }
    before = CheckRun.objects.values().get()
    monkeypatch.setattr(writing, "insert", broken)

    with pytest.raises(DatabaseError):
        steps[step]()

    assert CheckRun.objects.values().get() == before
    assert CheckLease.objects.exists() == (step != "claim")
