"""Another tier than the assessed one: two people sign it, and it ends."""

from datetime import timedelta

import pytest

from apps.accounts.models import User
from apps.audit import changes
from apps.catalog.inventory import sheets
from apps.core.clock import database_now
from apps.core.errors import NotAllowed, RuleBroken
from apps.risk import tiers
from apps.risk.models import TierOverride
from apps.risk.operations import tier_ends, tier_overrides
from apps.risk.overriding import why_not_tier
from apps.risk.subjects import current_tier
from tests import scenarios
from tests.approvals.walk import entries
from tests.factories import actor, person
from tests.risk import assessed, owing

pytestmark = pytest.mark.django_db
State = TierOverride.State


def test_a_stricter_tier_holds_once_both_roles_signed() -> None:
    model = owing.tiered()
    override = owing.asked(model, 2)
    owing.sign(override, owing.officer(), "risk_officer")
    assert current_tier(model) == 4

    owing.sign(override, owing.committee(), "governance_committee")

    override.refresh_from_db()
    model.refresh_from_db()
    assert (override.state, current_tier(model)) == (State.GRANTED, 2)
    assert sheets.recorded(model)["revalidation_months"] == 24
    assert [entry["action"] for entry in entries("tier_override.sign")] == [
        "tier_override.sign"
    ] * 2
    [asked] = entries("model.override_tier")
    assert asked["detail"]["tier"] == 2


@pytest.mark.parametrize(
    ("tier", "words"),
    [(4, "nothing to depart"), (5, "1, 2, 3 or 4"), (0, "1, 2, 3 or 4")],
)
def test_a_tier_that_makes_no_sense_is_refused(tier: int, words: str) -> None:
    model = owing.tiered()
    with pytest.raises(RuleBroken, match=words):
        owing.asked(model, tier)


def test_a_model_nobody_assessed_has_no_other_tier() -> None:
    with pytest.raises(RuleBroken, match="Assess it first"):
        owing.asked(scenarios.registered_model(), 2)


def test_lighter_is_one_step_and_never_past_a_floor() -> None:
    heavy = assessed.approved(example_id=assessed.HEAVY)
    found = tiers.CurrentTier(1, heavy)
    floor = "A floor of its tiering"
    heavy.result["vars"] = {"has_floor": True, "floor_tier": "1"}
    assert floor in why_not_tier(found, 2)
    heavy.result["vars"] = {"has_floor": False, "floor_tier": "4"}
    assert why_not_tier(found, 2) == ""
    assert "One step lighter" in why_not_tier(found, 3)


def test_neither_who_asked_nor_the_owner_signs_nor_one_person_twice() -> None:
    both = person("bo", everywhere=("risk_officer", "governance_committee"))
    override = owing.asked(owing.tiered(), 2)

    def refused(signer: User, role: str, words: str) -> None:
        with pytest.raises(NotAllowed, match=words):
            owing.sign(override, signer, role)

    refused(scenarios.risk_officer(), "risk_officer", "asked for this tier")
    refused(scenarios.validator(), "risk_officer", "do not hold the role")
    owing.sign(override, both, "risk_officer")
    refused(both, "governance_committee", "signed it already")


def test_only_a_risk_officer_asks() -> None:
    model = owing.tiered()
    with pytest.raises(NotAllowed, match="risk officer"):
        owing.asked(model, 2, by=scenarios.owner())


def test_a_decline_ends_it() -> None:
    override = owing.asked(owing.tiered(), 2)
    owing.sign(override, owing.committee(), "governance_committee", owing.DECLINE)
    override.refresh_from_db()
    assert override.state == State.DECLINED
    with pytest.raises(RuleBroken, match="decided"):
        owing.sign(override, owing.officer(), "risk_officer")


def test_one_is_asked_for_at_a_time_until_a_day_to_come() -> None:
    model = owing.tiered()
    with pytest.raises(RuleBroken, match="a day to come"):
        owing.asked(model, 2, ends_on=owing.in_days(0))
    with pytest.raises(RuleBroken, match="366 days"):
        owing.asked(model, 2, ends_on=owing.in_days(400))
    owing.asked(model, 2)
    with pytest.raises(RuleBroken, match="asked for already"):
        owing.asked(model, 3)


def test_a_stricter_one_in_force_is_taken_back_by_nobody() -> None:
    model = owing.tiered()
    waiting = owing.asked(model, 2)
    by = actor(scenarios.risk_officer())
    tier_overrides.withdraw_tier_override(waiting, by=by, reason="A slip")
    waiting.refresh_from_db()
    assert waiting.state == State.WITHDRAWN
    assert len(entries("tier_override.withdraw")) == 1

    held = owing.granted(model, 2)
    with pytest.raises(RuleBroken, match="nobody makes it lighter alone"):
        tier_overrides.withdraw_tier_override(held, by=by, reason="Done with it")
    with pytest.raises(NotAllowed):
        tier_overrides.withdraw_tier_override(held, by=actor(scenarios.owner()), reason="Mine")


def test_it_ends_with_its_last_day(monkeypatch: pytest.MonkeyPatch) -> None:
    model = owing.tiered()
    held = owing.granted(model, 2)
    assert tier_ends.end_tier_overrides(database_now()) == 0
    later = database_now() + timedelta(days=91)
    monkeypatch.setattr(changes, "database_now", lambda: later)

    assert tier_ends.end_tier_overrides(later) == 1

    held.refresh_from_db()
    model.refresh_from_db()
    assert held.state == State.ENDED
    assert sheets.recorded(model)["tier"] == 4
    assert len(entries("tier_override.end")) == 1


def test_a_newer_tiering_ends_it() -> None:
    model = owing.tiered()
    held = owing.granted(model, 2)

    assessed.approved(model, assessed.HEAVY)

    held.refresh_from_db()
    assert held.state == State.ENDED
    assert current_tier(model) == 1
