"""What is done on the page of a request in tests: read sheet by sheet, filled in, sent."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.confirmation import Confirmation
from apps.accounts.models import User
from apps.approvals import in_force, operations
from apps.approvals.models import Comment, Delegation, PromotionRequest, SignOff
from apps.approvals.operations import Asked
from apps.approvals.policies import Policy
from apps.core.clock import database_now
from tests import scenarios
from tests.approvals.exceptions import in_days, today
from tests.approvals.policy_texts import Change, Document, changed, use
from tests.console.conftest import Answer
from tests.factories import actor
from tests.remembered import remembered

ASK, WITH = SignOff.Decision.ASK_FOR_CHANGES, SignOff.Decision.APPROVE_WITH_CONDITIONS


def enforced(monkeypatch: pytest.MonkeyPatch, change: Change) -> Policy:
    """Let the starter policy be in force with a change made to it."""
    policy = changed(change)
    monkeypatch.setattr(in_force, "policy", lambda: policy)
    return policy


def warns_of_the_use(document: Document) -> None:
    """Let the gate to staging only warn when the intended use is not said."""
    asked = use(document, "intended_use_defined", "development_to_staging")
    asked["tiers"] = dict.fromkeys(asked["tiers"], "warn")


@remembered
def warned() -> PromotionRequest:
    """Return a request to staging whose gate would warn that no use is said."""
    model = scenarios.registered_model(intended_use="")
    return scenarios.requested(version=scenarios.check(scenarios.registered_version(model)))


def asks_for_changes(
    request: PromotionRequest, signer: User, role: str, reason: str = "Show the slices"
) -> SignOff:
    return scenarios.sign(request, signer, role, ASK, reason=reason)


def signed_with_conditions(
    request: PromotionRequest, signer: User, role: str, *asked: Asked
) -> SignOff:
    """Approve on conditions, those given or one the developer meets in ten days."""
    by = actor(signer)
    one = Asked("Watch the age band", scenarios.developer(), in_days(10))
    return operations.sign_off(
        request,
        by=by,
        role=role,
        decision=WITH,
        reason="Good enough for now",
        ticket=scenarios.ticket(request, by),
        confirmed=Confirmation(signer.pk, "password", database_now()),
        conditions=asked or (one,),
    )


def delegated(
    delegator: User,
    to: User,
    role: str,
    *,
    starts_on: date | None = None,
    ends_on: date | None = None,
    **other: Any,
) -> Delegation:
    return operations.delegate(
        delegator,
        by=actor(delegator),
        to=to,
        role=role,
        starts_on=starts_on or today(),
        ends_on=ends_on or in_days(7),
        reason="On leave",
        **other,
    )


def said(request: PromotionRequest, by: User, text: str, **about: Any) -> Comment:
    return operations.comment(request, by=actor(by), text=text, **about)


def carried_out(client: Client, request: PromotionRequest) -> Answer:
    """Carry a request out on its page, as whoever is signed in."""
    path = reverse("approvals:promote", args=[request.pk])
    return Answer(client.post(path, {"promote-reason": "In the change window"}, follow=True))
