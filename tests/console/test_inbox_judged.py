"""What is judged and waits on a person in the inbox: findings to settle and to close, reports."""

from datetime import timedelta

import pytest

from apps.core.clock import database_now
from apps.risk.models import Finding, ReportDuty
from apps.risk.operations import finding_answers
from tests import scenarios
from tests.approvals.exceptions import in_days
from tests.approvals.walk import overwrite
from tests.console.conftest import Reads
from tests.console.test_inbox_beside import INBOX, only, people, queries_of, told
from tests.factories import actor
from tests.risk.found import WHY, accept, closed, incident, planned, raised, ready

pytestmark = pytest.mark.django_db

TO_PLAN, TO_SETTLE = "Say how it will be settled", "Do what was planned"


def test_a_finding_waits_on_its_owner_until_there_is_a_plan(opens: Reads) -> None:
    finding = raised()
    assert told(opens, people(), TO_PLAN) == only("olivia")
    assert opens(scenarios.owner(), INBOX).has_link(finding.get_absolute_url())

    finding_answers.plan_finding(finding, by=actor(scenarios.owner()), plan="Train")

    assert told(opens, people(), TO_PLAN) == only()


def test_what_is_judged_is_counted_apart_from_decisions(opens: Reads) -> None:
    raised()
    raised()
    assert "2 about risk, oldest first." in opens(scenarios.owner(), INBOX).words

    scenarios.requested()

    assert (
        "1 decision and 2 more about risk, oldest first." in opens(scenarios.owner(), INBOX).words
    )


def test_a_planned_one_comes_back_before_its_day_and_says_when_that_is_over(opens: Reads) -> None:
    finding = planned()
    overwrite(finding, due=in_days(15))
    assert told(opens, people(), TO_SETTLE) == only()
    overwrite(finding, due=in_days(14))
    assert told(opens, people(), TO_SETTLE) == only("olivia")
    assert "Overdue" not in opens(scenarios.owner(), INBOX).words

    overwrite(finding, due=in_days(-1))

    assert "Overdue" in opens(scenarios.owner(), INBOX).words


def test_a_finding_whose_risk_is_borne_or_that_is_closed_waits_on_nobody(opens: Reads) -> None:
    accept(raised())
    closed()

    for words in (TO_PLAN, TO_SETTLE, "says that it can be closed"):
        assert told(opens, people(), words) == only(), words


def test_one_that_can_be_closed_waits_on_those_who_may_and_did_not_remedy_it(opens: Reads) -> None:
    finding = ready()
    line = "Olivia Owner says that it can be closed"
    assert told(opens, people(), line) == only("vera", "rita")

    overwrite(finding, remedied_by=scenarios.validator())
    assert told(opens, people(), "Vera Validator says that it can be closed") == only("rita")
    overwrite(finding, owner=scenarios.risk_officer(), remedied_by=scenarios.owner())
    assert told(opens, people(), line) == only("vera")


def test_a_report_waits_on_those_who_manage_incidents_until_it_is_made(opens: Reads) -> None:
    found = incident(traits=["personal_data_breach"])
    duty = found.duties.order_by("pk").first()
    assert duty is not None
    line = f"Tell {duty.authority} by"
    assert told(opens, people(), line) == only("olivia", "otis", "rita")
    assert opens(scenarios.operator(), INBOX).has_link(found.get_absolute_url())
    assert "To be reported" in opens(scenarios.operator(), INBOX).words

    overwrite(duty, due_at=database_now() - timedelta(hours=1))
    assert "Overdue" in opens(scenarios.operator(), INBOX).words
    for one in ReportDuty.objects.all():
        by = scenarios.operator()
        overwrite(one, set_aside_at=database_now(), set_aside_by=by, why_set_aside=WHY)
    assert told(opens, people(), line) == only()


def test_what_one_may_not_see_any_more_waits_on_nobody(opens: Reads) -> None:
    finding = raised()
    overwrite(finding, owner=scenarios.stranger())

    assert told(opens, people(), TO_PLAN) == only()


def test_the_inbox_asks_as_often_for_twenty_findings_as_for_two() -> None:
    first = scenarios.registered_version()

    def filled(number: int) -> None:
        for one in range(number):
            raised(first.model, title=f"Open {one}", version=first)
            ready(scenarios.registered_model(), title=f"Ready {one}")
            incident(scenarios.registered_model(), traits=["personal_data_breach"])

    readers = (scenarios.owner(), scenarios.risk_officer(), scenarios.operator())
    filled(2)
    few = [queries_of(reader) for reader in readers]
    filled(6)

    assert Finding.objects.count() == 16
    assert [queries_of(reader) for reader in readers] == few
