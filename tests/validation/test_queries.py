"""What policies, lists and pages read about checks."""

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.catalog.models import ModelVersion
from apps.core.actors import ANONYMOUS, Actor
from apps.core.clock import database_now
from apps.validation import operations, queries, runner
from apps.validation.basis import Basis
from apps.validation.models import CheckRun
from tests.factories import actor, person
from tests.scenarios import registered_version
from tests.validation.conftest import Given, failing, passing
from tests.validation.records import OTHER_DIGEST, overwrite

NEVER = {"status": "none", "age_days": -1, "fresh": False}


@pytest.fixture(autouse=True)
def _two_checks(given_checks: Given) -> None:
    given_checks(integrity=passing, scan=failing)


def carried_out(version: ModelVersion, by: Actor) -> list[CheckRun]:
    """Run every check to its end."""
    runs = operations.start_checks(version, by=by)
    for run in runs:
        runner.execute(run.pk, worker="w1")
        run.refresh_from_db()
    return runs


def facts_of(version: ModelVersion, *, at: datetime) -> dict[str, queries.Facts]:
    """Read the newest runs of a version, and return what policies read about them."""
    runs = queries.newest_runs(version)
    judged_by = Basis.of([version], runs)
    return queries.checks_facts(version, runs, judged_by=judged_by, at=at)


def test_the_newest_run_of_each_check_counts(version: ModelVersion, vera: Actor) -> None:
    carried_out(version, vera)
    newer = carried_out(version, vera)

    assert queries.newest_runs(version) == {run.check_name: run for run in newer}


def test_newest_runs_with_their_leases_are_one_query(
    version: ModelVersion, vera: Actor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(3):
        carried_out(version, vera)
    [waiting, _] = operations.start_checks(version, by=vera)
    runner.claim(waiting, worker="w1")

    with django_assert_num_queries(1):
        runs = queries.newest_runs(version)
        assert [hasattr(run, "lease") for run in runs.values()] == [True, False]


def test_runs_of_other_versions_do_not_count(version: ModelVersion, vera: Actor) -> None:
    carried_out(registered_version(), vera)

    assert queries.newest_runs(version) == {}


def test_a_policy_reads_none_of_a_check_that_never_ran(version: ModelVersion) -> None:
    facts = facts_of(version, at=database_now())

    assert facts == {"integrity": NEVER, "scan": NEVER}


def test_a_policy_reads_running_while_a_check_waits(version: ModelVersion, vera: Actor) -> None:
    [_, claimed] = operations.start_checks(version, by=vera)
    runner.claim(claimed, worker="w1")

    facts = facts_of(version, at=database_now())

    running = {"status": "running", "age_days": -1, "fresh": False}
    assert facts == {"integrity": running, "scan": running}


def test_a_policy_reads_status_and_age_of_a_conclusion(version: ModelVersion, vera: Actor) -> None:
    carried_out(version, vera)

    facts = facts_of(version, at=database_now() + timedelta(days=30, hours=1))

    assert facts["integrity"] == {"status": "passed", "age_days": 30, "fresh": True}
    assert facts["scan"] == {"status": "failed", "age_days": 30, "fresh": True}


def test_a_new_run_puts_an_old_pass_out_of_force(version: ModelVersion, vera: Actor) -> None:
    carried_out(version, vera)
    operations.start_checks(version, by=vera)

    facts = facts_of(version, at=database_now())

    assert facts["integrity"] == {"status": "running", "age_days": -1, "fresh": False}


def test_a_conclusion_on_another_digest_is_not_fresh(version: ModelVersion, vera: Actor) -> None:
    carried_out(version, vera)
    overwrite(version, content_digest=OTHER_DIGEST)

    facts = facts_of(version, at=database_now())

    assert facts["integrity"] == {"status": "passed", "age_days": 0, "fresh": False}


def test_at_a_moment_before_the_conclusion_it_has_no_age(
    version: ModelVersion, vera: Actor
) -> None:
    carried_out(version, vera)

    facts = facts_of(version, at=database_now() - timedelta(days=1))

    assert facts["integrity"]["age_days"] == -1


def test_a_check_no_release_has_any_more_is_still_read(
    version: ModelVersion, vera: Actor, given_checks: Given
) -> None:
    carried_out(version, vera)
    given_checks(integrity=passing)

    assert facts_of(version, at=database_now())["scan"]["status"] == "failed"


def test_counts_of_many_versions_are_one_query(
    version: ModelVersion, vera: Actor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    waiting, unchecked = registered_version(), registered_version()
    carried_out(version, vera)
    carried_out(version, vera)
    operations.start_checks(waiting, by=vera)

    with django_assert_num_queries(1):
        counts = queries.counts_by_version([version, waiting, unchecked])

    assert counts == {
        version.pk: queries.CheckCounts(passed=1, failed=1),
        waiting.pk: queries.CheckCounts(waiting=2),
    }
    assert counts[version.pk].total == 2


def test_errored_checks_are_counted_apart(
    version: ModelVersion, vera: Actor, given_checks: Given
) -> None:
    runs = operations.start_checks(version, by=vera, names=["scan"])
    given_checks(integrity=passing)
    runner.execute(runs[0].pk, worker="w1")

    assert queries.counts_by_version([version])[version.pk].errored == 1


def test_runs_are_visible_to_whoever_sees_the_version(version: ModelVersion, vera: Actor) -> None:
    runs = operations.start_checks(version, by=vera)

    assert set(queries.runs_visible_to(vera)) == set(runs)
    assert not queries.runs_visible_to(actor(person("stranger"))).exists()
    assert not queries.runs_visible_to(ANONYMOUS).exists()
