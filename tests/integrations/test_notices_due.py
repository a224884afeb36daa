"""What falls due is told in time, once for each span, and escalated when nobody moves."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from apps.approvals.models import SignOff
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from apps.integrations.notices import making
from apps.integrations.notices.due import days_before
from apps.integrations.notices.rows import Notice
from apps.integrations.notices.sources import FALLS_DUE
from apps.validation import operations as validation
from apps.validation.models import EvidenceItem
from tests import scenarios
from tests.approvals import walk
from tests.factories import actor
from tests.integrations.told import DAY, fell_due, told
from tests.scenarios import developer, operator, owner, risk_officer, validator

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("left", "span"),
    [
        (timedelta(days=8), None),
        (timedelta(days=7), 7),
        (timedelta(days=1, seconds=1), 7),
        (timedelta(days=1), 1),
        (timedelta(seconds=1), 1),
        (timedelta(0), None),
        (-DAY, None),
    ],
)
def test_the_shortest_span_that_reaches_an_end_counts(left: timedelta, span: int | None) -> None:
    now = database_now()
    assert days_before(now + left, now, (7, 1)) == span


def test_a_sign_off_that_lapses_is_told_a_week_and_a_day_before() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    signed = scenarios.sign(request, validator(), "validator")
    left = signed.expires_at - database_now()

    line = f"Your sign-off on {request.version} lapses soon"
    fell_due(left - 8 * DAY)
    assert line not in told(validator())
    for days in (7, 6.5, 2):
        fell_due(left - days * DAY)
        assert told(validator()).count(line) == 1
    for days in (1, 0.5):
        fell_due(left - days * DAY)
        assert told(validator()).count(line) == 2
    fell_due(left + DAY)
    assert told(validator()).count(line) == 2
    assert "lapsed" in Notice.objects.get(person=validator(), kind="void").text


def test_nobody_is_told_that_a_sign_off_lapses_which_does_not_count() -> None:
    request = scenarios.requested()
    walk.sign(request, owner(), "model_owner")
    walk.run_again(request.version, "artifact-integrity")
    left = SignOff.objects.get().expires_at - database_now()
    fell_due(left - DAY)
    assert not any("lapses" in line for line in told(owner()))


def test_a_quiet_request_reminds_its_signers_then_those_in_charge() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    line = f"The promotion of {request.version} to production still waits for you"
    validator(), risk_officer()

    fell_due(6.9 * DAY)
    assert told(validator(), "reminder") == []
    for after in (7, 8, 13.9):
        fell_due(after * DAY)
        assert told(validator(), "reminder") == told(risk_officer(), "reminder") == [line]
        assert told(owner(), "escalation") == []
    for after in (14, 15):
        fell_due(after * DAY)
        late = [f"The promotion of {request.version} to production has waited for 14 days"]
        assert told(owner(), "escalation") == told(risk_officer(), "escalation") == late
    assert told(developer(), "reminder") == []
    text = Notice.objects.get(person=owner(), kind="escalation").text
    assert "It waits for a sign-off as" in text


def test_a_sign_off_begins_the_time_anew() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    risk_officer()
    fell_due(7 * DAY)
    walk.overwrite(request, requested_at=request.requested_at - 10 * DAY)
    scenarios.sign(request, validator(), "validator")
    Notice.objects.all().delete()
    fell_due(6 * DAY)
    assert told(risk_officer(), "reminder") == []
    fell_due(7.1 * DAY)
    assert len(told(risk_officer(), "reminder")) == 1
    assert told(validator(), "reminder") == []


def test_a_quiet_request_with_closed_conditions_reminds_who_asked() -> None:
    scenarios.requested(version=scenarios.registered_version())
    fell_due(7 * DAY)
    [notice] = Notice.objects.filter(kind="reminder")
    assert notice.person == developer()
    assert "Not met yet:" in notice.text


def test_a_quiet_request_whose_gate_is_open_reminds_operators() -> None:
    scenarios.signed_off()
    operator()
    fell_due(7 * DAY)
    assert len(told(operator(), "reminder")) == 1
    assert told(developer(), "reminder") == []


def test_a_decided_request_reminds_nobody() -> None:
    scenarios.promoted()
    fell_due(30 * DAY)
    assert Notice.objects.filter(kind__in=["reminder", "escalation"]).count() == 0


def evidence(kind: str = "red_team_report", **given: object) -> EvidenceItem:
    version = scenarios.registered_version()
    item = validation.add_evidence(
        version,
        kind,
        by=actor(developer()),
        title="Spring red team",
        file=validation.SentFile("report.pdf", [b"Report"]),
        **given,  # type: ignore[arg-type]
    )
    validation.verify_evidence(item, by=actor(validator()))
    return item


def test_evidence_that_soon_stops_counting_is_told_twice() -> None:
    item = evidence()
    assert item.expires_at is not None
    left = item.expires_at - database_now()
    fell_due(left - 31 * DAY)
    assert told(developer()) == []
    for days in (30, 20, 7.5):
        fell_due(left - days * DAY)
        assert len(told(developer())) == len(told(owner())) == 1
    for days in (7, 1):
        fell_due(left - days * DAY)
        assert len(told(developer())) == 2
    fell_due(left + DAY)
    assert len(told(developer())) == 2
    assert "“Spring red team” counts until" in Notice.objects.filter(person=owner())[0].text


def test_evidence_with_a_last_day_of_its_own_is_told_by_it() -> None:
    evidence(valid_until=(database_now() + 5 * DAY).date())
    fell_due()
    assert len(told(developer())) == 1


def test_evidence_that_a_newer_one_replaces_or_that_was_withdrawn_is_not_told() -> None:
    soon = (database_now() + 5 * DAY).date()
    old = evidence(valid_until=soon)
    newer = validation.add_evidence(
        old.version or old.model,
        old.type,
        by=actor(developer()),
        title="Summer",
        file=validation.SentFile("b.pdf", [b"Other"]),
    )
    fell_due()
    assert len(told(developer())) == 1, "the newer one counts for nothing until it is verified"
    Notice.objects.all().delete()
    validation.verify_evidence(newer, by=actor(validator()))
    fell_due()
    assert told(developer()) == []

    gone = evidence(valid_until=soon)
    validation.withdraw_evidence(gone, by=actor(developer()), reason="Wrong file")
    fell_due()
    assert told(developer()) == []


def test_the_hourly_look_asks_the_same_for_much_evidence_as_for_little(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    soon = (database_now() + 5 * DAY).date()
    for _ in range(6):
        evidence(valid_until=soon)
    fell_due()
    assert len(told(developer())) == 6
    now = database_now()
    with django_assert_max_num_queries(20):
        dues = [due for source in FALLS_DUE for due in source(now)]
        assert making.make(dues, at=now) == 0
