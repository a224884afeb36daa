"""Canceling checks: what waits and what runs ends, for good, and counts as no result."""

import pytest

from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, RuleBroken
from apps.validation import leases, operations, queries, runner
from apps.validation.basis import Basis
from apps.validation.leases import Heartbeat, LeaseLost
from apps.validation.models import CheckLease, CheckRun, NotWaiting, StaleConclusion
from tests.factories import actor, person
from tests.validation.conftest import Given, passing
from tests.validation.records import FINE, detail, events, other, outcomes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_checks(given_checks: Given) -> None:
    given_checks(integrity=passing, scan=passing)


@pytest.fixture
def runs(version: ModelVersion, vera: Actor) -> list[CheckRun]:
    return operations.start_checks(version, by=vera)


def test_what_waits_and_what_runs_is_canceled_in_one_change(
    version: ModelVersion, vera: Actor, runs: list[CheckRun]
) -> None:
    runner.claim(runs[0], worker="w1")

    operations.cancel_checks(version, by=vera, reason="Wrong files")

    found = {run.check_name: run for run in CheckRun.objects.all()}
    assert {run.state for run in found.values()} == {CheckRun.State.CANCELED}
    assert all(run.finished_at for run in found.values())
    assert found["integrity"].summary == "Canceled while a worker was at it."
    assert found["scan"].summary == "Canceled before a worker began."
    assert not CheckLease.objects.exists()
    [event] = events("version.cancel_checks", version)
    assert detail(event) == {"checks": ["integrity", "scan"]}


def test_only_the_named_checks_are_canceled(
    version: ModelVersion, vera: Actor, runs: list[CheckRun]
) -> None:
    operations.cancel_checks(version, by=vera, names=["scan"])

    assert [run.check_name for run in CheckRun.objects.waiting()] == ["integrity"]


def test_a_canceled_check_is_never_claimed(
    version: ModelVersion, vera: Actor, runs: list[CheckRun]
) -> None:
    operations.cancel_checks(version, by=vera)

    with pytest.raises(NotWaiting):
        runner.claim(runs[0], worker="late")
    runner.execute(runs[1].pk, worker="late")

    assert set(CheckRun.objects.values_list("state", flat=True)) == {"canceled"}
    assert queries.unclaimed(database_now()) == {}


def test_a_worker_in_the_middle_of_it_loses_its_lease_and_concludes_nothing(
    version: ModelVersion, vera: Actor, runs: list[CheckRun]
) -> None:
    attempt = runner.claim(runs[0], worker="w1")
    operations.cancel_checks(version, by=vera)

    assert not leases.renew(runs[0].pk, attempt)
    with pytest.raises(LeaseLost):
        Heartbeat(runs[0].pk, attempt).progress("model.pkl")
    with pytest.raises(StaleConclusion):
        runner.conclude(other(runs[0]), attempt, FINE)
    assert other(runs[0]).state == CheckRun.State.CANCELED


def test_a_canceled_check_counts_as_no_result(
    version: ModelVersion, vera: Actor, runs: list[CheckRun]
) -> None:
    operations.cancel_checks(version, by=vera)
    newest = queries.newest_runs(version)

    facts = queries.checks_facts(
        version, newest, judged_by=Basis.of([version], newest), at=database_now()
    )

    assert facts["scan"] == {"status": "canceled", "age_days": 0, "fresh": False}
    counts = queries.counts_by_version([version])[version.pk]
    assert (counts.passed, counts.waiting) == (0, 0)
    [again, _] = operations.start_checks(version, by=vera)
    assert again.pk not in {run.pk for run in runs}


def test_nothing_to_cancel_is_a_refusal(version: ModelVersion, vera: Actor) -> None:
    with pytest.raises(RuleBroken, match="nothing to cancel"):
        operations.cancel_checks(version, by=vera)


def test_who_may_not_run_checks_cancels_none(version: ModelVersion, runs: list[CheckRun]) -> None:
    with pytest.raises(NotAllowed):
        operations.cancel_checks(version, by=actor(person("paul", everywhere=("auditor",))))

    assert outcomes("version.cancel_checks") == ["refused"]
    assert CheckRun.objects.waiting().count() == 2
