"""Signing off, declining, and taking a sign-off back: who may, when, and what it leaves."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError

from apps.accounts import operations as accounts
from apps.accounts.confirmation import Confirmation
from apps.accounts.models import User
from apps.approvals import operations
from apps.approvals.models import PromotionRequest, SignOff, SignOffWithdrawal
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from apps.core.digests import digest_of_bytes
from apps.core.errors import NotAllowed, RuleBroken
from tests import scenarios
from tests.approvals.walk import (
    APPROVE,
    DECLINE,
    WHY,
    ask_again,
    break_the_record,
    case_of,
    end_duty,
    entries,
    is_open,
    promote,
    refusals,
    sign,
    why_void,
)
from tests.factories import HOST, actor, person, team

pytestmark = pytest.mark.django_db


def take_back(signed: SignOff, by: User, *, reason: str = WHY) -> SignOffWithdrawal:
    return operations.withdraw_sign_off(signed, by=actor(by), reason=reason)


# -- a sign-off


def test_a_sign_off_keeps_what_was_signed_and_is_recorded_as_a_signature() -> None:
    request = scenarios.requested(Stage.PRODUCTION)

    signed = sign(request, scenarios.validator(), "validator", reason=" Looked closely ")

    assert (signed.role, signed.meaning, signed.decision) == ("validator", "review", "approve")
    assert (signed.signer_name, signed.reason) == ("Vera Validator", "Looked closely")
    assert signed.dossier == case_of(request).dossier.text
    lasts = signed.expires_at - signed.signed_at
    assert timedelta(days=59, hours=22) < lasts <= timedelta(days=60)
    entry = entries("request.sign_off")[-1]
    assert entry["subject"] == {"type": "request", "id": request.record_id}
    assert [row["row"] for row in entry["rows"]] == [signed.record_ref]
    assert entry["detail"]["dossier"] == signed.dossier_digest
    assert entry["sign"]["meaning"] == "approve"
    assert entry["sign"]["method"] == "password"
    assert entry["sign"]["statement"] == digest_of_bytes(signed.statement.encode())


def test_the_statement_names_everything_it_binds() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    signed = sign(request, scenarios.validator(), "validator")

    statement = json.loads(signed.statement)

    assert (
        statement
        | {
            "meaning": "approve",
            "request": request.record_id,
            "version": request.version.record_id,
            "target": "production",
            "content": request.version.content_digest,
            "policy": case_of(request).gate.digest,
            "evidence": case_of(request).dossier.evidence_digest,
            "role": "validator",
            "signer": scenarios.validator().record_id,
            "nonce": signed.nonce,
        }
        == statement
    )


def test_the_gate_opens_with_the_last_sign_off_and_not_before() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    sign(request, scenarios.validator(), "validator")
    assert not is_open(request)

    sign(request, scenarios.risk_officer(), "risk_officer")

    assert is_open(request)


def test_signing_needs_a_reason() -> None:
    request = scenarios.requested()

    with pytest.raises(RuleBroken, match="Give a reason"):
        sign(request, scenarios.owner(), "model_owner", reason=" ")

    assert refusals("request.sign_off") == ["rule_broken"]
    assert not SignOff.objects.exists()


def test_nothing_is_approved_while_conditions_of_the_gate_are_closed() -> None:
    request = scenarios.requested(version=scenarios.registered_version())

    with pytest.raises(RuleBroken, match="Not met: Stored files match their digest;"):
        sign(request, scenarios.owner(), "model_owner")

    assert refusals("request.sign_off") == ["rule_broken"]
    assert not SignOff.objects.exists()


def test_a_sign_off_that_cannot_be_recorded_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    request = scenarios.requested()
    break_the_record(monkeypatch)

    with pytest.raises(IntegrityError):
        sign(request, scenarios.owner(), "model_owner")

    assert not SignOff.objects.exists()
    assert not is_open(request)


def test_a_decline_that_cannot_be_recorded_leaves_the_request_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = scenarios.requested()
    break_the_record(monkeypatch)

    with pytest.raises(IntegrityError):
        sign(request, scenarios.owner(), "model_owner", decision=DECLINE)

    request.refresh_from_db()
    assert request.is_open
    assert not SignOff.objects.exists()


# -- who signs


@pytest.mark.parametrize("decision", [APPROVE, DECLINE])
def test_a_role_the_policy_does_not_ask_for_signs_nothing(decision: SignOff.Decision) -> None:
    request = scenarios.requested()

    with pytest.raises(RuleBroken, match="asks for no sign-off in this role"):
        sign(request, scenarios.validator(), "validator", decision=decision)

    assert refusals("request.sign_off") == ["rule_broken"]


@pytest.mark.parametrize("decision", [APPROVE, DECLINE])
def test_a_signer_of_another_role_does_not_sign_in_this_one(decision: SignOff.Decision) -> None:
    request = scenarios.requested(Stage.PRODUCTION)

    with pytest.raises(NotAllowed, match="You do not hold the role Independent validator"):
        sign(request, scenarios.risk_officer(), "validator", decision=decision)

    assert refusals("request.sign_off") == ["not_allowed"]
    assert not SignOff.objects.filter(request=request).exists()


def test_a_slot_that_is_filled_takes_no_second_sign_off() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    sign(request, scenarios.validator(), "validator")

    with pytest.raises(NotAllowed, match="by an independent validator is given already"):
        sign(request, person("victor", everywhere=("validator",)), "validator")

    assert request.sign_offs.count() == 1


def test_who_asked_does_not_sign_though_they_hold_the_role() -> None:
    """D5, as the next two; chains of stand-ins are among the delegations."""
    version = scenarios.checked()
    request = operations.request_promotion(
        version, by=actor(scenarios.owner()), target=Stage.STAGING, reason=WHY
    )

    with pytest.raises(NotAllowed, match="Nobody who requested this promotion may sign"):
        sign(request, scenarios.owner(), "model_owner")

    assert refusals("request.sign_off") == ["not_allowed"]
    assert not SignOff.objects.exists()


@pytest.mark.parametrize("decision", [APPROVE, DECLINE])
def test_who_built_a_version_does_not_sign_it_though_they_hold_the_role(
    decision: SignOff.Decision,
) -> None:
    version = scenarios.check(scenarios.registered_version(contributors=[scenarios.owner()]))
    request = scenarios.requested(version=version)

    with pytest.raises(NotAllowed, match="Nobody who contributed to this version may sign"):
        sign(request, scenarios.owner(), "model_owner", decision=decision)

    request.refresh_from_db()
    assert request.is_open
    assert not SignOff.objects.exists()


def test_who_built_a_version_does_not_sign_it_as_a_member_of_a_team_either() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    team("Validation", scenarios.developer(), everywhere=("validator",))

    with pytest.raises(NotAllowed, match="Nobody who contributed to this version may sign"):
        sign(request, scenarios.developer(), "validator")


def test_a_member_of_a_team_signs_in_the_role_the_team_holds() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    member = person("tilda")
    team("Validation", member, everywhere=("validator",))

    assert sign(request, member, "validator").signer == member


def test_a_platform_administrator_does_not_sign_though_they_hold_the_role() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    admin = person("root", administrator=True, everywhere=("validator",))

    with pytest.raises(NotAllowed, match="Nobody who administers the platform may sign"):
        sign(request, admin, "validator")

    assert refusals("request.sign_off") == ["not_allowed"]


def test_one_person_fills_one_slot_though_they_hold_both_roles() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    both = person("bo", everywhere=("validator", "risk_officer"))
    first = scenarios.ticket(request, actor(both))
    second = scenarios.ticket(request, actor(both))
    sign(request, both, "validator", ticket=first)

    with pytest.raises(NotAllowed, match="has already signed in another role"):
        sign(request, both, "risk_officer", ticket=second)

    assert request.sign_offs.count() == 1
    assert case_of(request).readiness.distinct_given == 1


def test_two_pages_of_one_person_make_one_sign_off() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    vera = scenarios.validator()
    tickets = [scenarios.ticket(request, actor(vera)) for _ in range(2)]
    sign(request, vera, "validator", ticket=tickets[0])

    with pytest.raises(NotAllowed, match="is given already"):
        sign(request, vera, "validator", ticket=tickets[1])

    assert request.sign_offs.count() == 1
    assert refusals("request.sign_off") == ["not_allowed"]


# -- giving the password again


def test_a_password_given_five_minutes_ago_still_signs() -> None:
    request, olivia = scenarios.requested(), scenarios.owner()
    given = database_now() - timedelta(minutes=4, seconds=50)

    sign(request, olivia, "model_owner", confirmed=Confirmation(olivia.pk, "password", given))

    assert is_open(request)


def test_a_password_given_longer_ago_does_not_sign() -> None:
    request, olivia = scenarios.requested(), scenarios.owner()
    given = database_now() - timedelta(minutes=5, seconds=1)

    with pytest.raises(NotAllowed, match="Enter your password again"):
        sign(request, olivia, "model_owner", confirmed=Confirmation(olivia.pk, "password", given))

    assert refusals("request.sign_off") == ["not_allowed"]
    assert not SignOff.objects.exists()


def test_a_password_of_somebody_else_does_not_sign() -> None:
    request, olivia = scenarios.requested(), scenarios.owner()
    other = Confirmation(scenarios.developer().pk, "password", database_now())

    with pytest.raises(NotAllowed, match="Enter your password again"):
        sign(request, olivia, "model_owner", confirmed=other)

    assert not SignOff.objects.exists()


# -- declining


def test_a_decline_ends_the_request() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    sign(request, scenarios.validator(), "validator")

    declined = sign(request, scenarios.risk_officer(), "risk_officer", decision=DECLINE)

    request.refresh_from_db()
    assert request.state == PromotionRequest.State.DECLINED
    assert (request.closed_by, request.closed_at) == (scenarios.risk_officer(), declined.signed_at)
    entry = entries("request.sign_off")[-1]
    assert entry["sign"]["meaning"] == "decline"
    assert {row["row"] for row in entry["rows"]} == {request.record_ref, declined.record_ref}


def test_after_a_decline_nobody_signs_or_promotes() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    sign(request, scenarios.validator(), "validator", decision=DECLINE)

    with pytest.raises(RuleBroken, match="closed: declined"):
        sign(request, scenarios.risk_officer(), "risk_officer")
    with pytest.raises(RuleBroken, match="closed: declined"):
        promote(request)


def test_a_decline_need_not_wait_for_the_conditions_of_the_gate() -> None:
    request = scenarios.requested(version=scenarios.registered_version())

    sign(request, scenarios.owner(), "model_owner", decision=DECLINE)

    request.refresh_from_db()
    assert request.state == PromotionRequest.State.DECLINED


# -- taking a sign-off back


def test_a_sign_off_that_is_taken_back_stays_and_closes_the_gate_again() -> None:
    request = scenarios.requested()
    signed = sign(request, scenarios.owner(), "model_owner")

    withdrawal = take_back(signed, scenarios.owner())

    assert SignOff.objects.get().withdrawal == withdrawal
    assert why_void(request) == ["Withdrawn by the signer."]
    assert not is_open(request)
    [entry] = entries("sign_off.withdraw")
    assert entry["subject"] == {"type": "sign_off", "id": signed.record_id}
    assert [row["row"] for row in entry["rows"]] == [withdrawal.record_ref]
    assert entry["detail"] == {"request": request.record_id, "role": "model_owner"}


def test_who_took_a_sign_off_back_may_sign_again() -> None:
    request = scenarios.requested()
    take_back(sign(request, scenarios.owner(), "model_owner"), scenarios.owner())

    sign(request, scenarios.owner(), "model_owner")

    assert is_open(request)


def test_taking_a_sign_off_back_needs_a_reason() -> None:
    request = scenarios.requested()
    signed = sign(request, scenarios.owner(), "model_owner")

    with pytest.raises(RuleBroken, match="Give a reason"):
        take_back(signed, scenarios.owner(), reason="")

    assert refusals("sign_off.withdraw") == ["rule_broken"]
    assert is_open(request)


def test_nobody_takes_back_what_somebody_else_signed() -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    signed = sign(request, scenarios.validator(), "validator")

    with pytest.raises(NotAllowed, match="Only the signer"):
        take_back(signed, scenarios.risk_officer())

    assert refusals("sign_off.withdraw") == ["not_allowed"]
    assert not SignOffWithdrawal.objects.exists()


def test_a_sign_off_is_taken_back_once() -> None:
    signed = sign(scenarios.requested(), scenarios.owner(), "model_owner")
    take_back(signed, scenarios.owner())

    with pytest.raises(RuleBroken, match="was withdrawn already"):
        take_back(signed, scenarios.owner())

    assert SignOffWithdrawal.objects.count() == 1


def test_a_sign_off_that_took_effect_is_not_taken_back() -> None:
    signed = scenarios.promoted().sign_offs.get()

    with pytest.raises(RuleBroken, match="closed: promoted"):
        take_back(signed, scenarios.owner())

    assert refusals("sign_off.withdraw") == ["rule_broken"]


def test_a_withdrawal_that_cannot_be_recorded_leaves_the_sign_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = scenarios.requested()
    signed = sign(request, scenarios.owner(), "model_owner")
    break_the_record(monkeypatch)

    with pytest.raises(IntegrityError):
        take_back(signed, scenarios.owner())

    assert is_open(request)


# -- what no longer counts


def test_a_sign_off_lapses_after_the_days_the_policy_gives() -> None:
    request = scenarios.signed_off()
    [signed] = request.sign_offs.all()
    moment = timedelta(microseconds=1)

    assert why_void(request, signed.expires_at - moment) == []
    assert why_void(request, signed.expires_at) == ["It lapsed and must be given again."]
    [slot] = case_of(request, signed.expires_at).readiness.slots
    assert slot.missing == 1


def test_a_sign_off_does_not_count_once_the_signer_lost_the_role() -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    end_duty(scenarios.validator(), "validator")

    assert why_void(request) == ["The signer no longer holds this role."]
    assert not is_open(request)


def test_a_sign_off_does_not_count_once_the_account_is_closed() -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    accounts.close_account(scenarios.risk_officer(), by=HOST, reason=WHY)

    assert why_void(request) == ["The signer's account is closed."]
    assert not is_open(request)


def test_a_sign_off_counts_for_a_signer_who_holds_the_role_through_a_team_meanwhile() -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    team("Validation", scenarios.validator(), everywhere=("validator",))
    end_duty(scenarios.validator(), "validator")

    assert why_void(request) == []
    assert is_open(request)


def test_a_void_sign_off_is_given_again_by_anybody_who_holds_the_role() -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    end_duty(scenarios.validator(), "validator")

    sign(request, person("victor", everywhere=("validator",)), "validator")

    assert is_open(request)


def test_an_administrator_made_after_signing_voids_their_sign_off() -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    accounts.appoint_administrator(scenarios.validator(), by=HOST, reason=WHY)

    [why] = why_void(request)
    assert why.startswith("Nobody who administers the platform may sign")


def test_a_sign_off_says_which_evidence_changed_since() -> None:
    request = scenarios.signed_off()
    ask_again(request.version, "schema")

    [why] = why_void(request)
    assert why.endswith("was passed and is now queued.")
