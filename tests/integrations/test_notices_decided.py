"""What signers tie an approval to, what they ask to change, and what ends: told in time."""

from datetime import timedelta

import pytest

from apps.approvals import operations as approvals
from apps.approvals.models import (
    Authorization,
    PromotionRequest,
    SignOff,
    SignOffCondition,
)
from apps.approvals.operations import Asked
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from apps.integrations.notices.rows import Notice
from tests import scenarios
from tests.approvals import exceptions
from tests.factories import actor
from tests.integrations.told import DAY, fell_due, happened, told
from tests.scenarios import developer, owner, risk_officer, stranger, validator

pytestmark = pytest.mark.django_db
SCAN_TITLE = "Scan for unsafe code clean and recent"


def tied(request: PromotionRequest, days: int = 30) -> SignOff:
    """Approve on the condition that the developer does something."""
    by = actor(owner())
    due = database_now().date() + days * DAY
    return approvals.sign_off(
        request,
        by=by,
        role="model_owner",
        decision=SignOff.Decision.APPROVE_WITH_CONDITIONS,
        reason="Nearly there",
        ticket=scenarios.ticket(request, by),
        confirmed=scenarios.confirmation(by),
        conditions=[Asked("Describe the\r\nfallback.", developer(), due)],
    )


def test_a_condition_is_told_to_who_has_to_meet_it_and_again_in_time() -> None:
    request = scenarios.requested()
    tied(request)
    happened()
    [first] = Notice.objects.filter(person=developer())
    assert first.line.startswith(f"A condition on {request.version} is yours to meet by ")
    assert "Olivia Owner asks: “Describe the fallback.”" in first.text
    for days, reminders in ((20, 0), (24, 1), (25, 1), (30, 2)):
        fell_due(days * DAY)
        due = [line for line in told(developer(), "reminder") if "is due on" in line]
        assert len(due) == reminders, days


def test_a_condition_that_was_met_or_whose_request_ended_reminds_nobody() -> None:
    request = scenarios.requested()
    tied(request, days=3)
    approvals.withdraw_request(request, by=actor(developer()), reason="Not now")
    fell_due(2 * DAY)
    assert SignOffCondition.objects.count() == 1
    assert told(developer(), "reminder") == told(developer(), "task") == []


def test_changes_that_are_asked_for_are_told_to_who_asked_for_the_promotion() -> None:
    request = scenarios.requested()
    scenarios.sign(
        request, owner(), "model_owner", SignOff.Decision.ASK_FOR_CHANGES, reason="See below"
    )
    happened()
    [notice] = Notice.objects.filter(person=developer())
    assert notice.line == (
        f"The promotion of {request.version} to staging: Olivia Owner asks for changes"
    )
    assert "where you can answer" in notice.text
    assert "See below" not in notice.text


def test_an_authorization_that_ends_is_told_to_those_in_charge() -> None:
    request = scenarios.promoted(Stage.PRODUCTION)
    authorization = Authorization.objects.get()
    assert authorization.valid_until is not None
    left = authorization.valid_until - database_now()

    def told_of_it() -> int:
        lines = [line for line in told(owner()) if "authorization" in line]
        assert lines == [line for line in told(risk_officer()) if "authorization" in line]
        return len(lines)

    steps = ((61, 0), (60, 1), (40, 1), (30, 2), (7, 3), (1, 3), (0, 4), (-9, 4))
    for days, times in steps:
        fell_due(left - days * DAY)
        assert told_of_it() == times, days
    assert told(owner(), "escalation")[-1].startswith(
        f"The authorization of {request.version} for production ended on "
    )


def test_a_version_that_left_production_is_not_told_of() -> None:
    first = scenarios.promoted(Stage.PRODUCTION)
    scenarios.promoted(Stage.PRODUCTION, first.version.model)
    fell_due(360 * DAY)
    assert [line for line in told(owner()) if f"{first.version} " in line and "ends" in line] == []


def test_an_emergency_is_told_to_those_who_confirm_it_and_to_the_owner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = exceptions.two_in_turn()
    exceptions.enforce_emergency(monkeypatch)
    debt = exceptions.roll_back_at_once(model)
    happened()
    version = debt.authorization.version
    line = f"The emergency rollback to {version} waits for your confirmation"
    asked = {one.person.username for one in Notice.objects.filter(kind="emergency", line=line)}
    assert asked == {"rita", "olivia"}
    assert told(owner(), "trouble") == [
        f"{version.model} was rolled back to {version} in an emergency"
    ]
    left = debt.ratify_until - database_now()
    fell_due(left - timedelta(hours=7))
    assert not any("not confirmed" in line for line in told(owner()))
    for hours in (6, 3):
        fell_due(left - timedelta(hours=hours))
        assert sum("not confirmed" in line for line in told(owner())) == 1
    fell_due(left + timedelta(hours=1))
    assert sum("not confirmed" in line for line in told(owner())) == 1


def test_a_waiver_is_told_to_its_signers_and_then_to_who_asked() -> None:
    risk_officer()
    waiver = exceptions.asked()
    happened()
    called = f"The waiver of “{SCAN_TITLE}” for {waiver.version}"
    assert told(risk_officer(), "waiver") == [f"{called} waits for your signature"]
    assert told(owner(), "waiver") == told(waiver.asked_by, "waiver") == []

    exceptions.sign_waiver(waiver, risk_officer(), "risk_officer")
    happened()
    assert told(waiver.asked_by, "decision") == [f"{called} was granted"]


def test_a_waiver_that_ends_is_told_a_month_and_a_week_before() -> None:
    waiver = exceptions.granted()
    waiver.refresh_from_db()
    left = (waiver.ends_on - database_now().date()).days
    for days, times in ((40, 0), (25, 1), (20, 1), (6, 2), (-3, 2)):
        fell_due((left - days) * DAY)
        lines = [line for line in told(waiver.asked_by, "reminder") if "waiver" in line]
        assert len(lines) == times, days


def test_a_waiver_that_was_revoked_is_told_to_those_it_held_for() -> None:
    waiver = exceptions.granted()
    approvals.revoke_waiver(waiver, by=actor(risk_officer()), reason="It grew worse")
    happened()
    line = f"The waiver of “{SCAN_TITLE}” for {waiver.version} was revoked"
    assert told(waiver.asked_by, "trouble") == told(owner(), "trouble") == [line]
    assert told(risk_officer(), "trouble") == []


# -- what was said ---------------------------------------------------------------------------------


def test_a_comment_is_told_to_who_asked_and_a_mention_to_who_is_named() -> None:
    request = scenarios.requested()
    stranger(), risk_officer(), validator()
    first = approvals.comment(
        request, by=actor(owner()), text="Look at this, @rita, @sam and @olivia: <secret>"
    )
    approvals.comment(request, by=actor(developer()), text="@vera, it is done", answers=first)
    happened()
    asked = f"The promotion of {request.version} to staging"
    assert told(risk_officer(), "conversation") == [f"Olivia Owner mentioned you: {asked}"]
    assert told(validator(), "conversation") == [f"Dev Developer mentioned you: {asked}"]
    assert told(developer(), "conversation") == [f"Olivia Owner commented: {asked}"]
    assert told(owner(), "conversation") == [f"Dev Developer commented: {asked}"]
    assert told(stranger()) == []
    assert not Notice.objects.filter(text__contains="secret").exists()


def test_a_signer_who_asked_for_changes_is_told_of_the_answer() -> None:
    request = scenarios.requested()
    given = scenarios.sign(
        request, owner(), "model_owner", SignOff.Decision.ASK_FOR_CHANGES, reason="See below"
    )
    approvals.answer_dissent(given, by=actor(developer()), reason="It is done")
    happened()
    assert told(owner(), "conversation") == [
        f"Dev Developer answered you: The promotion of {request.version} to staging"
    ]


def test_a_signer_is_told_that_a_condition_was_met() -> None:
    request = scenarios.requested()
    condition = tied(request).conditions.get()
    approvals.meet_condition(condition, by=actor(developer()), reason="Described")
    happened()
    assert told(owner(), "conversation") == [
        f"Dev Developer met a condition of yours: The promotion of {request.version} to staging"
    ]
    assert told(developer(), "task") == [], "it was met before anybody was told to"


def test_who_signs_for_somebody_is_told_so() -> None:
    today = database_now().date()
    approvals.delegate(
        validator(),
        by=actor(validator()),
        to=risk_officer(),
        role="validator",
        starts_on=today,
        ends_on=today + 7 * DAY,
        reason="Away",
    )
    happened()
    assert told(risk_officer(), "delegation") == [
        "You sign for Vera Validator as independent validator on every model"
    ]
    assert told(validator()) == []
