"""A gate opens only when everything says so; whatever is missing, late or wrong keeps it closed."""

from dataclasses import replace
from typing import Any

import pytest

from apps.approvals import judgment
from apps.approvals.policies import Policy
from apps.approvals.readiness import GatesClosed, GivenSignOff, VerdictState
from apps.core.errors import NotFound
from tests.approvals.facts import (
    BOTH,
    OFFICER,
    VALIDATOR,
    given,
    open_facts,
)
from tests.approvals.gates import POLICY, judge, policy_with


def test_a_gate_with_clean_facts_and_both_sign_offs_is_open() -> None:
    readiness = judge()

    readiness.require()

    assert readiness.is_open
    assert readiness.closed == ()
    assert {verdict.state for verdict in readiness.verdicts} == {VerdictState.PASSED}
    assert [state.filled_by for state in readiness.slots] == [(BOTH[0],), (BOTH[1],)]


@pytest.mark.parametrize(
    ("change", "condition"),
    [
        ({"model__owner_id": ""}, "owner_assigned"),
        ({"model__owner_active": False}, "owner_assigned"),
        ({"model__intended_use": ""}, "intended_use_defined"),
        ({"version__digest": ""}, "artifact_digest_recorded"),
        ({"checks__artifact_integrity__status": "failed"}, "artifact_integrity_passed"),
        ({"checks__artifact_integrity__fresh": False}, "artifact_integrity_passed"),
        ({"checks__unsafe_code__status": "errored"}, "artifact_scan_clean"),
        ({"checks__unsafe_code__fresh": False}, "artifact_scan_clean"),
        ({"checks__unsafe_code__age_days": 31}, "artifact_scan_clean"),
        ({"checks__unsafe_code__age_days": -1}, "artifact_scan_clean"),
        ({"checks__schema__status": "running"}, "schema_matches_example"),
        ({"version__metrics_with_dataset": 0}, "metrics_recorded"),
    ],
)
def test_one_bad_fact_blocks_its_condition_and_says_what_would_open_it(
    change: dict[str, Any], condition: str
) -> None:
    readiness = judge(open_facts(**change))
    known = next(part for part in POLICY.conditions if part.id == condition)

    with pytest.raises(GatesClosed) as refusal:
        readiness.require()

    assert not readiness.may_ask_for_sign_offs
    assert [closed.gate for closed in refusal.value.closed] == [condition]
    assert refusal.value.readiness is readiness
    assert known.fail_message in str(refusal.value)
    assert known.remediation in str(refusal.value)


@pytest.mark.parametrize(
    ("facts", "condition"),
    [
        ({"production__target_previously_authorized": False}, "target_previously_authorized"),
        ({"production__target_digest": "sha256:" + "b" * 64}, "target_digest_unchanged"),
        ({"version__digest": "", "production__target_digest": ""}, "target_digest_unchanged"),
        ({"checks__artifact_integrity__status": "failed"}, "artifact_integrity_passed"),
    ],
)
def test_a_rollback_asks_no_sign_off_but_only_what_was_authorized_may_return(
    facts: dict[str, Any], condition: str
) -> None:
    assert judge(sign_offs=(), transition="rollback").is_open
    assert [
        closed.gate for closed in judge(open_facts(**facts), (), transition="rollback").closed
    ] == [condition]


def test_a_missing_sign_off_is_told_with_the_person_who_has_to_sign() -> None:
    readiness = judge(sign_offs=BOTH[:1])

    with pytest.raises(GatesClosed) as refusal:
        readiness.require()

    assert readiness.may_ask_for_sign_offs
    assert str(refusal.value) == (
        "The gate is closed. Model risk officer: A sign-off is missing. "
        "A model risk officer has to sign."
    )
    assert [closed.gate for closed in refusal.value.closed] == ["sign-off"]


@pytest.mark.parametrize(
    "useless",
    [
        given("validator", VALIDATOR, "decline"),
        given("validator", VALIDATOR, valid=False),
        given("validator", ""),
        given("auditor", VALIDATOR),
    ],
)
def test_a_sign_off_that_does_not_count_fills_no_slot(useless: GivenSignOff) -> None:
    readiness = judge(sign_offs=(useless, BOTH[1]))

    assert not readiness.is_open
    assert [state.missing for state in readiness.slots] == [1, 0]


def test_a_void_sign_off_says_why_it_no_longer_stands() -> None:
    void = replace(BOTH[0], valid=False, why_void="The scan was repeated.")

    assert "An earlier one is void: The scan was repeated." in str(judge(None, (void,)).closed[0])


def test_one_person_fills_one_slot() -> None:
    readiness = judge(sign_offs=(given("validator", OFFICER), given("risk_officer", OFFICER)))

    assert not readiness.is_open
    assert sum(state.missing for state in readiness.slots) == 1
    assert readiness.distinct_given == 1


def test_people_are_seated_so_that_as_many_slots_as_possible_are_filled() -> None:
    readiness = judge(
        sign_offs=(
            given("validator", VALIDATOR),
            given("risk_officer", VALIDATOR),
            given("validator", OFFICER),
        )
    )

    assert readiness.is_open
    assert readiness.distinct_given == 2


def test_two_people_in_one_role_leave_the_other_slot_empty() -> None:
    readiness = judge(sign_offs=(given("validator", VALIDATOR), given("validator", OFFICER)))

    assert [state.missing for state in readiness.slots] == [0, 1]
    assert readiness.slots[0].filled_by == (BOTH[0],)


def test_a_slot_for_two_people_needs_two_people() -> None:
    def change(document: Any, gate: Any) -> None:
        gate["sign_offs"]["1"] = [{"role": "validator", "count": 2, "meaning": "review"}]

    policy = policy_with(lambda document, gate: _keyed(document, gate, change))
    nobody = judge(sign_offs=(), policy=policy)
    one = judge(sign_offs=(given("validator", VALIDATOR),) * 2, policy=policy)
    two = judge(
        sign_offs=(given("validator", VALIDATOR), given("validator", OFFICER)), policy=policy
    )

    assert str(nobody.closed[0]) == (
        "Independent validator: 2 sign-offs are missing. "
        "2 people have to sign, each as an independent validator."
    )
    assert [state.missing for state in one.slots] == [1]
    assert two.is_open


def _keyed(document: Any, gate: Any, change: Any) -> None:
    gate["sign_offs"] = {str(tier): slots for tier, slots in gate["sign_offs"].items()}
    change(document, gate)


def test_a_slot_applies_when_its_expression_holds_or_cannot_be_judged() -> None:
    def change(document: Any, gate: Any) -> None:
        gate["sign_offs"]["1"][1]["when"] = "model.tier == 4"

    policy = policy_with(lambda document, gate: _keyed(document, gate, change))
    without_tier = open_facts()
    del without_tier["model"]["tier"]

    assert [state.rule.role for state in judge(policy=policy).slots] == ["validator"]
    assert [state.rule.role for state in judge(without_tier, policy=policy).slots] == [
        "validator",
        "risk_officer",
    ]


def test_too_few_slots_for_the_people_asked_for_keep_the_gate_closed() -> None:
    def change(document: Any, gate: Any) -> None:
        gate["sign_offs"]["1"][1]["when"] = "model.tier == 4"

    readiness = judge(policy=policy_with(lambda document, gate: _keyed(document, gate, change)))

    assert not readiness.is_open
    assert [closed.gate for closed in readiness.closed] == ["distinct-signers"]
    assert "2 different people must sign" in str(readiness.closed[0])


def _asked(**changes: object) -> Policy:
    def change(document: Any, gate: Any) -> None:
        condition = document["conditions"][0]
        gate["conditions"] = gate["conditions"][:1]
        if "waivable" in changes:
            condition["waivable"] = changes["waivable"]
        if "when" in changes:
            gate["conditions"][0]["when"] = changes["when"]
        if "enforcement" in changes:
            gate["conditions"][0]["tiers"] = dict.fromkeys("1234", changes["enforcement"])

    return policy_with(change)


def _state(policy: Policy, **facts: object) -> list[str]:
    return [verdict.state.value for verdict in judge(open_facts(**facts), policy=policy).verdicts]


def test_a_condition_warns_is_skipped_or_does_not_apply_as_the_policy_says() -> None:
    not_by_name = _asked(when="model.name == 'Fraud'")

    assert _state(_asked(enforcement="warn"), model__owner_id="") == ["warned"]
    assert _state(_asked(enforcement="warn")) == ["passed"]
    assert _state(_asked(enforcement="skip"), model__owner_id="") == []
    assert _state(not_by_name, model__owner_id="") == ["not_applicable"]
    assert _state(not_by_name, model__owner_id="", model__name="Fraud") == ["blocked"]


def test_a_waiver_stands_in_only_for_a_waivable_condition() -> None:
    waived = {"waivers": {"waived_conditions": ["owner_assigned"]}, "model__owner_id": ""}
    other = {"waivers": {"waived_conditions": ["metrics_recorded"]}, "model__owner_id": ""}

    assert _state(_asked(waivable=True), **waived) == ["waived"]
    assert _state(_asked(waivable=True), **other) == ["blocked"]
    assert _state(_asked(waivable=True), waivers=None, model__owner_id="") == ["blocked"]
    assert _state(_asked(waivable=True), waivers={}, model__owner_id="") == ["blocked"]
    assert _state(_asked(waivable=False), **waived) == ["blocked"]


_TEN = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"


@pytest.mark.parametrize(
    "expression",
    [
        "1 / (model.tier - model.tier) == 1",
        "version.contributors[99] == ''",
        "int(model.name) == 1",
        "version.contributors.all(person, person > 1)",
        "9223372036854775807 + version.metrics_with_dataset > 0",
        f"{_TEN}.all(a, {_TEN}.all(b, {_TEN}.all(c, {_TEN}.all(d, model.tier == 0))))",
        "version.contributors[0].missing == 1",
        "model.name.matches('(')",
    ],
)
@pytest.mark.parametrize("enforcement", ["block", "warn"])
@pytest.mark.parametrize("place", ["expr", "when"])
def test_j3_every_kind_of_error_closes_the_gate_with_its_reason(
    expression: str, enforcement: str, place: str
) -> None:
    def change(document: Any, gate: Any) -> None:
        gate["conditions"] = gate["conditions"][:1]
        gate["conditions"][0]["tiers"] = dict.fromkeys("1234", enforcement)
        document["conditions"][0]["waivable"] = True
        holder = document["conditions"][0] if place == "expr" else gate["conditions"][0]
        holder[place] = expression

    waived = open_facts(waivers={"waived_conditions": ["owner_assigned"]})
    readiness = judge(waived, policy=policy_with(change))

    assert not readiness.is_open
    assert readiness.verdicts[0].state is VerdictState.BLOCKED
    assert readiness.verdicts[0].reason.startswith("This could not be judged. ")


@pytest.mark.parametrize("tier", [0, 5, -1, True, "4", 4.0, None])
def test_a_model_without_a_proper_tier_is_gated_as_tier_1(tier: object) -> None:
    assert judgment.effective_tier(POLICY, open_facts(model__tier=tier)) == 1
    assert judgment.effective_tier(POLICY, {}) == 1
    assert judgment.effective_tier(POLICY, open_facts(model__tier=4)) == 4


def test_a_tier_floor_raises_the_tier_when_it_holds_or_cannot_be_judged() -> None:
    def change(document: Any, gate: Any) -> None:
        document["tier_floors"] = [
            {"id": "fraud", "tier": 2, "when": "model.name == 'Fraud'", "reason": "By name."}
        ]

    policy = policy_with(change)
    nameless = open_facts(model__tier=4)
    del nameless["model"]["name"]

    assert judgment.effective_tier(policy, open_facts(model__tier=4)) == 4
    assert judgment.effective_tier(policy, open_facts(model__tier=4, model__name="Fraud")) == 2
    assert judgment.effective_tier(policy, open_facts(model__tier=1, model__name="Fraud")) == 1
    assert judgment.effective_tier(policy, nameless) == 2


def test_a_transition_the_policy_does_not_know_is_not_judged() -> None:
    with pytest.raises(NotFound):
        judge(transition="straight_to_production")


def test_facts_about_settings_and_sign_offs_cannot_be_smuggled_in() -> None:
    smuggled = open_facts(settings={"scan_max_age_days": 9999}, checks__unsafe_code__age_days=5000)

    assert [closed.gate for closed in judge(smuggled).closed] == ["artifact_scan_clean"]
