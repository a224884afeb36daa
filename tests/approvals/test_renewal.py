"""Renewing the authorization of a version in production: a gate of its own, nothing moves."""

import pytest
from django.db import IntegrityError

from apps.accounts.models import User
from apps.approvals import authorizing, operations
from apps.approvals.models import RENEWAL, Authorization, PromotionRequest
from apps.approvals.readiness import GatesClosed
from apps.catalog import champion
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion
from apps.core.errors import NotAllowed, RuleBroken
from tests import scenarios
from tests.approvals.exceptions import move_clock
from tests.approvals.walk import (
    WHY,
    ask_again,
    break_the_record,
    entries,
    overwrite,
    promote,
    refusals,
)
from tests.factories import actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(db: None) -> ModelVersion:
    """A version in production."""
    found: ModelVersion = scenarios.promoted(Stage.PRODUCTION).version
    found.refresh_from_db()
    return found


def asked(version: ModelVersion, *, is_signed: bool = True) -> PromotionRequest:
    request = scenarios.requested(Stage.PRODUCTION, version=version)
    if is_signed:
        scenarios.sign(request, scenarios.risk_officer(), "risk_officer")
    return request


def renew(request: PromotionRequest, *, by: User | None = None, reason: str = WHY) -> ModelVersion:
    return operations.renew(request, by=actor(by or scenarios.operator()), reason=reason)


def standing(version: ModelVersion) -> Authorization:
    found = authorizing.of(version)
    assert found is not None
    return found


def test_a_renewal_authorizes_anew_and_leaves_the_version_where_it_is(
    version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, request = standing(version), asked(version)
    assert request.transition == RENEWAL
    later = move_clock(monkeypatch, 20)

    renewed = renew(request)

    now = standing(version)
    first.refresh_from_db()
    assert (first.state, first.why) == (Authorization.State.ENDED, "Renewed.")
    assert (now.request, now.granted_at) == (request, later)
    assert first.valid_until is not None
    assert now.valid_until is not None
    assert now.valid_until > first.valid_until
    assert renewed.stage == Stage.PRODUCTION
    assert renewed.authorized_at == version.authorized_at
    assert champion.of(version.model) == version
    request.refresh_from_db()
    assert (request.state, request.closed_by) == (
        PromotionRequest.State.PROMOTED,
        scenarios.operator(),
    )


def test_a_renewal_is_one_event_that_names_the_judgment(version: ModelVersion) -> None:
    request = asked(version)

    renew(request)

    [entry] = entries("version.renew")
    assert entry["subject"] == {"type": "request", "id": request.record_id}
    assert entry["actor"]["id"] == scenarios.operator().record_id
    assert (entry["detail"]["origin"], entry["detail"]["target"]) == ("production", "production")
    assert entry["detail"]["version"] == version.record_id
    assert entry["detail"]["readiness"]["transition"] == RENEWAL
    assert entry["detail"]["readiness"]["is_open"] is True
    assert standing(version).record_ref in {row["row"] for row in entry["rows"]}


def test_a_renewal_waits_for_its_sign_off_and_its_checks(version: ModelVersion) -> None:
    unsigned = asked(version, is_signed=False)
    with pytest.raises(GatesClosed, match="A sign-off is missing"):
        renew(unsigned)
    scenarios.sign(unsigned, scenarios.risk_officer(), "risk_officer")
    ask_again(version, "unsafe-code")

    with pytest.raises(GatesClosed) as refusal:
        renew(unsigned)

    assert "artifact_scan_clean" in {closed.gate for closed in refusal.value.closed}
    assert refusals("version.renew") == ["gates_closed"] * 2
    assert standing(version).request != unsigned


def test_a_renewal_is_refused_without_a_reason_twice_or_by_the_wrong_name(
    version: ModelVersion,
) -> None:
    request = asked(version)
    with pytest.raises(RuleBroken, match="Give a reason"):
        renew(request, reason=" ")
    with pytest.raises(RuleBroken, match="asks for something else"):
        promote(request)
    with pytest.raises(NotAllowed, match="Only an operator of this model carries renewals out"):
        renew(request, by=scenarios.owner())
    renew(request)

    with pytest.raises(RuleBroken, match="closed: promoted"):
        renew(request)

    assert refusals("version.renew") == ["rule_broken", "not_allowed", "rule_broken"]
    assert version.authorizations.count() == 2


def test_what_is_no_renewal_is_not_carried_out_as_one() -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)

    with pytest.raises(RuleBroken, match="asks for something else"):
        renew(request)

    assert authorizing.of(request.version) is None


def test_a_version_that_left_production_meanwhile_is_not_renewed(version: ModelVersion) -> None:
    request = asked(version)
    overwrite(version, stage=Stage.ARCHIVED)

    with pytest.raises(RuleBroken, match="is in Archived by now"):
        renew(request)


def test_a_renewal_that_cannot_be_recorded_leaves_what_stood(
    version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, request = standing(version), asked(version)
    break_the_record(monkeypatch)

    with pytest.raises(IntegrityError):
        renew(request)

    assert standing(version) == first
    request.refresh_from_db()
    assert request.is_open
