"""Reviews, attestations and campaigns in tests, by the real operations."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pytest

from apps.accounts.confirmation import Confirmation
from apps.accounts.models import User
from apps.accounts.signing.terms import TermsTicket
from apps.approvals import in_force, policies
from apps.audit import changes
from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.risk.attested import snapshot_of, terms_of
from apps.risk.campaigns import runner
from apps.risk.models import Campaign, OwnerAttestation, Review
from apps.risk.operations import attestations, campaigns, reviews
from apps.risk.operations.findings import Said
from apps.risk.operations.reviews import Reviewed
from tests import scenarios
from tests.approvals.exceptions import in_days
from tests.factories import actor

WHY = "A reason long enough to be kept"
WRONG = Said("Thresholds are stale", "They were set two years ago", "medium")


def schedule_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the default policy be in force from now on, whose tiers say after how many months."""
    policy = policies.shipped("default")
    monkeypatch.setattr(in_force, "policy", lambda: policy)


def moment() -> datetime:
    """Return when a change would happen that began now."""
    at: datetime = vars(changes)["database_now"]()
    return at


def confirmed(by: Actor) -> Confirmation:
    """Give the password and a code at the moment changes happen."""
    return Confirmation(by.user_id or 0, "password+code", moment(), factors=2)


def attest_ticket(model: RegisteredModel, by: Actor) -> TermsTicket:
    """Open the page of a model, as its record stands now, to attest what it shows."""
    return TermsTicket.issue(terms_of(model, snapshot_of(model, moment())), to=by)


def attest(
    model: RegisteredModel, by: Actor | User | None = None, **other: Any
) -> OwnerAttestation:
    """Attest the record of a model, as its owner unless somebody else does."""
    who = by if isinstance(by, Actor) else actor(by or model.owner)
    given: dict[str, Any] = {"confirmed": confirmed(who)} | other
    given.setdefault("ticket", attest_ticket(model, who))
    return attestations.attest(model, by=who, **given)


def review(
    model: RegisteredModel,
    by: User | None = None,
    kind: Review.Kind = Review.Kind.PERIODIC,
    conclusion: str = "continue",
    findings: Iterable[Said] = (),
) -> Review:
    """Carry out a review, as the validator unless somebody else does."""
    return reviews.carry_out_review(
        model,
        Reviewed(kind, conclusion, tuple(findings)),
        by=actor(by or scenarios.validator()),
        reason=WHY,
    )


def planned(model: RegisteredModel, due: date | None = None, **other: Any) -> Review:
    given: dict[str, Any] = {"kind": "periodic", "reason": WHY, **other}
    by = given.pop("by", None) or actor(scenarios.validator())
    return reviews.plan_review(model, due=due or in_days(10), by=by, **given)


def begun(*tiers: int, by: Actor | None = None, **other: Any) -> Campaign:
    """Begin a campaign over models without a tier, unless some are named; nobody was asked yet."""
    told: dict[str, Any] = {"title": "Autumn", "tiers": tiers or (0,), "due": in_days(20), **other}
    who = by or actor(scenarios.risk_officer())
    return campaigns.begin_campaign(campaigns.Planned(**told), by=who, reason=WHY)


def running(*tiers: int, **other: Any) -> Campaign:
    """Return a campaign of which every owner was asked."""
    campaign = begun(*tiers, **other)
    runner.carry_out(campaign.pk)
    campaign.refresh_from_db()
    return campaign
