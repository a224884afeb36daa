"""Requests judged together, what pages make of a judgment, and who is asked to sign."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.approvals import cases, in_force, queries
from apps.approvals.pages import gate
from apps.catalog.lifecycle import Stage
from apps.core.actors import WORKER, Actor, Auth, Door
from apps.core.clock import database_now
from tests import scenarios
from tests.approvals.facts import BOTH, open_facts
from tests.approvals.gates import judge, policy_with
from tests.approvals.walk import case_of, why_void
from tests.factories import actor, person

# -- cases


@pytest.mark.django_db
def test_many_requests_are_judged_in_as_many_queries_as_one() -> None:
    requests = [scenarios.signed_off(Stage.PRODUCTION) for _ in range(3)]
    asked = []

    for some in (requests[:1], requests):
        with CaptureQueriesContext(connection) as counted:
            assert all(case.readiness.is_open for case in cases.complete(some, at=database_now()))
        asked.append(len(counted))

    assert asked[0] == asked[1]


@pytest.mark.django_db
def test_sign_offs_of_a_gate_the_policy_changed_count_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = scenarios.signed_off(Stage.PRODUCTION)

    def only_the_officer(document: dict[str, Any], production: dict[str, Any]) -> None:
        for tier in production["sign_offs"]:
            production["sign_offs"][tier] = production["sign_offs"][tier][1:]
            production["distinct_approvers"][tier] = 1

    monkeypatch.setattr(in_force, "policy", lambda: policy_with(only_the_officer))

    assert why_void(request) == ["What the policy asks here changed."] * 2
    assert not case_of(request).readiness.is_open


# -- gates on pages


def test_an_open_gate_says_so() -> None:
    assert gate.in_words(judge()) == ("Open", "good")


def test_a_gate_that_waits_for_people_counts_them() -> None:
    assert gate.in_words(judge(sign_offs=())) == ("2 sign-offs left", "warn")
    assert gate.in_words(judge(sign_offs=BOTH[:1])) == ("1 sign-off left", "warn")


def test_a_gate_that_is_blocked_counts_conditions_first() -> None:
    facts = open_facts(model__intended_use="", version__digest="")

    assert gate.in_words(judge(facts, ())) == ("2 conditions left", "bad")


def warns(document: dict[str, Any], production: dict[str, Any]) -> None:
    """Let the production gate only warn about measures, and ask nobody to sign."""
    for condition in production["conditions"]:
        if condition["condition"] == "metrics_recorded":
            condition["tiers"] = dict.fromkeys(condition["tiers"], "warn")
    production["sign_offs"] = {tier: [] for tier in production["sign_offs"]}
    production["distinct_approvers"] = dict.fromkeys(production["distinct_approvers"], 0)


def test_a_warning_is_shown_and_blocks_nothing() -> None:
    facts, policy = open_facts(version__metrics_with_dataset=0), policy_with(warns)
    readiness = judge(facts, (), policy=policy, note="Measured by hand; the report is attached.")

    shown = gate.of_readiness("Starter policy", readiness)

    assert readiness.is_open
    assert [(row.title, row.state) for row in shown.unmet] == [
        ("Performance measured on a named dataset", "warned")
    ]
    assert shown.unmet[0].remedy == "Log at least one metric together with its dataset."
    assert shown.met_in_words == "6 conditions met"
    assert gate.ticks(readiness) == [
        {"text": "Performance measured on a named dataset", "tone": "warn"},
        {"text": "6 conditions met", "tone": "good"},
    ]
    assert gate.meter(readiness) == gate.Meter(total=7, good=6, warn=1, bad=0)


def test_the_panel_names_what_blocks_and_counts_the_rest() -> None:
    readiness = judge(open_facts(model__intended_use=""), BOTH[:1])

    assert gate.ticks(readiness) == [
        {"text": "Intended use defined", "tone": "bad"},
        {"text": "6 conditions met", "tone": "good"},
        {"text": "Sign-offs: 1 of 2", "tone": "info"},
    ]
    meter = gate.meter(readiness)
    assert meter.label == "7 of 9 conditions and sign-offs are there"


def test_a_gate_without_a_met_condition_counts_none() -> None:
    facts = open_facts(
        model__owner_id="",
        model__intended_use="",
        version__digest="",
        version__metrics_with_dataset=0,
        checks__artifact_integrity__status="failed",
        checks__unsafe_code__status="failed",
        checks__schema__status="failed",
    )

    texts = [line["text"] for line in gate.ticks(judge(facts, ()))]

    assert len(texts) == 8
    assert texts[-1] == "Sign-offs: 0 of 2"


@pytest.mark.django_db
def test_an_assessed_tier_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of(scenarios.requested())
    model = case.facts["model"]
    assert isinstance(model, dict)
    model["tier"] = case.readiness.tier

    shown = gate.on_page(case, None)

    assert shown is not None
    assert shown.judged_as == "Judged as tier 1."


# -- whom a request waits for


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["worker", "program", "auditor"])
def test_a_request_waits_for_people_who_may_sign_and_for_nobody_else(who: str) -> None:
    request = scenarios.requested(Stage.PRODUCTION)
    others: dict[str, Actor] = {
        "worker": WORKER,
        "program": actor(scenarios.validator(), door=Door.API, auth=Auth.TOKEN),
        "auditor": actor(scenarios.auditor()),
    }
    judged = [case_of(request)]

    assert queries.signable(judged, by=others[who]) == []
    [waiting] = queries.signable(judged, by=actor(scenarios.validator()))
    assert [slot.rule.role for slot in waiting.slots] == ["validator"]
    assert waiting.is_ripe


@pytest.mark.django_db
def test_a_decided_request_waits_for_nobody() -> None:
    request = scenarios.promoted(Stage.PRODUCTION)
    victor = actor(person("victor", everywhere=("validator",)))

    assert queries.signable([case_of(request)], by=victor) == []
    assert queries.waiting_on(victor, at=database_now()) == []
    assert queries.waiting_on(WORKER, at=database_now()) == []
