"""Carrying a promotion out: what moves with it, and what closes the gate at the last moment."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError

from apps.accounts import operations as accounts
from apps.approvals import gates, operations
from apps.approvals.models import PromotionRequest
from apps.approvals.readiness import GatesClosed
from apps.audit.actions import Action
from apps.audit.changes import change
from apps.catalog import champion
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from apps.catalog.models import Alias, ModelVersion
from apps.core.actors import BY_WORKER, SYSTEM
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, RuleBroken
from tests import scenarios
from tests.approvals.walk import (
    WHY,
    ask_again,
    break_the_record,
    case_of,
    change_the_policy,
    damage,
    end_duty,
    entries,
    forgettable,
    is_open,
    promote,
    refusals,
    run_again,
    sign,
)
from tests.factories import HOST, actor, person

pytestmark = pytest.mark.django_db


def stage_of(version: ModelVersion) -> Stage:
    return Stage(ModelVersion.objects.get(pk=version.pk).stage)


def ready(version: ModelVersion) -> PromotionRequest:
    """Return a request for production whose gate is open."""
    request = scenarios.requested(Stage.PRODUCTION, version=version)
    sign(request, scenarios.validator(), "validator")
    sign(request, scenarios.risk_officer(), "risk_officer")
    return request


# -- what a promotion moves


def test_a_promotion_to_staging_moves_the_version_and_closes_the_request() -> None:
    request = scenarios.signed_off()

    version = promote(request)

    assert stage_of(version) == Stage.STAGING
    assert version.authorized_at is None
    assert champion.of(version.model) is None
    request.refresh_from_db()
    assert request.state == PromotionRequest.State.PROMOTED
    assert request.closed_by == scenarios.operator()


def test_a_promotion_to_production_authorizes_the_version_and_makes_it_champion() -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)

    version = promote(request)

    version.refresh_from_db()
    request.refresh_from_db()
    assert version.stage == Stage.PRODUCTION
    assert version.authorized_at == request.closed_at
    assert champion.of(version.model) == version
    assert request.state == PromotionRequest.State.PROMOTED


def test_a_promotion_to_production_archives_the_version_it_replaces() -> None:
    before = scenarios.promoted(Stage.PRODUCTION).version
    request = scenarios.signed_off(Stage.PRODUCTION, before.model)

    version = promote(request)

    assert stage_of(before) == Stage.ARCHIVED
    assert stage_of(version) == Stage.PRODUCTION
    assert champion.of(version.model) == version
    assert PromotionRequest.objects.get(pk=request.pk).replaced == before


def test_a_promotion_is_one_event_that_names_every_row_and_the_whole_judgment() -> None:
    before = scenarios.promoted(Stage.PRODUCTION).version
    request = scenarios.signed_off(Stage.PRODUCTION, before.model)
    dossier = case_of(request).dossier.digest

    version = promote(request)

    entry = entries("version.promote")[-1]
    alias = Alias.objects.get(model=version.model, name=champion.CHAMPION)
    rows = {row["row"] for row in entry["rows"]}
    assert {request.record_ref, version.record_ref, before.record_ref, alias.record_ref} <= rows
    assert entry["reason"] is not None
    assert (
        entry["detail"]
        | {
            "origin": "staging",
            "target": "production",
            "version": version.record_id,
            "replaced": before.record_id,
            "dossier": dossier,
        }
        == entry["detail"]
    )
    assert entry["detail"]["readiness"]["is_open"] is True
    given = [slot["sign_offs"] for slot in entry["detail"]["readiness"]["slots"]]
    assert given == [[signed.record_id] for signed in request.sign_offs.order_by("pk")]


# -- what is refused


def test_promoting_needs_a_reason() -> None:
    request = scenarios.signed_off()

    with pytest.raises(RuleBroken, match="Give a reason"):
        operations.promote(request, by=actor(scenarios.operator()), reason="")

    assert refusals("version.promote") == ["rule_broken"]
    assert stage_of(request.version) == Stage.DEVELOPMENT


def test_a_promotion_waits_for_its_sign_offs_and_says_whose() -> None:
    request = scenarios.requested(Stage.PRODUCTION)

    with pytest.raises(GatesClosed) as refusal:
        promote(request)

    assert [str(closed) for closed in refusal.value.closed] == [
        "Independent validator: A sign-off is missing. An independent validator has to sign.",
        "Model risk officer: A sign-off is missing. A model risk officer has to sign.",
    ]
    assert refusals("version.promote") == ["gates_closed"]
    assert stage_of(request.version) == Stage.STAGING


def test_a_promotion_waits_for_its_checks_and_says_which() -> None:
    request = scenarios.requested(version=scenarios.registered_version())

    with pytest.raises(GatesClosed) as refusal:
        promote(request)

    assert [closed.gate for closed in refusal.value.closed] == [
        "artifact_integrity_passed",
        "artifact_scan_clean",
        "schema_matches_example",
        "sign-off",
    ]
    assert all(closed.remedy for closed in refusal.value.closed)
    assert "Run the schema check." in str(refusal.value)


def test_a_request_is_carried_out_once() -> None:
    request = scenarios.promoted()

    with pytest.raises(RuleBroken, match="closed: promoted"):
        promote(request)

    assert len(entries("version.promote")) == 1
    assert refusals("version.promote") == ["rule_broken"]


def test_a_version_that_left_its_stage_meanwhile_is_not_promoted_from_there() -> None:
    request = scenarios.signed_off()
    version = request.version
    with change(Action("version.put_away", permission=BY_WORKER), version, by=SYSTEM):
        version.enter(Stage.ARCHIVED)

    with pytest.raises(RuleBroken, match="is in Archived by now"):
        promote(request)

    assert stage_of(version) == Stage.ARCHIVED


def test_a_promotion_that_cannot_be_recorded_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = scenarios.promoted(Stage.PRODUCTION).version
    request = scenarios.signed_off(Stage.PRODUCTION, before.model)
    operator = actor(scenarios.operator())
    break_the_record(monkeypatch)

    with pytest.raises(IntegrityError):
        operations.promote(request, by=operator, reason=WHY)

    assert stage_of(before) == Stage.PRODUCTION
    assert stage_of(request.version) == Stage.STAGING
    assert champion.of(before.model) == before
    assert ModelVersion.objects.get(pk=request.version_id).authorized_at is None
    request.refresh_from_db()
    assert request.is_open


# -- what closes a gate that was open

Happening = Callable[[PromotionRequest, pytest.MonkeyPatch], object]

CLOSING: dict[str, tuple[Happening, str]] = {
    "a sign-off is taken back": (
        lambda request, _: operations.withdraw_sign_off(
            request.sign_offs.get(role="validator"), by=actor(scenarios.validator()), reason=WHY
        ),
        "Withdrawn by the signer",
    ),
    "a signer loses the role": (
        lambda *_: end_duty(scenarios.risk_officer(), "risk_officer"),
        "The signer no longer holds this role",
    ),
    "a signer's account is closed": (
        lambda *_: accounts.close_account(scenarios.validator(), by=HOST, reason=WHY),
        "The signer's account is closed",
    ),
    "a signer becomes administrator": (
        lambda *_: accounts.appoint_administrator(scenarios.validator(), by=HOST, reason=WHY),
        "Nobody who administers the platform may sign",
    ),
    "a check is asked for again": (
        lambda request, _: ask_again(request.version, "unsafe-code"),
        "The scan for unsafe code is missing, out of date",
    ),
    "a check passes again": (
        lambda request, _: run_again(request.version, "unsafe-code"),
        "was run again",
    ),
    "the stored bytes are damaged": (
        lambda request, _: damage(request.version),
        "The stored files have not been compared with their digest, or differ",
    ),
    "the owner's account is closed": (
        lambda *_: accounts.close_account(scenarios.owner(), by=HOST, reason=WHY),
        "No active owner is accountable",
    ),
    "the intended use changes": (
        lambda request, _: catalog.describe_model(
            request.version.model, by=actor(scenarios.owner()), intended_use="Decides everything."
        ),
        "The model's intended use changed",
    ),
    "the policy changes": (
        lambda _, monkeypatch: change_the_policy(monkeypatch),
        "What the policy asks here changed",
    ),
    "another version enters production": (
        lambda request, _: promote(
            ready(scenarios.checked(Stage.PRODUCTION, request.version.model))
        ),
        "Version 2 is in production by now",
    ),
}


@pytest.mark.parametrize("happening", CLOSING)
def test_a_gate_that_was_open_is_judged_again_when_the_promotion_is_carried_out(
    happening: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = ready(forgettable(Stage.PRODUCTION))
    assert gates.evaluate(request, at=database_now()).is_open
    happens, says = CLOSING[happening]
    happens(request, monkeypatch)

    with pytest.raises(GatesClosed, match=says) as refusal:
        promote(request)

    assert refusal.value.closed
    assert refusals("version.promote") == ["gates_closed"]
    assert stage_of(request.version) == Stage.STAGING
    request.refresh_from_db()
    assert request.is_open


def test_a_gate_that_closed_opens_when_everybody_signs_what_stands_now() -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    run_again(request.version, "schema")
    sign(request, scenarios.validator(), "validator")
    assert not is_open(request)
    sign(request, scenarios.risk_officer(), "risk_officer")

    promote(request)

    assert stage_of(request.version) == Stage.PRODUCTION


def test_the_gate_closes_when_the_sign_offs_lapse_and_when_the_scan_grows_old() -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)
    now = database_now()

    in_a_month = gates.evaluate(request, at=now + timedelta(days=31))
    in_two_months = gates.evaluate(request, at=now + timedelta(days=61))

    assert gates.evaluate(request, at=now + timedelta(days=29)).is_open
    assert [closed.gate for closed in in_a_month.closed] == ["artifact_scan_clean"]
    assert [closed.gate for closed in in_two_months.closed] == [
        "artifact_scan_clean",
        "sign-off",
        "sign-off",
    ]
    assert "It lapsed and must be given again." in in_two_months.closed[-1].reason


def test_a_superuser_without_a_duty_promotes_nothing_though_the_gate_is_open() -> None:
    """C6: no right is had by being a superuser, here and for every other decision."""
    request = scenarios.signed_off(Stage.PRODUCTION)

    with pytest.raises(NotAllowed, match="Only an operator"):
        operations.promote(request, by=actor(person("root", administrator=True)), reason=WHY)

    assert refusals("version.promote") == ["not_allowed"]
    assert stage_of(request.version) == Stage.STAGING
