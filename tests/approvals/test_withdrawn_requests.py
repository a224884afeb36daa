"""A request that was taken back counts for nothing, and one that cannot be recorded is not made."""

import pytest
from django.db import IntegrityError

from apps.approvals import operations
from apps.approvals.models import PromotionRequest, SignOff
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor, Door, FixedAuthority, Kind
from apps.core.errors import NotAllowed, RuleBroken
from tests import scenarios
from tests.approvals.exceptions import asked_rollback
from tests.approvals.walk import (
    WHY,
    break_the_record,
    case_of,
    entries,
    is_open,
    promote,
    refusals,
    sign,
)
from tests.console.conftest import Reads
from tests.factories import actor

pytestmark = pytest.mark.django_db


def withdraw(request: PromotionRequest) -> None:
    operations.withdraw_request(request, by=actor(scenarios.developer()), reason=WHY)


def test_a_request_that_was_taken_back_is_neither_signed_nor_carried_out() -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    withdraw(request)

    with pytest.raises(RuleBroken, match="closed: withdrawn"):
        promote(request)
    with pytest.raises(RuleBroken, match="closed: withdrawn"):
        sign(request, scenarios.validator(), "validator")

    assert ModelVersion.objects.get(pk=request.version_id).stage == Stage.STAGING


def test_a_request_is_taken_back_once() -> None:
    request = scenarios.requested()
    withdraw(request)

    with pytest.raises(RuleBroken, match="closed: withdrawn"):
        withdraw(request)

    assert len(entries("request.withdraw")) == 1
    assert refusals("request.withdraw") == ["rule_broken"]


def test_sign_offs_of_a_request_that_was_taken_back_count_for_no_other() -> None:
    first = scenarios.signed_off()
    withdraw(first)

    second = scenarios.requested(version=first.version)

    assert SignOff.objects.filter(request=first).count() == 1
    assert case_of(second).sign_offs == ()
    assert not is_open(second)


def test_an_operator_takes_back_the_request_to_go_back_and_nobody_else_does(opens: Reads) -> None:
    request = asked_rollback()
    page = request.get_absolute_url()
    assert "Withdraw this request" in opens(scenarios.operator(), page).words
    assert "Withdraw this request" not in opens(scenarios.developer(), page).words
    with pytest.raises(NotAllowed, match="Only an operator of this model takes back"):
        withdraw(request)

    sent = opens(scenarios.operator(), f"{page}withdraw/", {"withdraw-reason": "It recovered"})

    assert sent.status == 302
    request.refresh_from_db()
    assert request.state == PromotionRequest.State.WITHDRAWN
    assert request.closed_by == scenarios.operator()
    [entry] = entries("request.withdraw_rollback")
    assert entry["actor"]["id"] == scenarios.operator().record_id
    assert refusals("request.withdraw_rollback") == ["not_allowed"]
    assert asked_rollback(request.version.model).is_open


def test_an_operator_takes_back_no_request_of_others() -> None:
    request = scenarios.requested()

    with pytest.raises(NotAllowed, match="Only the model's developers and owner"):
        operations.withdraw_request(request, by=actor(scenarios.operator()), reason=WHY)


def test_a_request_does_not_wait_for_checks() -> None:
    request = scenarios.requested(version=scenarios.registered_version())

    assert request.is_open
    assert not case_of(request).readiness.may_ask_for_sign_offs


def test_only_somebody_with_an_account_asks() -> None:
    program = Actor(
        "program",
        Kind.SYSTEM,
        Door.COMMAND,
        authority=FixedAuthority({"catalog.request_promotion"}),
    )

    with pytest.raises(NotAllowed, match="Only a person or a service account"):
        operations.request_promotion(
            scenarios.checked(), by=program, target=Stage.STAGING, reason=WHY
        )

    assert refusals("version.request_promotion") == ["not_allowed"]


def test_a_request_that_cannot_be_recorded_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    version = scenarios.checked()
    break_the_record(monkeypatch)

    with pytest.raises(IntegrityError):
        scenarios.requested(version=version)

    assert not PromotionRequest.objects.exists()


def test_a_withdrawal_that_cannot_be_recorded_leaves_the_request_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = scenarios.requested()
    break_the_record(monkeypatch)

    with pytest.raises(IntegrityError):
        withdraw(request)

    request.refresh_from_db()
    assert request.is_open
