"""Waivers once more is asked for than they were signed on, as at a stricter tier."""

import pytest

from apps.approvals import authorizing, in_force, operations, waiving
from apps.approvals.models import Authorization
from apps.approvals.readiness import GatesClosed, VerdictState
from apps.core.clock import database_now
from tests import scenarios
from tests.approvals.exceptions import (
    ONE_SIGNS,
    SCAN,
    TWO_SIGN,
    WHY,
    committee,
    enforce,
    granted,
    in_days,
    move_clock,
    promoted_on_a_waiver,
    record_tier,
    sign_waiver,
    terms,
)
from tests.approvals.policy_texts import Change, Document, changed, part
from tests.approvals.test_waivers import facts, readiness
from tests.factories import actor

pytestmark = pytest.mark.django_db


def a_stricter_duty(document: Document) -> None:
    part(document, "separation_of_duties", "not_requester")["tiers"] = [1, 2]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda text: text["waivers"]["sign_offs"].update(
                {"1": ["risk_officer", "governance_committee"]}
            ),
            "At tier 1 a waiver is signed by others too: AI and model governance committee.",
        ),
        (
            lambda text: text["tiers"][2]["settings"].update(waiver_max_days=90),
            "At tier 1 a waiver holds for 60 days at most.",
        ),
        (a_stricter_duty, "At tier 1 more is asked of who signs: "),
    ],
)
def test_a_waiver_opens_no_gate_that_asks_for_more_than_it_was_signed_on(
    change: Change, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = changed(change)
    monkeypatch.setattr(in_force, "policy", lambda: policy)
    record_tier(monkeypatch, 3)
    waiver = granted(ends_on=in_days(90 if "60 days" in says else 30))
    request = scenarios.requested(version=waiver.version)
    assert facts(waiver.version)["waived_conditions"] == [SCAN]
    assert readiness(waiver.version).is_unblocked
    assert waiving.why_not_counted(waiver, database_now()) == ""

    record_tier(monkeypatch, 1)

    assert facts(waiver.version) == {"active": 0, "waived_conditions": [], "expired_in_use": 0}
    [blocked] = readiness(waiver.version).with_state(VerdictState.BLOCKED)
    assert blocked.condition == SCAN
    assert waiving.why_not_counted(waiver, database_now()).startswith(says)
    with pytest.raises(GatesClosed):
        operations.promote(request, by=actor(scenarios.operator()), reason=WHY)

    record_tier(monkeypatch, 3)
    assert facts(waiver.version)["waived_conditions"] == [SCAN]


def test_a_waiver_counts_on_at_a_stricter_tier_that_asks_for_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record_tier(monkeypatch, 4)
    waiver = granted()

    record_tier(monkeypatch, 1)

    assert facts(waiver.version)["waived_conditions"] == [SCAN]
    assert waiving.why_not_counted(waiver, database_now()) == ""


def test_a_waiver_renewed_more_often_than_the_stricter_tier_allows_counts_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    policy = changed(lambda text: text["tiers"][0]["settings"].update(waiver_max_renewals=0))
    monkeypatch.setattr(in_force, "policy", lambda: policy)
    record_tier(monkeypatch, 3)
    first = granted(ends_on=in_days(20))
    by = actor(scenarios.developer())
    second = operations.renew_waiver(first, by=by, reason=WHY, terms=terms(ends_on=in_days(40)))
    sign_waiver(second)

    record_tier(monkeypatch, 1)
    assert facts(first.version)["waived_conditions"] == [SCAN]

    operations.end_waivers(move_clock(monkeypatch, 21))
    second.refresh_from_db()
    says = "At tier 1 a waiver is renewed 0 times at most."
    assert waiving.why_not_counted(second, database_now()) == says
    assert facts(first.version)["active"] == 0


def test_what_counts_no_more_at_a_stricter_tier_is_renewed_on_the_terms_asked_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    enforce(monkeypatch, (ONE_SIGNS, TWO_SIGN))
    record_tier(monkeypatch, 3)
    waiver = promoted_on_a_waiver(monkeypatch)
    record_tier(monkeypatch, 1)
    assert facts(waiver.version)["expired_in_use"] == 1

    by = actor(scenarios.developer())
    again = operations.renew_waiver(waiver, by=by, reason=WHY, terms=terms())
    sign_waiver(again)
    sign_waiver(again, committee(), "governance_committee")
    again.refresh_from_db()

    assert facts(waiver.version) == {
        "active": 1,
        "waived_conditions": [SCAN],
        "expired_in_use": 0,
    }
    authorized = authorizing.of(waiver.version)
    assert authorized is not None
    operations.revoke_waiver(again, by=actor(scenarios.risk_officer()), reason="Misused")
    authorized.refresh_from_db()
    assert authorized.state == Authorization.State.SUSPENDED


def test_a_policy_that_knows_no_waivers_counts_none(monkeypatch: pytest.MonkeyPatch) -> None:
    waiver = granted()
    bare = changed(lambda text: text.update(waivers={}))
    monkeypatch.setattr(in_force, "policy", lambda: bare)

    assert facts(waiver.version)["active"] == 0
    assert "knows no waivers" in waiving.why_not_counted(waiver, database_now())
    assert not readiness(waiver.version).is_unblocked
