"""Findings are answered: by their owners, by others, and never by the wrong one."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from apps.accounts.models import User
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from apps.risk.models import Finding
from apps.risk.operations import finding_answers as operations
from apps.risk.operations import findings
from apps.risk.operations.findings import Found
from apps.validation import operations as validation
from tests import scenarios
from tests.approvals.exceptions import entries, refusals
from tests.factories import actor
from tests.risk.found import WHY, accept, accepted, closed, planned, raised, ready

pytestmark = pytest.mark.django_db


OWNERS: dict[str, Callable[[Finding, User], object]] = {
    "finding.plan": lambda finding, who: operations.plan_finding(
        finding, by=actor(who), plan="Train"
    ),
    "finding.report_ready": lambda finding, who: operations.report_ready(
        finding, by=actor(who), remedy="Done"
    ),
}
OTHERS: dict[str, Callable[[Finding, User], object]] = {
    "finding.assign": lambda finding, who: operations.assign_finding(
        finding, by=actor(who), reason=WHY, owner=scenarios.developer()
    ),
    "finding.change_severity": lambda finding, who: operations.change_severity(
        finding, by=actor(who), reason=WHY, severity="low"
    ),
    "finding.extend": lambda finding, who: operations.extend_finding(
        finding, by=actor(who), reason=WHY, due=finding.due + timedelta(days=1)
    ),
    "finding.accept_risk": lambda finding, who: accept(finding, who, days=3),
    "finding.close": lambda finding, who: operations.close_finding(
        finding, by=actor(who), reason=WHY
    ),
    "finding.reopen": lambda finding, who: operations.reopen_finding(
        finding, by=actor(who), reason=WHY
    ),
}


def test_a_finding_goes_from_open_to_closed_by_three_hands() -> None:
    finding = closed()

    assert finding.state == Finding.State.CLOSED
    assert (finding.owner, finding.remedied_by) == (scenarios.owner(), scenarios.owner())
    assert finding.closed_by == scenarios.validator()
    for action in ("finding.plan", "finding.report_ready", "finding.close"):
        assert len(entries(action)) == 1


@pytest.mark.parametrize("action", OWNERS)
def test_only_its_owner_plans_a_finding_and_says_that_it_can_be_closed(action: str) -> None:
    finding = planned()

    for wrong in (scenarios.validator(), scenarios.stranger()):
        with pytest.raises(NotAllowed):
            OWNERS[action](finding, wrong)
    assert refusals(action) == ["not_allowed", "not_allowed"]


@pytest.mark.parametrize("action", OTHERS)
def test_the_owner_and_who_has_no_right_decide_nothing_about_a_finding(action: str) -> None:
    finding = ready()
    operations.assign_finding(
        finding,
        by=actor(scenarios.validator()),
        reason=WHY,
        owner=scenarios.risk_officer(),
    )

    for wrong in (scenarios.risk_officer(), scenarios.developer(), scenarios.stranger()):
        with pytest.raises(NotAllowed):
            OTHERS[action](finding, wrong)
    assert refusals(action) == ["not_allowed"] * 3


def test_who_remedied_a_finding_does_not_close_it_either() -> None:
    finding = raised()
    operations.assign_finding(
        finding, by=actor(scenarios.validator()), reason=WHY, owner=scenarios.risk_officer()
    )
    officer = actor(scenarios.risk_officer())
    operations.plan_finding(finding, by=officer, plan="Train")
    operations.report_ready(finding, by=officer, remedy="Trained")
    operations.assign_finding(
        finding, by=actor(scenarios.validator()), reason=WHY, owner=scenarios.owner()
    )

    with pytest.raises(NotAllowed, match="somebody else looks at it"):
        operations.close_finding(finding, by=officer, reason=WHY)


def test_a_finding_is_closed_only_once_somebody_says_what_was_done() -> None:
    finding = raised()
    with pytest.raises(RuleBroken, match="what was done about it"):
        operations.close_finding(finding, by=actor(scenarios.validator()), reason=WHY)
    with pytest.raises(RuleBroken, match="how it will be settled"):
        operations.report_ready(finding, by=actor(scenarios.owner()), remedy="Done")
    with pytest.raises(InputRefused):
        operations.plan_finding(finding, by=actor(scenarios.owner()), plan=" ")


def test_evidence_of_the_model_is_attached_once() -> None:
    finding, by = planned(), actor(scenarios.owner())
    subject = finding.model
    item = validation.add_evidence(
        subject, "incident_response_plan", by=by, title="How", link="https://example.org/a"
    )
    strange = validation.add_evidence(
        scenarios.registered_model(),
        "incident_response_plan",
        by=by,
        title="How",
        link="https://example.org/a",
    )

    attached = operations.attach_evidence(finding, item, by=by)

    assert attached.item == item
    for wrong in (item, strange):
        with pytest.raises(RuleBroken):
            operations.attach_evidence(finding, wrong, by=by)
    with pytest.raises(NotAllowed):
        operations.attach_evidence(finding, item, by=actor(scenarios.validator()))
    assert refusals("finding.attach_evidence") == ["rule_broken", "rule_broken", "not_allowed"]


def test_a_graver_finding_is_due_sooner_and_a_milder_one_never_later() -> None:
    finding, by = raised(severity="high"), actor(scenarios.validator())
    due = finding.due

    operations.change_severity(finding, by=by, reason=WHY, severity="critical")
    sooner = finding.due
    operations.change_severity(finding, by=by, reason=WHY, severity="low")

    assert sooner <= due
    assert finding.due == sooner
    with pytest.raises(RuleBroken, match="low already"):
        operations.change_severity(finding, by=by, reason=WHY, severity="low")


def test_a_finding_gets_more_time_and_says_from_when() -> None:
    finding, by = raised(), actor(scenarios.validator())
    was = finding.due
    move = database_now().date() + timedelta(days=366)

    extension = operations.extend_finding(finding, by=by, reason=WHY, due=move)

    assert (extension.was_due, finding.due) == (was, move)
    for wrong in (move, move - timedelta(days=900), move + timedelta(days=900)):
        with pytest.raises(RuleBroken):
            operations.extend_finding(finding, by=by, reason=WHY, due=wrong)


def test_an_owner_holds_a_duty_and_is_another_one() -> None:
    finding, by = raised(), actor(scenarios.validator())

    for wrong in (scenarios.owner(), scenarios.stranger()):
        with pytest.raises(RuleBroken):
            operations.assign_finding(finding, by=by, reason=WHY, owner=wrong)


def test_nobody_owns_a_finding_whose_risk_they_accepted() -> None:
    finding = accepted()

    with pytest.raises(RuleBroken, match="accepted its risk"):
        operations.assign_finding(
            finding, by=actor(scenarios.validator()), reason=WHY, owner=scenarios.risk_officer()
        )
    with pytest.raises(RuleBroken):
        OTHERS["finding.accept_risk"](finding, scenarios.risk_officer())


def test_a_closed_finding_is_opened_again_unless_its_cause_stands_anew() -> None:
    by = actor(scenarios.validator())
    finding = closed()
    operations.reopen_finding(finding, by=by, reason=WHY)
    assert (finding.state, finding.closed_by, finding.remedied_by) == ("open", None, None)

    version = scenarios.registered_version()
    found = Found("check:x", Finding.Source.CHECK, "high", "Failed", "It failed.")
    first = findings.raise_automatically(version, found)
    operations.plan_finding(first, by=actor(scenarios.owner()), plan="Mend")
    operations.report_ready(first, by=actor(scenarios.owner()), remedy="Mended")
    operations.close_finding(first, by=by, reason=WHY)
    findings.raise_automatically(version, found)
    with pytest.raises(RuleBroken, match="same cause"):
        operations.reopen_finding(first, by=by, reason=WHY)
