"""Tiers and obligations in tests, by the real operations."""

from datetime import date, timedelta
from typing import Any

from apps.accounts.confirmation import Confirmation
from apps.accounts.models import User
from apps.accounts.signing.terms import TermsTicket
from apps.audit import changes
from apps.catalog.models import RegisteredModel
from apps.core.clock import database_now
from apps.risk.models import Obligation, TierOverride, TierOverrideSignOff
from apps.risk.operations import tier_overrides
from apps.risk.overriding import Offer
from tests import scenarios
from tests.factories import actor
from tests.risk import assessed

APPROVE, DECLINE = TierOverrideSignOff.Decision.APPROVE, TierOverrideSignOff.Decision.DECLINE
WHY = "It is used in one branch only"


def in_days(days: int) -> date:
    return database_now().date() + timedelta(days=days)


def officer() -> User:
    """Return a second model risk officer, who signs what the first asks for."""
    return scenarios.account("rupert", "Rupert Risk", "risk_officer")


def committee() -> User:
    return scenarios.account("greta", "Greta Committee", "governance_committee")


def tiered(example: str = assessed.LIGHT) -> RegisteredModel:
    """Return a model with an approved tiering."""
    return assessed.approved(example_id=example).model


def asked(
    model: RegisteredModel, tier: int, *, by: User | None = None, **other: Any
) -> TierOverride:
    given: dict[str, Any] = {"ends_on": in_days(90), "reason": WHY} | other
    return tier_overrides.override_tier(
        model, by=actor(by or scenarios.risk_officer()), tier=tier, **given
    )


def sign(
    override: TierOverride,
    signer: User,
    role: str,
    decision: TierOverrideSignOff.Decision = APPROVE,
) -> TierOverrideSignOff:
    """Sign another tier as its page shows it."""
    by, at = actor(signer), vars(changes)["database_now"]()
    return tier_overrides.sign_tier_override(
        override,
        by=by,
        role=role,
        decision=decision,
        ticket=TermsTicket.issue(Offer.of(override, at).terms, to=by),
        confirmed=Confirmation(by.user_id or 0, "password", at),
        reason="Looked at it",
    )


def granted(model: RegisteredModel, tier: int) -> TierOverride:
    override = asked(model, tier)
    sign(override, officer(), "risk_officer")
    sign(override, committee(), "governance_committee")
    override.refresh_from_db()
    return override


def obligation(model: RegisteredModel, kind: str) -> Obligation:
    """Return the first open obligation of a kind."""
    found = model.obligations.filter(kind=kind, state=Obligation.State.OPEN).order_by("pk").first()
    assert found is not None
    return found
