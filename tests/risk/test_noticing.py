"""What the worker notices: breaches, failed checks, broken rules; one finding per cause."""

from datetime import UTC, datetime

import pytest

from apps.approvals import in_force
from apps.approvals import operations as approvals
from apps.approvals.models import RuleBreach
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.core.sweeping import NotDue
from apps.risk import noticing, tasks
from apps.risk.models import Finding
from apps.risk.operations import finding_answers
from apps.validation import operations as validation
from apps.validation.checks.contract import Problem, Severity
from apps.validation.models import Breach, CheckRun
from apps.validation.operations.measurements import Measured
from apps.validation.posted import PostedResult
from tests import scenarios
from tests.approvals.exceptions import (
    enforce_emergency,
    entries,
    move_clock,
    promoted_on_a_waiver,
    refusals,
    roll_back_at_once,
)
from tests.approvals.policy_texts import Document, changed
from tests.factories import actor
from tests.risk.found import WHY

pytestmark = pytest.mark.django_db

CHECK = "load-test"
GRAVE = Problem("slow", Severity.CRITICAL, "night", "Too slow at night.", "Mend it.")


@pytest.fixture
def version(monkeypatch: pytest.MonkeyPatch) -> ModelVersion:
    """A version in staging, on which a check from outside is expected."""
    validation.expect_external_check(
        CHECK,
        by=actor(scenarios.risk_officer()),
        reason=WHY,
        title="Load test",
        sentence="Holds a thousand requests a second.",
        hours_until_due=24,
    )
    return scenarios.promoted(Stage.STAGING).version


def post(version: ModelVersion, state: str = "failed") -> CheckRun:
    """Post the result of the check from outside."""
    version.refresh_from_db()
    return validation.post_result(
        version,
        CHECK,
        PostedResult(
            state=state,
            summary="Measured it.",
            examined=version.content_digest,
            origin="https://ci.example/runs/7",
            tool="k6",
            tool_version="1.2",
            problems=[GRAVE] if state == "failed" else [],
        ),
        by=actor(scenarios.developer()),
    )


def close(finding: Finding) -> None:
    owner = actor(scenarios.owner())
    finding_answers.plan_finding(finding, by=owner, plan="Mend")
    finding_answers.report_ready(finding, by=owner, remedy="Mended")
    finding_answers.close_finding(finding, by=actor(scenarios.validator()), reason=WHY)


# -- checks


def test_a_failed_check_in_use_is_one_finding_until_it_is_closed_and_fails_anew(
    version: ModelVersion,
) -> None:
    run = post(version)
    assert [noticing.notice_failed_checks() for _ in range(2)] == [1, 0]
    finding = Finding.objects.get()
    assert (finding.version, finding.severity, finding.source) == (version, "critical", "check")
    assert "Too slow at night." in finding.description
    post(version)
    assert noticing.notice_failed_checks() == 0
    close(finding)
    assert noticing.notice_failed_checks() == 0
    with pytest.raises(NotDue):
        noticing.notice_failed_check(run)

    post(version)
    assert noticing.notice_failed_checks() == 1
    assert Finding.objects.count() == 2


def test_what_passed_since_or_is_not_in_use_raises_nothing(version: ModelVersion) -> None:
    post(version)
    post(version, "passed")
    early = scenarios.registered_version(version.model)
    post(early)

    assert noticing.notice_failed_checks() == 0
    assert not Finding.objects.exists()


def test_the_same_check_of_another_model_is_another_cause(version: ModelVersion) -> None:
    post(version)
    post(scenarios.promoted(Stage.STAGING).version)

    tasks.notice_findings()

    assert Finding.objects.count() == 2


# -- monitoring


def test_a_breach_is_one_finding_whether_it_is_closed_or_not() -> None:
    breach = scenarios.breach(scenarios.registered_model())

    assert [noticing.notice_breaches() for _ in range(2)] == [1, 0]
    finding = Finding.objects.get()
    assert (finding.severity, finding.version) == ("high", None)
    close(finding)
    assert noticing.notice_breaches() == 0
    with pytest.raises(NotDue):
        noticing.notice_breach(breach)


def test_a_breach_that_was_answered_for_raises_nothing() -> None:
    breach = scenarios.breach(scenarios.registered_model())
    validation.acknowledge_breach(breach, by=actor(scenarios.operator()), reason=WHY)

    assert noticing.notice_breaches() == 0
    with pytest.raises(NotDue):
        noticing.notice_breach(breach)


def test_a_breach_that_grows_worse_makes_its_finding_graver() -> None:
    breach = scenarios.breach(scenarios.registered_model(), days=2)
    noticing.notice_breaches()
    finding = Finding.objects.get()
    assert finding.severity == "medium"
    worse = [Measured(datetime(2026, 3, 3, tzinfo=UTC), 0.7)]
    validation.post_points(breach.series, worse, by=actor(scenarios.operator()))

    assert [noticing.notice_breaches() for _ in range(2)] == [1, 0]

    finding.refresh_from_db()
    assert finding.severity == "high"
    assert len(entries("finding.worsen")) == 1
    with pytest.raises(NotDue):
        noticing.worsen_breach(breach)
    assert refusals("finding.worsen") == ["not_due"]


def test_who_took_a_finding_to_be_milder_is_not_overruled_by_the_same_breach() -> None:
    breach = scenarios.breach(scenarios.registered_model())
    noticing.notice_breaches()
    finding = Finding.objects.get()
    validator = actor(scenarios.validator())
    finding_answers.change_severity(finding, by=validator, reason=WHY, severity="low")

    assert noticing.notice_breaches() == 0
    with pytest.raises(NotDue):
        noticing.worsen_breach(breach)

    finding.refresh_from_db()
    assert finding.severity == "low"


def test_points_posted_later_belong_to_the_breach_there_is() -> None:
    breach: Breach = scenarios.breach(scenarios.registered_model())
    noticing.notice_breaches()
    more = [Measured(datetime(2026, 3, 9, tzinfo=UTC), 0.1)]
    validation.post_points(breach.series, more, by=actor(scenarios.operator()))

    assert noticing.notice_breaches() == 0


# -- rules, waivers and conditions, which are decided above


def ruled(monkeypatch: pytest.MonkeyPatch, action: str, when: str) -> None:
    def one_rule(document: Document) -> None:
        rule = {"id": "watched", "title": "Watched", "when": when, "action": action}
        document["continuous_rules"] = [{**rule, "severity": "high", "tiers": [1, 2, 3, 4]}]

    policy = changed(one_rule)
    monkeypatch.setattr(in_force, "policy", lambda: policy)


@pytest.mark.parametrize("action", ["open_finding", "escalate"])
def test_a_broken_rule_is_one_finding_and_stands_while_it_is_broken(
    action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = scenarios.promoted(Stage.PRODUCTION).version
    ruled(monkeypatch, action, "version.digest != ''")

    assert [approvals.watch_production(database_now()) for _ in range(2)] == [1, 0]
    finding = Finding.objects.get()
    [entry] = entries("version.break_rule")
    assert entry["detail"]["finding"] == finding.record_id
    assert (finding.cause, finding.version) == ("rule:watched", version)

    close(finding)
    assert [approvals.watch_production(database_now()) for _ in range(2)] == [1, 0]
    assert RuleBreach.objects.count() == 1
    again = Finding.objects.exclude(pk=finding.pk).get()
    ruled(monkeypatch, action, "version.digest == ''")
    approvals.watch_production(database_now())
    close(again)
    assert approvals.watch_production(database_now()) == 0


def test_a_rule_that_suspends_opens_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    scenarios.promoted(Stage.PRODUCTION)
    ruled(monkeypatch, "suspend_authorization", "version.digest != ''")

    approvals.watch_production(database_now())

    assert not Finding.objects.exists()


def test_a_waiver_that_was_relied_on_ends_with_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    waiver = promoted_on_a_waiver(monkeypatch)
    late = move_clock(monkeypatch, 31)

    assert approvals.end_waivers(late) == 1

    finding = Finding.objects.get()
    assert (finding.source, finding.version) == ("waiver_expired", waiver.version)


def test_an_emergency_nobody_confirmed_is_a_critical_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enforce_emergency(monkeypatch)
    emergency = roll_back_at_once()

    approvals.lapse_emergencies(move_clock(monkeypatch, 10))

    finding = Finding.objects.get(source="emergency")
    assert (finding.severity, finding.cause) == ("critical", f"emergency:{emergency.record_id}")
