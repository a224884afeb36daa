"""External checks: expected, awaited until due, and concluded by what a tool posts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from apps.catalog.models import ModelVersion
from apps.core.actors import WORKER, Actor
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from apps.validation import expected, operations, queries, runner, tasks
from apps.validation.basis import Basis
from apps.validation.checks import UnknownCheck
from apps.validation.checks.contract import Problem, Severity
from apps.validation.models import CheckRun, ExternalCheck
from apps.validation.operations import external as rules
from apps.validation.posted import PostedResult
from tests.factories import actor, person
from tests.validation.conftest import GRAVE, Given, passing
from tests.validation.records import OTHER_DIGEST, detail, events, other, outcomes

pytestmark = pytest.mark.django_db

DESCRIBED: dict[str, Any] = {
    "title": "Load test",
    "sentence": "Holds a thousand requests a second.",
    "hours_until_due": 24,
    "reason": "Agreed with operations",
}


@pytest.fixture(autouse=True)
def _one_check(given_checks: Given) -> None:
    given_checks(scan=passing)


@pytest.fixture
def casey(db: None) -> Actor:
    """The risk officer of the whole organization."""
    return actor(person("casey", everywhere=("risk_officer",)))


@pytest.fixture
def load_test(casey: Actor) -> ExternalCheck:
    return operations.expect_external_check("load-test", by=casey, **DESCRIBED)


@pytest.fixture
def robot(db: None) -> Actor:
    """CI, whose account is a developer's."""
    return actor(person("robot", everywhere=("model_developer",)))


def found_on(version: ModelVersion, **facts: Any) -> PostedResult:
    """Return a result a tool might post."""
    said: dict[str, Any] = {
        "state": "passed",
        "summary": "1,200 requests a second.",
        "examined": version.content_digest,
        "origin": "https://ci.example/runs/7",
        "tool": "k6",
        "tool_version": "1.2",
    }
    return PostedResult(**(said | facts))


# -- what is expected -----------------------------------------------------------------------------


def test_an_external_check_is_expected_with_a_reason_and_recorded(
    casey: Actor, load_test: ExternalCheck
) -> None:
    assert expected.hours_until_due() == {"load-test": 24}
    [event] = events("external_check.expect", load_test)
    assert detail(event) == {"check": "load-test", "hours": 24}
    assert load_test.history.get().event.uid == event.uid


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": "scan"}, "already"),
        ({"name": "load-test"}, "already"),
        ({"name": "Load Test"}, "small letters"),
        ({"name": "x" * 61}, "at most 60"),
        ({"title": " "}, "title is empty"),
        ({"title": "x" * 121}, "at most 120"),
        ({"sentence": ""}, "sentence is empty"),
        ({"hours_until_due": 0}, "1 to 2,160 hours"),
        ({"hours_until_due": 2161}, "1 to 2,160 hours"),
        ({"reason": ""}, "Give a reason"),
    ],
)
def test_what_cannot_be_expected_is_refused_in_words(
    casey: Actor, load_test: ExternalCheck, changed: dict[str, Any], words: str
) -> None:
    asked = {"name": "other", **DESCRIBED, **changed}

    with pytest.raises(RuleBroken, match=words):
        operations.expect_external_check(asked.pop("name"), by=casey, **asked)

    assert ExternalCheck.objects.count() == 1


def test_only_who_manages_checks_everywhere_expects_and_ends_them(
    vera: Actor, load_test: ExternalCheck
) -> None:
    with pytest.raises(NotAllowed):
        operations.expect_external_check("other", by=vera, **DESCRIBED)
    with pytest.raises(NotAllowed):
        operations.end_external_check(load_test, by=vera, reason="No")

    assert outcomes("external_check.expect") == ["done", "refused"]
    assert outcomes("external_check.end") == ["refused"]


def test_one_that_was_ended_is_not_expected_and_can_be_expected_anew(
    casey: Actor, load_test: ExternalCheck
) -> None:
    operations.end_external_check(load_test, by=casey, reason="Replaced")
    assert expected.hours_until_due() == {}
    with pytest.raises(RuleBroken, match="already"):
        operations.end_external_check(load_test, by=casey, reason="Twice")

    again = operations.expect_external_check("load-test", by=casey, **DESCRIBED)

    assert again.pk == load_test.pk
    assert expected.hours_until_due() == {"load-test": 24}


# -- awaited --------------------------------------------------------------------------------------


def test_starting_checks_awaits_external_ones_until_they_are_due(
    version: ModelVersion, vera: Actor, load_test: ExternalCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(tasks, "ring", told.extend)

    runs = operations.start_checks(version, by=vera)

    assert [(run.check_name, run.state) for run in runs] == [
        ("scan", CheckRun.State.QUEUED),
        ("load-test", CheckRun.State.AWAITED),
    ]
    assert runs[1].due_at == runs[1].queued_at + timedelta(hours=24)
    assert queries.unclaimed(database_now() + timedelta(days=1)) == {runs[0].pk: "scan"}
    with pytest.raises(RuleBroken):
        operations.start_checks(version, by=vera, names=["load-test"])


def test_what_is_overdue_could_not_be_carried_out_and_is_needed_again(
    version: ModelVersion, vera: Actor, load_test: ExternalCheck
) -> None:
    [run] = operations.start_checks(version, by=vera, names=["load-test"])
    assert run.due_at is not None

    runner.expire_awaited(run.due_at)
    assert other(run).state == CheckRun.State.AWAITED
    runner.expire_awaited(run.due_at + timedelta(seconds=1))

    late = other(run)
    assert late.state == CheckRun.State.ERRORED
    assert late.summary == f"Nobody posted a result before {run.due_at:%Y-%m-%d %H:%M} UTC."
    assert outcomes("check_run.expire", run) == ["done"]
    assert "load-test" in expected.without_result(version)


def test_what_is_ended_is_not_awaited_any_longer(
    version: ModelVersion, vera: Actor, casey: Actor, load_test: ExternalCheck
) -> None:
    [run] = operations.start_checks(version, by=vera, names=["load-test"])
    operations.end_external_check(load_test, by=casey, reason="Replaced")

    tasks.expire_awaited.apply().get()

    assert other(run).summary == "The organization does not expect this check any more."


def test_a_result_that_comes_in_the_last_moment_counts(
    version: ModelVersion,
    vera: Actor,
    robot: Actor,
    load_test: ExternalCheck,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [run] = operations.start_checks(version, by=vera, names=["load-test"])
    expire = runner.expire

    def posted_first(run: CheckRun, **given: Any) -> None:
        operations.post_result(version, "load-test", found_on(version), by=robot)
        expire(run, **given)

    monkeypatch.setattr(runner, "expire", posted_first)
    runner.expire_awaited(database_now() + timedelta(days=2))

    assert other(run).state == CheckRun.State.PASSED
    assert outcomes("check_run.expire") == ["refused"]


# -- posted ---------------------------------------------------------------------------------------


def test_a_posted_result_concludes_the_awaited_run_with_its_source(
    version: ModelVersion, vera: Actor, robot: Actor, load_test: ExternalCheck
) -> None:
    [awaited] = operations.start_checks(version, by=vera, names=["load-test"])
    result = found_on(version, state="failed", problems=[GRAVE], facts={"requests": 1200})

    run = operations.post_result(version, "load-test", result, by=robot)

    assert run.pk == awaited.pk
    kept = other(run)
    assert (kept.state, kept.summary) == (CheckRun.State.FAILED, "1,200 requests a second.")
    assert kept.problems[0]["remedy"] == GRAVE.remedy
    assert kept.facts == {"requests": 1200}
    assert (kept.origin, kept.tools) == ("https://ci.example/runs/7", {"k6": "1.2"})
    assert kept.posted_by_id == robot.user_id
    [event] = events("check_run.post", run)
    assert event.actor_id == robot.id
    assert detail(event) == {
        "check": "load-test",
        "origin": "https://ci.example/runs/7",
        "outcome": "failed",
        "problems": 1,
        "report": None,
    }


def test_a_result_nobody_awaited_is_recorded_and_a_later_one_counts_instead(
    version: ModelVersion, robot: Actor, load_test: ExternalCheck
) -> None:
    first = operations.post_result(
        version, "load-test", found_on(version, state="failed"), by=robot
    )
    second = operations.post_result(version, "load-test", found_on(version), by=robot)

    assert other(first).state == CheckRun.State.FAILED
    newest = queries.newest_runs(version)
    facts = queries.checks_facts(
        version, newest, judged_by=Basis.of([version], newest), at=database_now()
    )
    assert newest["load-test"].pk == second.pk
    assert facts["load-test"] == {"status": "passed", "age_days": 0, "fresh": True}


def test_a_version_takes_a_number_of_results_that_is_bounded(
    version: ModelVersion, load_test: ExternalCheck, robot: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MOST_RESULTS", 2)
    for _ in range(2):
        operations.post_result(version, "load-test", found_on(version), by=robot)

    with pytest.raises(RuleBroken, match="takes at most 2 results"):
        operations.post_result(version, "load-test", found_on(version), by=robot)


def test_a_result_about_other_content_is_refused_without_telling_the_right_digest(
    version: ModelVersion, robot: Actor, load_test: ExternalCheck
) -> None:
    with pytest.raises(RuleBroken, match="not the content") as refusal:
        operations.post_result(
            version, "load-test", found_on(version, examined=OTHER_DIGEST), by=robot
        )

    assert version.content_digest not in str(refusal.value)
    assert outcomes("check_run.post") == ["refused"]
    assert not CheckRun.objects.exists()


@pytest.mark.parametrize("name", ["scan", "magic", "ended"])
def test_only_an_external_check_that_is_expected_takes_results(
    version: ModelVersion, casey: Actor, robot: Actor, name: str
) -> None:
    ended = operations.expect_external_check("ended", by=casey, **DESCRIBED)
    operations.end_external_check(ended, by=casey, reason="Replaced")

    with pytest.raises(UnknownCheck):
        operations.post_result(version, name, found_on(version), by=robot)


GRAVEST = Problem("x", Severity.CRITICAL, "", "Broken.", "")
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "another state": ({"state": "errored"}, "passed or failed"),
    "a contradiction": ({"problems": [GRAVEST]}, "failed, not passed"),
    "no summary": ({"summary": " "}, "summary is empty"),
    "a long summary": ({"summary": "x" * 2001}, "at most 2,000"),
    "a control character": ({"summary": "x\x1b"}, "cannot be shown"),
    "a long tool": ({"tool": "x" * 41}, "at most 40"),
    "no digest": ({"examined": "latest"}, "64 hexadecimal digits"),
    "a script": ({"origin": "javascript:alert(1)"}, "begins with https"),
    "an account": ({"origin": "https://me:secret@ci.example/"}, "names no account"),
    "a password alone": ({"origin": "https://:secret@ci.example/"}, "names no account"),
    "no address": ({"origin": "https://[bad/"}, "begins with https"),
    "a space": ({"origin": "https://ci.example/a b"}, "no space"),
    "a long address": ({"origin": "https://ci.example/" + "x" * 300}, "at most 300"),
    "many problems": ({"problems": [replace(GRAVE)] * 501, "state": "failed"}, "at most 500"),
    "a problem without text": ({"problems": [Problem("x", Severity.LOW, "", "", "")]}, "no text"),
    "a fraction": ({"facts": {"p95": 0.5}}, "fraction as text"),
    "a large number": ({"facts": {"n": 2**60}}, "at most"),
    "deep facts": ({"facts": {"a": {"b": {"c": {}}}}}, "nested at most 2"),
    "a long fact": ({"facts": {"a": ["x" * 2001]}}, "at most 2,000"),
    "many facts": ({"facts": {str(number): 1 for number in range(1001)}}, "at most 1,000"),
}


def test_what_is_more_than_is_kept_or_contradicts_itself_is_refused_and_nothing_is_kept(
    version: ModelVersion, robot: Actor, load_test: ExternalCheck
) -> None:
    for case, (changed, words) in REFUSED.items():
        with pytest.raises(InputRefused) as refusal:
            operations.post_result(version, "load-test", found_on(version, **changed), by=robot)
        assert words in str(refusal.value), case

    assert not CheckRun.objects.exists()


def test_who_may_not_post_results_is_refused(
    version: ModelVersion, load_test: ExternalCheck
) -> None:
    for who in (actor(person("paul", everywhere=("auditor",))), WORKER):
        with pytest.raises(NotAllowed):
            operations.post_result(version, "load-test", found_on(version), by=who)

    assert outcomes("check_run.post") == ["refused", "refused"]
