"""Tiers at the API: which one, why, what it was before, and what it would be today."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.catalog.models import RegisteredModel
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.risk.operations import tier_overrides
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.factories import actor
from tests.risk import assessed, owing
from tests.risk.tiering import looked_at

pytestmark = pytest.mark.django_db


def path_of(name: str) -> str:
    return f"/models/{name}/tier"


def test_a_model_that_nobody_assessed_has_no_tier(caller: Caller) -> None:
    model = scenarios.registered_model("fresh")

    shown = said(caller.get(path_of(model.name)))

    assert (shown["tier"], shown["words"], shown["since"]) == (0, "No tier yet", None)
    assert (shown["tiering"], shown["floor"], shown["would_be"]) == (None, None, None)
    assert shown["history"] == shown["other_tiers"] == shown["may_be"] == []


def test_a_tier_says_which_assessment_found_it(caller: Caller) -> None:
    assessment = assessed.approved()
    assert assessment.approved_at is not None

    shown = said(caller.get(path_of(assessment.model.name)))

    assert (shown["tier"], shown["assessed"], shown["in_force"]) == (4, 4, None)
    assert shown["tiering"] == {
        "number": assessment.pk,
        "questionnaire": assessed.TIERING,
        "approved_at": shown["since"],
        "page": assessment.get_absolute_url(),
    }
    [step] = shown["history"]
    assert (step["tier"], step["at"], step["page"]) == (
        4,
        shown["since"],
        assessment.get_absolute_url(),
    )
    assert shown["may_be"] == [1, 2, 3]
    assert shown["age_days"] == 0


def test_a_floor_keeps_a_model_from_a_lighter_tier(caller: Caller) -> None:
    model = owing.tiered(assessed.HEAVY)

    shown = said(caller.get(path_of(model.name)))

    assert (shown["tier"], shown["floor"]) == (1, 1)
    assert shown["may_be"] == []


def test_another_tier_is_shown_with_who_signed_it_until_it_is_over(caller: Caller) -> None:
    model = owing.tiered()
    waits = owing.asked(model, 3)
    [other] = said(caller.get(path_of(model.name)))["other_tiers"]
    assert (other["state"], other["sign_offs"]) == ("asked", [])

    owing.sign(waits, owing.officer(), "risk_officer")
    owing.sign(waits, owing.committee(), "governance_committee")

    shown = said(caller.get(path_of(model.name)))
    [other] = shown["other_tiers"]
    assert (shown["tier"], shown["assessed"], shown["in_force"]) == (3, 4, waits.pk)
    assert (other["number"], other["tier"], other["state"]) == (waits.pk, 3, "granted")
    assert (other["reason"], other["asked_by"]) == (owing.WHY, "rita")
    assert [(one["role"], one["signer"]) for one in other["sign_offs"]] == [
        ("risk_officer", "rupert"),
        ("governance_committee", "greta"),
    ]
    assert [step["tier"] for step in shown["history"]] == [3, 4]


def test_what_was_asked_for_and_taken_back_is_shown_as_that(caller: Caller) -> None:
    model = owing.tiered()
    override = owing.asked(model, 3)
    tier_overrides.withdraw_tier_override(
        override, by=actor(scenarios.risk_officer()), reason="Not needed"
    )

    shown = said(caller.get(path_of(model.name)))

    [other] = shown["other_tiers"]
    assert (shown["tier"], other["state"], other["why"]) == (4, "withdrawn", "Not needed")


def test_it_says_which_tier_it_would_be_today_since_when_and_why(caller: Caller) -> None:
    model = owing.tiered()
    assert said(caller.get(path_of(model.name)))["would_be"] is None

    looked_at(model, "over_10")

    shown = said(caller.get(path_of(model.name)))
    would_be, today = shown["would_be"], database_now().date().isoformat()
    assert (shown["tier"], would_be["tier"], would_be["assessed"]) == (4, 3, 4)
    assert would_be["since"] == today
    [why] = would_be["changed"]
    assert why in would_be["words"]


def test_who_does_not_see_the_model_finds_no_tier(caller: Caller) -> None:
    model = scenarios.registered_model()
    refusal(Caller(token_of(scenarios.stranger())).get(path_of(model.name)), 404)
    refusal(caller.get(path_of("absent")), 404)
    refusal(caller.get(f"{path_of(model.name)}?at=2026-01-01"), 400)


def test_a_tier_is_signed_by_nobody_at_the_api() -> None:
    model = owing.tiered()
    officer = Caller(token_of(scenarios.risk_officer()))
    assert officer.post(path_of(model.name), {"tier": 3}).status_code == 405
    refusal(officer.post(f"{path_of(model.name)}/overrides", {"tier": 3}), 404)


def test_a_tier_takes_as_many_queries_however_often_another_was_asked_for(caller: Caller) -> None:
    model, by = owing.tiered(), actor(scenarios.risk_officer())
    for _ in range(2):
        asked_and_taken_back(model, by)
    few = queries(caller, model.name)
    for _ in range(8):
        asked_and_taken_back(model, by)

    assert queries(caller, model.name) == few
    assert len(said(caller.get(path_of(model.name)))["other_tiers"]) == 10


def asked_and_taken_back(model: RegisteredModel, by: Actor) -> None:
    override = owing.asked(model, 3)
    owing.sign(override, owing.officer(), "risk_officer")
    tier_overrides.withdraw_tier_override(override, by=by, reason="Not needed")


def queries(caller: Caller, name: str) -> int:
    said(caller.get(path_of(name)))
    with CaptureQueriesContext(connection) as taken:
        said(caller.get(path_of(name)))
    return len(taken)
