"""Incidents: reported with their clocks, contained, told to authorities, closed by another."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.core.clock import database_now
from apps.core.errors import NotAllowed, RuleBroken
from apps.core.inputs import InputRefused
from apps.risk import clocks
from apps.risk.facts import Judged
from apps.risk.operations import incidents as operations
from tests import scenarios
from tests.approvals.exceptions import entries, refusals
from tests.factories import actor
from tests.risk.found import WHY, contained, incident, told

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("traits", "reports"),
    [
        ([], {}),
        (["high_risk_serious"], {"ai_act_serious": 15 * DAY}),
        (["high_risk_serious", "death"], {"ai_act_death": 10 * DAY}),
        (["high_risk_serious", "death", "widespread_or_critical"], {"ai_act_widespread": 2 * DAY}),
        (["personal_data_breach"], {"gdpr_breach": 72 * HOUR}),
        (["death"], {}),
    ],
)
def test_clocks_run_from_the_discovery_by_what_is_true_of_it(
    traits: list[str], reports: dict[str, timedelta]
) -> None:
    found = incident(traits=traits)

    due = {one.clock: one.due_at - found.discovered_at for one in found.duties.all()}
    assert due == reports


def test_reports_that_follow_each_other_run_from_when_the_last_was_made() -> None:
    discovered = database_now() - 2 * HOUR
    found = incident(traits=["major_ict"], discovered_at=discovered)
    first, second, last = (
        found.duties.get(clock=f"dora_{name}") for name in ("initial", "intermediate", "final")
    )
    assert first.due_at == found.classified_at + 4 * HOUR
    assert second.due_at == first.due_at + 72 * HOUR

    made = discovered + HOUR
    operations.make_report(
        first, by=actor(scenarios.operator()), reported_at=made, reference=" 17/a "
    )

    second.refresh_from_db()
    last.refresh_from_db()
    assert (first.reference, second.due_at) == ("17/a", made + 72 * HOUR)
    assert last.due_at == clocks.Span("", "months", 1).end(second.due_at)


def test_the_first_of_two_ends_counts() -> None:
    discovered = database_now() - 22 * HOUR
    found = incident(traits=["major_ict"], discovered_at=discovered)

    assert found.duties.get(clock="dora_initial").due_at == discovered + 24 * HOUR


def test_a_month_ends_on_the_same_day_or_the_last_there_is() -> None:
    span = clocks.Span("discovered", "months", 1)

    assert span.end(datetime(2027, 1, 31, 9, tzinfo=UTC)) == datetime(2027, 2, 28, 9, tzinfo=UTC)
    assert (span.words, clocks.Span("", "days", 2).words) == ("1 month", "2 days")


def test_an_incident_says_what_it_is() -> None:
    model, by = scenarios.registered_model(), actor(scenarios.developer())
    ahead = database_now() + HOUR
    for wrong in (
        told(title=""),
        told(description=""),
        told(harm=" "),
        told(severity="odd"),
        told(discovered_at=ahead),
        told(happened_at=ahead),
        told(traits=["strange"]),
        told(version=scenarios.registered_version()),
    ):
        with pytest.raises(InputRefused):
            operations.report_incident(model, wrong, by=by)
    with pytest.raises(RuleBroken, match="is serious"):
        operations.report_incident(
            model, told(severity="other", traits=["personal_data_breach"]), by=by
        )
    with pytest.raises(NotAllowed):
        operations.report_incident(model, told(), by=actor(scenarios.stranger()))
    assert refusals("model.report_incident")[-1] == "not_allowed"


def test_what_turns_out_to_be_true_begins_more_clocks_and_ends_none() -> None:
    found = incident(traits=["personal_data_breach"])
    by = actor(scenarios.operator())

    operations.classify_incident(
        found, by=by, reason=WHY, severity="serious", traits=["high_risk_serious"]
    )

    assert {one.clock for one in found.duties.all()} == {"gdpr_breach", "ai_act_serious"}
    with pytest.raises(RuleBroken, match="Nothing would change"):
        operations.classify_incident(
            found, by=by, reason=WHY, severity="serious", traits=["high_risk_serious"]
        )


def test_an_incident_is_contained_reported_and_closed_by_another() -> None:
    found = contained(traits=["personal_data_breach"])
    officer = actor(scenarios.risk_officer())
    with pytest.raises(RuleBroken, match="Report this first"):
        operations.close_incident(found, by=officer, reason=WHY)
    duty = found.duties.get()
    with pytest.raises(InputRefused):
        operations.make_report(
            duty, by=officer, reported_at=found.discovered_at - HOUR, reference=""
        )
    operations.set_report_aside(duty, by=officer, reason="No risk to anybody")
    with pytest.raises(RuleBroken, match="set aside already"):
        operations.make_report(duty, by=officer, reported_at=database_now())

    with pytest.raises(NotAllowed, match="contained this"):
        operations.close_incident(found, by=actor(scenarios.operator()), reason=WHY)
    operations.close_incident(found, by=officer, reason=WHY)

    assert (found.state, found.closed_by) == ("closed", scenarios.risk_officer())
    for action in ("incident.contain", "incident.close", "report_duty.set_aside"):
        assert len(entries(action)) == 1
    with pytest.raises(RuleBroken):
        operations.close_incident(found, by=officer, reason=WHY)


def test_who_reported_an_incident_does_not_close_it() -> None:
    found = contained(by=scenarios.risk_officer())

    with pytest.raises(NotAllowed, match="reported this"):
        operations.close_incident(found, by=actor(scenarios.risk_officer()), reason=WHY)


def test_who_does_not_follow_incidents_answers_none() -> None:
    found = contained(traits=["personal_data_breach"])
    duty = found.duties.get()
    for nobody in (actor(scenarios.developer()), actor(scenarios.stranger())):
        for answer in (
            lambda by: operations.classify_incident(
                found, by=by, reason=WHY, severity="serious", traits=[]
            ),
            lambda by: operations.contain_incident(found, by=by, containment="Stopped"),
            lambda by: operations.close_incident(found, by=by, reason=WHY),
            lambda by: operations.make_report(duty, by=by, reported_at=database_now()),
            lambda by: operations.set_report_aside(duty, by=by, reason=WHY),
        ):
            with pytest.raises(NotAllowed):
                answer(nobody)
    for action in ("incident.classify", "incident.contain", "report_duty.report"):
        assert refusals(action) == ["not_allowed", "not_allowed"]


def test_policies_read_serious_incidents_nobody_contained_and_reports_that_are_late() -> None:
    version = scenarios.registered_version()
    incident(version.model)
    contained(
        version.model,
        traits=["personal_data_breach"],
        discovered_at=database_now() - 80 * HOUR,
    )

    facts = Judged.of([version.model_id]).unsettled(version.model_id, version, database_now())

    assert facts["incidents"] == {"open_serious": 1, "overdue_reports": 1}


GOOD = """version: 1
law_as_of: "2026-01-01"
facts:
  - {id: bad, title: Bad, help: Very bad}
clocks:
  - {id: tell, title: Tell, authority: Somebody, applies_when: [bad], after: discovered, days: 2,
     cites: [A law]}
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[bad]", "[worse]", "names the fact 'worse', which there is not"),
        ("days: 2", "weeks: 2", "weeks"),
        ("days: 2", "days: 0", "0"),
        ("discovered, days: 2", "discovered", "in one of hours, days and months"),
        ("days: 2", "days: 2, hours: 3", "in one of hours, days and months"),
        ("after: discovered", "after: later", "no clock before it"),
        ("id: tell", "id: discovered", "a moment of the incident"),
        ("version: 1", "version: 2", "1"),
        ("facts:\n", "facts:\n  - {id: bad, title: Bad, help: Bad}\n", "Two facts are called"),
        ("version: 1", "version: 1\nversion: 1", "appears twice"),
    ],
)
def test_a_text_that_is_no_set_of_clocks_is_refused_in_words(
    old: str, new: str, words: str
) -> None:
    assert clocks.parse(GOOD).clocks[0].id == "tell"

    with pytest.raises(clocks.ClocksRefused, match=words):
        clocks.parse(GOOD.replace(old, new, 1))


def test_every_shipped_clock_cites_its_law() -> None:
    known = clocks.shipped()

    assert all(one.cites and one.authority for one in known.clocks)
    assert known.clock_or_none("gdpr_breach") is not None
    assert known.clock_or_none("x") is None
