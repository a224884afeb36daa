"""What the clock decides: conditions missed, authorizations over, requests nobody goes on with."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings

from apps.accounts.models import User
from apps.approvals import authorizing, cases, operations, tasks
from apps.approvals.facts import context
from apps.approvals.models import (
    TO_STAGING,
    Authorization,
    Emergency,
    PromotionRequest,
    SignOff,
    SignOffCondition,
)
from apps.approvals.operations import clockwork
from apps.approvals.operations.requests import close_as
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.core.sweeping import NotDue
from tests import scenarios
from tests.approvals.exceptions import (
    enforce,
    enforce_emergency,
    entries,
    move_clock,
    refusals,
    roll_back_at_once,
)
from tests.approvals.walk import break_the_record, overwrite
from tests.factories import actor

pytestmark = pytest.mark.django_db

WHY = "A reason"
VALID, ENDED = Authorization.State.VALID, Authorization.State.ENDED
REVOKED, SUSPENDED = Authorization.State.REVOKED, Authorization.State.SUSPENDED
OPEN, LAPSED = PromotionRequest.State.OPEN, PromotionRequest.State.LAPSED


def tied(
    request: PromotionRequest, signer: User, role: str, days: int = 10, text: str = "Document it"
) -> SignOffCondition:
    """Approve a request on a condition that the developer has to meet."""
    by = actor(signer)
    signed = operations.sign_off(
        request,
        by=by,
        role=role,
        decision=SignOff.Decision.APPROVE_WITH_CONDITIONS,
        reason=WHY,
        ticket=scenarios.ticket(request, by),
        confirmed=scenarios.confirmation(by),
        conditions=[
            operations.Asked(
                text, scenarios.developer(), database_now().date() + timedelta(days=days)
            )
        ],
    )
    condition: SignOffCondition = signed.conditions.get()
    return condition


def promoted_on_a_condition() -> SignOffCondition:
    """Return the condition of a sign-off by which a version came to production."""
    request = scenarios.requested(Stage.PRODUCTION)
    scenarios.sign(request, scenarios.validator(), "validator")
    condition = tied(request, scenarios.risk_officer(), "risk_officer")
    operations.promote(request, by=actor(scenarios.operator()), reason=WHY)
    return condition


def version_of(condition: SignOffCondition) -> ModelVersion:
    version: ModelVersion = ModelVersion.objects.get(pk=condition.sign_off.request.version_id)
    return version


def newest(version: ModelVersion) -> Authorization:
    found = version.authorizations.order_by("-pk").first()
    assert found is not None
    return found


def production(version: ModelVersion, at: datetime | None = None) -> dict[str, object]:
    """Return what policies read about a version's place in production."""
    version = ModelVersion.objects.get(pk=version.pk)
    at = at or database_now()
    found = context.Evidence.about([version]).of(version, at=at)["production"]
    assert isinstance(found, dict)
    return found


# -- conditions of sign-offs


def test_a_condition_missed_revokes_what_was_authorized_by_it_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    condition = promoted_on_a_condition()
    version = version_of(condition)
    assert operations.miss_conditions(move_clock(monkeypatch, 10)) == 0

    late = move_clock(monkeypatch, 11)
    assert [operations.miss_conditions(late) for _ in range(2)] == [1, 0]

    condition.refresh_from_db()
    assert condition.missed_at == late
    granted = newest(version)
    assert granted.state == REVOKED
    assert granted.why.startswith("A condition of the sign-off by Rita Risk was not met by ")
    assert granted.why.endswith(": Document it")
    assert version_of(condition).stage == Stage.PRODUCTION
    [entry] = entries("condition.miss")
    assert entry["detail"]["revoked"] == granted.record_id
    assert entry["actor"]["id"] == "system"
    assert production(version)["target_authorization_valid"] is False
    assert production(version)["target_withdrawn_for_cause"] is False


def test_a_version_whose_authorization_was_revoked_was_withdrawn_for_cause_once_it_is_archived(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = version_of(promoted_on_a_condition())
    operations.miss_conditions(move_clock(monkeypatch, 11))
    monkeypatch.undo()

    scenarios.promoted(Stage.PRODUCTION, version.model)

    assert version_of_pk(version).stage == Stage.ARCHIVED
    assert newest(version).state == REVOKED
    assert production(version)["target_withdrawn_for_cause"] is True


def version_of_pk(version: ModelVersion) -> ModelVersion:
    found: ModelVersion = ModelVersion.objects.get(pk=version.pk)
    return found


def test_a_condition_missed_while_the_request_is_open_voids_the_sign_off_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = scenarios.requested()
    condition = tied(request, scenarios.owner(), "model_owner")

    late = move_clock(monkeypatch, 11)
    assert operations.miss_conditions(late) == 1

    condition.refresh_from_db()
    request.refresh_from_db()
    assert (condition.missed_at, request.state) == (late, OPEN)
    [case] = cases.complete([request], at=late)
    assert next(iter(case.why_void.values())).startswith("Its condition was not met by ")
    assert "revoked" not in entries("condition.miss")[0]["detail"]


def met(condition: SignOffCondition) -> None:
    operations.meet_condition(condition, by=actor(scenarios.developer()), reason="Done")


def withdrawn(condition: SignOffCondition) -> None:
    signed = condition.sign_off
    operations.withdraw_sign_off(signed, by=actor(signed.signer), reason=WHY)


def request_withdrawn(condition: SignOffCondition) -> None:
    operations.withdraw_request(
        condition.sign_off.request, by=actor(scenarios.developer()), reason=WHY
    )


@pytest.mark.parametrize("settle", [met, withdrawn, request_withdrawn])
def test_what_was_settled_before_its_day_was_over_is_not_missed(
    settle: Callable[[SignOffCondition], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    condition = tied(scenarios.requested(), scenarios.owner(), "model_owner")
    settle(condition)

    assert operations.miss_conditions(move_clock(monkeypatch, 11)) == 0
    condition.refresh_from_db()
    assert condition.missed_at is None


def test_terms_that_the_signer_replaced_before_the_promotion_revoke_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    tied(request, scenarios.risk_officer(), "risk_officer", days=5)
    version = request.version
    catalog.describe_model(version.model, by=actor(scenarios.owner()), intended_use="Another")
    scenarios.sign(request, scenarios.risk_officer(), "risk_officer")
    scenarios.sign(request, scenarios.validator(), "validator")
    operations.promote(request, by=actor(scenarios.operator()), reason=WHY)

    assert operations.miss_conditions(move_clock(monkeypatch, 6)) == 1

    assert newest(version).state == VALID


def test_terms_of_a_sign_off_that_was_void_at_the_promotion_revoke_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    void = tied(request, scenarios.risk_officer(), "risk_officer", days=5)
    version = request.version
    catalog.describe_model(version.model, by=actor(scenarios.owner()), intended_use="Another")
    other = scenarios.account("olga", "Olga Officer", "risk_officer")
    counted = tied(request, other, "risk_officer", days=20)
    scenarios.sign(request, scenarios.validator(), "validator")
    operations.promote(request, by=actor(scenarios.operator()), reason=WHY)
    validated = request.sign_offs.get(role="validator")
    assert newest(version).sign_off_ids == [validated.record_id, counted.sign_off.record_id]

    assert operations.miss_conditions(move_clock(monkeypatch, 6)) == 1

    void.refresh_from_db()
    assert void.missed_at is not None
    assert newest(version).state == VALID
    assert operations.miss_conditions(move_clock(monkeypatch, 21)) == 1
    assert newest(version).state == REVOKED


def test_a_renewal_outlives_the_terms_of_what_it_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    condition = promoted_on_a_condition()
    version = version_of(condition)
    request = scenarios.requested(Stage.PRODUCTION, version=version)
    scenarios.sign(request, scenarios.risk_officer(), "risk_officer")
    operations.renew(request, by=actor(scenarios.operator()), reason=WHY)

    assert operations.miss_conditions(move_clock(monkeypatch, 11)) == 1

    assert newest(version).state == VALID


# -- authorizations


def test_an_authorization_ends_with_its_time_and_the_version_goes_on_running(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = scenarios.promoted(Stage.PRODUCTION).version
    assert operations.end_authorizations(move_clock(monkeypatch, 364.9)) == 0

    late = move_clock(monkeypatch, 365.1)
    assert [operations.end_authorizations(late) for _ in range(2)] == [1, 0]

    granted = newest(version)
    assert (granted.state, granted.why) == (ENDED, "Its time was over.")
    assert version_of_pk(version).stage == Stage.PRODUCTION
    assert len(entries("authorization.end")) == 1
    assert production(version)["target_authorization_valid"] is True  # as of today
    assert production(version, late)["target_authorization_valid"] is False


def test_what_was_renewed_does_not_end_with_the_earlier_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = scenarios.promoted(Stage.PRODUCTION).version
    granted = newest(version)
    overwrite(granted, valid_until=granted.granted_at + timedelta(seconds=1))
    late = move_clock(monkeypatch, 1)
    overwrite(granted, state=ENDED)
    assert operations.end_authorizations(late) == 0
    with pytest.raises(NotDue):
        clockwork.end_authorization(granted)
    assert refusals("authorization.end") == ["not_due"]


def test_an_emergency_that_waits_for_confirmation_lapses_and_does_not_just_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enforce_emergency(monkeypatch)
    emergency = roll_back_at_once()
    late = move_clock(monkeypatch, 3)

    assert operations.end_authorizations(late) == 0
    with pytest.raises(NotDue):
        clockwork.end_authorization(Authorization.objects.get(pk=emergency.authorization_id))
    assert operations.lapse_emergencies(late) == 1
    assert operations.end_authorizations(late) == 0

    emergency.refresh_from_db()
    assert emergency.state == Emergency.State.LAPSED
    assert newest(emergency.authorization.version).state == SUSPENDED


def test_what_production_went_away_from_is_authorized_until_its_time_is_over() -> None:
    first = scenarios.promoted(Stage.PRODUCTION).version
    scenarios.promoted(Stage.PRODUCTION, first.model)

    assert newest(first).state == ENDED
    assert production(first)["target_authorization_valid"] is True
    later = database_now() + timedelta(days=366)
    assert production(first, later)["target_authorization_valid"] is False


def test_what_was_suspended_stays_so_when_another_version_takes_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enforce_emergency(monkeypatch)
    emergency = roll_back_at_once()
    operations.lapse_emergencies(move_clock(monkeypatch, 3))
    operations.review_emergency(emergency, by=actor(scenarios.validator()), reason=WHY)
    monkeypatch.undo()
    version = emergency.authorization.version

    scenarios.promoted(Stage.PRODUCTION, version.model)

    assert newest(version).state == ENDED
    assert production(version)["target_authorization_valid"] is False


def test_a_version_promoted_before_there_were_authorizations_is_authorized_without_end() -> None:
    version = scenarios.promoted(Stage.PRODUCTION).version
    Authorization.objects.all()._raw_delete(Authorization.objects.db)

    later = database_now() + timedelta(days=5000)
    assert production(version, later)["target_authorization_valid"] is True
    assert production(version, later)["target_withdrawn_for_cause"] is False


# -- requests


def test_a_request_nobody_goes_on_with_lapses_and_names_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    quiet, spoken = scenarios.requested(), scenarios.requested()
    move_clock(monkeypatch, 30)
    operations.comment(spoken, by=actor(scenarios.owner()), text="Soon")
    assert operations.lapse_requests(move_clock(monkeypatch, 59.9)) == 0

    late = move_clock(monkeypatch, 60.1)
    assert [operations.lapse_requests(late) for _ in range(2)] == [1, 0]

    quiet.refresh_from_db()
    spoken.refresh_from_db()
    assert (quiet.state, quiet.closed_by, quiet.closed_at) == (LAPSED, None, late)
    assert spoken.state == OPEN
    [entry] = entries("request.lapse")
    assert entry["detail"]["transition"] == TO_STAGING
    assert operations.lapse_requests(move_clock(monkeypatch, 90.1)) == 1
    with pytest.raises(NotDue):
        clockwork.lapse_request(quiet)


def signed(request: PromotionRequest) -> None:
    operations.sign_off(
        request,
        by=(by := actor(scenarios.owner())),
        role="model_owner",
        decision=SignOff.Decision.ASK_FOR_CHANGES,
        reason=WHY,
        ticket=scenarios.ticket(request, by),
        confirmed=scenarios.confirmation(by),
    )


def noted(request: PromotionRequest) -> None:
    operations.note_warnings(request, by=actor(scenarios.developer()), reason=WHY)


def commented(request: PromotionRequest) -> None:
    operations.comment(request, by=actor(scenarios.developer()), text=WHY)


@pytest.mark.parametrize("touch", [noted, commented])
def test_whatever_somebody_does_about_a_request_keeps_it_open(
    touch: Callable[[PromotionRequest], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = scenarios.requested()
    move_clock(monkeypatch, 40)
    touch(request)

    assert operations.lapse_requests(move_clock(monkeypatch, 99)) == 0
    assert operations.lapse_requests(move_clock(monkeypatch, 101)) == 1


def test_a_dissent_and_its_answer_keep_a_request_open(monkeypatch: pytest.MonkeyPatch) -> None:
    request = scenarios.requested()
    signed(request)
    move_clock(monkeypatch, 50)
    operations.answer_dissent(
        SignOff.objects.get(), by=actor(scenarios.developer()), reason="Done so"
    )

    assert operations.lapse_requests(move_clock(monkeypatch, 109)) == 0
    assert operations.lapse_requests(move_clock(monkeypatch, 111)) == 1


def test_an_answer_during_the_sweep_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    request = scenarios.requested()
    move_clock(monkeypatch, 61)
    noted(request)

    with pytest.raises(NotDue):
        clockwork.lapse_request(request)

    assert refusals("request.lapse") == ["not_due"]


def test_requests_are_looked_through_in_a_number_of_queries_that_does_not_grow(
    monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for _ in range(3):
        noted(scenarios.requested())
    monkeypatch.setattr(clockwork, "_lapsed", lambda *_: [])  # which reads evidence, as gates do
    later = database_now() + timedelta(days=70)
    with django_assert_max_num_queries(3):  # type: ignore[attr-defined]
        operations.lapse_requests(later)


# -- all of it


def test_a_policy_without_such_times_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    enforce(monkeypatch, ("authorization_valid_days: 365, ", ""))
    version = scenarios.promoted(Stage.PRODUCTION).version
    assert authorizing.of(version) == newest(version)
    assert newest(version).valid_until is None
    assert operations.end_authorizations(move_clock(monkeypatch, 10_000)) == 0


def test_a_change_that_cannot_be_recorded_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    condition = promoted_on_a_condition()
    late = move_clock(monkeypatch, 400)
    break_the_record(monkeypatch)
    for act in (operations.miss_conditions, operations.end_authorizations):
        with pytest.raises(Exception, match="read-only"):
            act(late)
    condition.refresh_from_db()
    assert condition.missed_at is None
    assert newest(version_of(condition)).state == VALID


class Killed(BaseException):
    """The worker is gone, as with SIGKILL."""


def test_a_worker_killed_in_between_leaves_the_rest_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(3):
        scenarios.requested()
    late, closed = move_clock(monkeypatch, 61), close_as
    calls: list[int] = []

    def close_but_one(request: PromotionRequest, *args: Any, **kwargs: Any) -> None:
        calls.append(request.pk)
        closed(request, *args, **kwargs)
        if len(calls) == 2:
            raise Killed

    monkeypatch.setattr(clockwork, "close_as", close_but_one)
    with pytest.raises(Killed):
        operations.lapse_requests(late)

    assert PromotionRequest.objects.filter(state=LAPSED).count() == 1
    assert operations.lapse_requests(late) == 2
    assert len(entries("request.lapse")) == 3


def test_beat_rings_for_everything_that_happens_by_itself() -> None:
    scheduled = {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {task.name for task in vars(tasks).values() if hasattr(task, "delay")} <= scheduled


def test_each_task_may_come_twice_with_nothing_to_do() -> None:
    scenarios.promoted(Stage.PRODUCTION)
    for _ in range(2):
        for task in vars(tasks).values():
            if hasattr(task, "delay"):
                task()
    for action in ("request.carry_out", "version.break_rule", "condition.miss", "request.lapse"):
        assert entries(action) == []
