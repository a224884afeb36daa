"""Exceptions at the moment they are decided twice: one comes first, and the other is refused.

THREATS hazards 1 and 5. Each thread has a connection of its own, on SQLite and on PostgreSQL.
"""

import logging
import random
from collections import Counter
from datetime import datetime, timedelta
from functools import partial

import pytest

from apps.accounts.signing.terms import TermsTicket
from apps.approvals import operations as approvals
from apps.approvals.models import (
    Authorization,
    Emergency,
    Ratification,
    Waiver,
    WaiverSignOff,
)
from apps.approvals.operations import emergencies
from apps.approvals.operations.emergencies import NotLapsed
from apps.approvals.ratifying import terms_of
from apps.audit import changes
from apps.catalog.lifecycle import Stage
from apps.core.clock import database_now
from apps.core.errors import RuleBroken
from apps.validation import tasks
from tests import scenarios
from tests.approvals import exceptions
from tests.factories import actor
from tests.journeys import decided, record
from tests.journeys.racing import Step
from tests.journeys.test_race import LONG, at_once, newest, require_before

logger = logging.getLogger(__name__)

ROUNDS = 300 if LONG else 3

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.long,
    pytest.mark.timeout(3 * 3600 if LONG else 300),
]


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ring for nobody: the tests are the workers."""
    monkeypatch.setattr(tasks, "ring", lambda *run_ids: None)


@pytest.fixture
def chance() -> random.Random:
    """Who gets a head start, and how long: the same in every run of the tests."""
    return random.Random(20261127)


def test_a_waiver_is_granted_or_withdrawn_and_never_both(chance: random.Random) -> None:
    model = scenarios.registered_model()
    first: Counter[str] = Counter()

    for _ in range(ROUNDS):
        waiver = exceptions.asked(scenarios.registered_version(model))
        given, withdrawn = at_once([granting(waiver), withdrawing(waiver)], chance)
        waiver.refresh_from_db()
        is_granted = isinstance(given, WaiverSignOff)
        refused = withdrawn if is_granted else given
        assert isinstance(refused, RuleBroken)
        assert "was decided" in str(refused)
        assert waiver.state == (Waiver.State.GRANTED if is_granted else Waiver.State.WITHDRAWN)
        assert waiver.sign_offs.count() == int(is_granted)
        events = [newest(name, waiver.record_id) for name in ("waiver.sign", "waiver.withdraw")]
        taken, late = events if is_granted else reversed(events)
        assert (taken.outcome, late.outcome) == ("done", "refused")
        require_before(taken, late)
        first["signer" if is_granted else "owner"] += 1

    record.require_whole_record()
    logger.info("Came first: %s", dict(first))


def granting(waiver: Waiver) -> Step:
    """Return the signature that grants a waiver, of what its page shows now."""
    by = actor(scenarios.risk_officer())
    return partial(
        approvals.sign_waiver,
        Waiver.objects.get(pk=waiver.pk),
        by=by,
        role="risk_officer",
        decision=WaiverSignOff.Decision.APPROVE,
        ticket=exceptions.waiver_ticket(waiver, by),
        confirmed=exceptions.confirmed(by),
        reason="On these terms",
    )


def withdrawing(waiver: Waiver) -> Step:
    mine, by = Waiver.objects.get(pk=waiver.pk), actor(scenarios.owner())
    return partial(approvals.withdraw_waiver, mine, by=by, reason="The scan ran")


def test_an_emergency_is_confirmed_in_time_or_ends_by_itself(
    chance: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_confirms = ("1: [model_owner, risk_officer]", "1: [model_owner]")
    exceptions.enforce_emergency(monkeypatch, one_confirms)
    clock = Clock()
    monkeypatch.setattr(changes, "database_now", clock.now)
    model = scenarios.promoted(Stage.PRODUCTION).version.model
    ended: Counter[str] = Counter()

    for _ in range(ROUNDS):
        clock.passed = timedelta(0)
        scenarios.promoted(Stage.PRODUCTION, model)
        emergency = exceptions.roll_back_at_once(model)
        almost = timedelta(milliseconds=chance.uniform(0, 80))
        clock.passed = emergency.ratify_until - database_now() - almost
        ratified, lapsed = at_once([ratifying(emergency), lapsing(emergency)], chance)

        emergency.refresh_from_db()
        if isinstance(ratified, Ratification):
            assert isinstance(lapsed, NotLapsed)
            assert (emergency.state, standing(emergency)) == ("ratified", "valid")
            assert newest("emergency.ratify", emergency.record_id).detail["ratified"] is True
        elif isinstance(lapsed, NotLapsed):
            assert (emergency.state, standing(emergency)) == ("open", "valid")
            lapsing(emergency)()
        if not isinstance(ratified, Ratification):
            assert isinstance(ratified, RuleBroken)
            emergency.refresh_from_db()
            assert (emergency.state, standing(emergency)) == ("lapsed", "suspended")
            assert emergency.settled_at is not None
            assert emergency.settled_at >= emergency.ratify_until
        assert emergency.ratifications.count() == (emergency.state == Emergency.State.RATIFIED)
        ended[emergency.state] += 1
        clock.passed = timedelta(0)
        by = actor(scenarios.validator())
        approvals.review_emergency(emergency, by=by, reason="For the next round")

    assert Emergency.objects.count() == ROUNDS
    record.require_whole_record()
    decided.require_gated_production()
    logger.info("Ended: %s", dict(ended))


class Clock:
    """The time changes happen at: later than it is, and going on."""

    passed = timedelta(0)

    def now(self) -> datetime:
        return database_now() + self.passed


def standing(emergency: Emergency) -> str:
    """Return the state of what an emergency authorized."""
    return Authorization.objects.get(pk=emergency.authorization_id).state


def ratifying(emergency: Emergency) -> Step:
    by = actor(scenarios.owner())
    return partial(
        approvals.ratify,
        Emergency.objects.get(pk=emergency.pk),
        by=by,
        role="model_owner",
        ticket=TermsTicket.issue(terms_of(emergency), to=by),
        confirmed=exceptions.confirmed(by),
        reason="It was needed",
    )


def lapsing(emergency: Emergency) -> Step:
    return partial(emergencies.lapse_emergency, Emergency.objects.get(pk=emergency.pk))
