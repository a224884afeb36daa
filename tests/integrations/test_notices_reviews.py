"""Owners are told what to attest, reviewers what comes round, risk officers what is late."""

from datetime import timedelta

import pytest

from apps.core.clock import database_now
from apps.core.formats import calendar_day
from apps.risk.operations import escalating
from tests import scenarios
from tests.approvals.exceptions import in_days, move_clock
from tests.integrations.told import DAY, fell_due, happened, told
from tests.risk.reviewed import attest, planned, running, schedule_by_default

pytestmark = pytest.mark.django_db


def test_an_owner_is_told_two_weeks_before_an_attestation_is_due_and_once_it_is_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = scenarios.registered_model()
    schedule_by_default(monkeypatch)
    line = f"Owner attestation of {model.name} is"

    def lines() -> list[str]:
        return [one for one in told(scenarios.owner()) if one.startswith(line)]

    fell_due(150 * DAY)
    assert lines() == []
    fell_due(170 * DAY)
    fell_due(172 * DAY)
    assert len(lines()) == 1
    fell_due(200 * DAY)
    fell_due(201 * DAY)
    assert [one.split(" is ")[1].split()[0] for one in lines()] == ["due", "overdue"]


def test_an_attestation_that_was_given_is_not_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = scenarios.registered_model()
    move_clock(monkeypatch, 165)
    attest(model)
    schedule_by_default(monkeypatch)

    fell_due(175 * DAY)

    assert not any("attestation" in one for one in told(scenarios.owner()))


def test_who_planned_a_review_is_told_that_it_is_due() -> None:
    review = planned(scenarios.registered_model(), in_days(20))

    fell_due()
    assert told(scenarios.validator()) == []
    fell_due(10 * DAY)
    assert told(scenarios.validator()) == [f"{review} is due on {calendar_day(in_days(20))}"]


def test_an_owner_is_asked_by_a_campaign_once_and_again_before_its_day() -> None:
    model = scenarios.registered_model()
    campaign = running()
    line = f"Say by {calendar_day(campaign.due)} whether the record of {model.name} is right"

    happened()
    fell_due(timedelta(minutes=1))
    assert told(scenarios.owner()).count(line) == 1
    fell_due(10 * DAY)
    assert told(scenarios.owner()).count(line) == 2
    attest(model)
    fell_due(19 * DAY)
    assert told(scenarios.owner()).count(line) == 2


def test_risk_officers_are_told_once_of_what_nobody_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = scenarios.registered_model()
    campaign = running()
    at = move_clock(monkeypatch, 21)
    for _ in range(3):
        escalating.escalate_entries(at)
        happened()

    line = f"{model.name} was not attested by {calendar_day(campaign.due)}"
    assert told(scenarios.risk_officer()).count(line) == 1
    assert database_now() < at
