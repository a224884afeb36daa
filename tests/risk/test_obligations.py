"""Obligations are met by what is there, by somebody else's word, or put off until a day."""

import pytest

from apps.core.errors import NotAllowed, RuleBroken
from apps.risk.models import Obligation
from apps.risk.operations import obligations
from tests import scenarios
from tests.approvals.walk import entries
from tests.factories import actor
from tests.risk import assessed, owing

pytestmark = pytest.mark.django_db
State = Obligation.State


@pytest.fixture
def condition() -> Obligation:
    return owing.obligation(owing.tiered(assessed.HEAVY), "condition")


def test_somebody_else_says_that_it_is_met(condition: Obligation) -> None:
    obligations.meet_obligation(condition, by=actor(scenarios.validator()), reason="Read it")

    condition.refresh_from_db()
    assert (condition.state, condition.met_by) == (State.MET, scenarios.validator())
    [entry] = entries("obligation.meet")
    assert entry["detail"]["key"] == condition.key
    with pytest.raises(RuleBroken, match="It is closed"):
        obligations.meet_obligation(condition, by=actor(scenarios.validator()), reason="Again")


def test_who_answers_for_it_does_not(condition: Obligation) -> None:
    with pytest.raises(NotAllowed, match="do not decide"):
        obligations.meet_obligation(condition, by=actor(scenarios.owner()), reason="Read it")
    vera = scenarios.validator()
    obligations.assign_obligation(condition, by=actor(scenarios.owner()), owner=vera)
    with pytest.raises(NotAllowed, match="somebody else decides"):
        obligations.meet_obligation(condition, by=actor(vera), reason="Read it")
    with pytest.raises(NotAllowed, match="somebody else decides"):
        obligations.defer_obligation(
            condition, by=actor(vera), until=owing.in_days(9), reason="Later"
        )


@pytest.mark.parametrize(
    ("kind", "words"),
    [("evidence", "once that is there"), ("document", "once that is there"), ("sign_off", "gate")],
)
def test_nobody_says_what_shows_by_itself(kind: str, words: str) -> None:
    owed = owing.obligation(owing.tiered(assessed.HEAVY), kind)
    with pytest.raises(RuleBroken, match=words):
        obligations.meet_obligation(owed, by=actor(scenarios.validator()), reason="Read it")


def test_it_is_put_off_until_a_day(condition: Obligation) -> None:
    by = actor(scenarios.validator())
    with pytest.raises(RuleBroken, match="a day to come"):
        obligations.defer_obligation(condition, by=by, until=owing.in_days(0), reason="Later")
    with pytest.raises(RuleBroken, match="366 days"):
        obligations.defer_obligation(condition, by=by, until=owing.in_days(999), reason="Later")

    obligations.defer_obligation(condition, by=by, until=owing.in_days(9), reason="Later")

    condition.refresh_from_db()
    assert condition.is_put_off(owing.in_days(9))
    assert not condition.is_put_off(owing.in_days(10))
    assert len(entries("obligation.defer")) == 1


def test_a_signature_is_not_put_off() -> None:
    owed = owing.obligation(owing.tiered(assessed.HEAVY), "sign_off")
    by = actor(scenarios.validator())
    with pytest.raises(RuleBroken, match="not put off"):
        obligations.defer_obligation(owed, by=by, until=owing.in_days(9), reason="Later")


def test_somebody_with_an_account_sees_to_it(condition: Obligation) -> None:
    by, dev = actor(scenarios.owner()), scenarios.developer()
    obligations.assign_obligation(condition, by=by, owner=dev)
    assert len(entries("obligation.assign")) == 1
    with pytest.raises(RuleBroken, match="already"):
        obligations.assign_obligation(condition, by=by, owner=dev)
    with pytest.raises(NotAllowed, match="do not answer"):
        obligations.assign_obligation(condition, by=actor(scenarios.stranger()), owner=dev)
