"""Whom findings and incidents are told to, and when again."""

from datetime import timedelta

import pytest

from apps.core.clock import database_now
from apps.risk.operations import finding_answers, incidents
from tests import scenarios
from tests.factories import actor
from tests.integrations.told import fell_due, happened, told
from tests.risk.found import WHY, accepted, incident, raised

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_finding_is_told_to_each_owner_once() -> None:
    finding = raised()
    fell_due()
    finding_answers.assign_finding(
        finding, by=actor(scenarios.validator()), reason=WHY, owner=scenarios.developer()
    )
    for _ in range(2):
        fell_due()

    for owner in (scenarios.owner(), scenarios.developer()):
        [line] = told(owner, "finding")
        assert line.startswith(f"A finding on {finding.model.name} is yours to settle by ")
    assert told(scenarios.stranger()) == []


def test_a_finding_is_told_as_soon_as_it_is_raised_or_given_on() -> None:
    happened()
    finding = raised()
    happened()
    finding_answers.assign_finding(
        finding, by=actor(scenarios.validator()), reason=WHY, owner=scenarios.developer()
    )
    happened()

    for owner in (scenarios.owner(), scenarios.developer()):
        assert len(told(owner, "finding")) == 1


def test_an_overdue_finding_is_told_to_those_in_charge_once() -> None:
    scenarios.risk_officer()
    finding = raised()
    for _ in range(2):
        fell_due(timedelta(days=400))

    for person in (scenarios.owner(), scenarios.risk_officer()):
        lines = [line for line in told(person, "trouble") if "overdue" in line]
        assert len(lines) == 1
        assert finding.model.name in lines[0]


def test_an_accepted_risk_that_ends_soon_is_told_to_who_bears_it() -> None:
    accepted(days=20)
    fell_due()
    fell_due(15 * DAY)

    lines = [line for line in told(scenarios.risk_officer(), "reminder") if "accepted" in line]
    assert len(lines) == 2
    assert not [line for line in told(scenarios.validator()) if "accepted" in line]


def test_a_report_is_told_a_day_before_it_is_due_and_once_it_is_late() -> None:
    scenarios.operator()
    found = incident(traits=["personal_data_breach"], discovered_at=database_now() - 40 * HOUR)
    fell_due()
    assert not [line for line in told(scenarios.operator()) if "report" in line]

    fell_due(20 * HOUR)
    fell_due(40 * HOUR)

    lines = [line for line in told(scenarios.operator(), "trouble") if "report" in line]
    assert [("within a day" in line, "was due by" in line) for line in lines] == [
        (True, False),
        (False, True),
    ]
    incidents.set_report_aside(
        found.duties.get(), by=actor(scenarios.operator()), reason="No risk to anybody"
    )
    fell_due(90 * HOUR)
    assert len([line for line in told(scenarios.operator()) if "report" in line]) == 2
