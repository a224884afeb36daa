"""What one policy says otherwise than another: told in words, the looser never missed."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.approvals import policies
from apps.approvals.policies import Policy, differences
from apps.approvals.policies.differences import Difference, Effect
from tests.approvals.policy_texts import Document, move, part, use

LOOSENS, CHANGES, TIGHTENS = Effect.LOOSENS, Effect.CHANGES, Effect.TIGHTENS
STARTER, DEFAULT = policies.shipped("starter"), policies.shipped("default")
OPPOSITE = {LOOSENS: TIGHTENS, TIGHTENS: LOOSENS, CHANGES: CHANGES}


def saying(change: Callable[[Document], object], policy: Policy = DEFAULT) -> Policy:
    """Return a policy that says something else; whether it could be used is tested elsewhere."""
    document = copy.deepcopy(dict(policy.document))
    change(document)
    return replace(policy, document=document)


def told(change: Callable[[Document], object]) -> list[Difference]:
    return list(differences.between(DEFAULT, saying(change)))


def set_to(*path: Any) -> Callable[[Document], object]:
    """Return a change that sets the last of a path, found in the document, to a value."""
    *places, name, value = path

    def change(document: Document) -> None:
        place: Any = document
        for one in places:
            place = one(place) if callable(one) else place[one]
        place[name] = value

    return change


def condition(name: str) -> Callable[[Document], Document]:
    return lambda document: part(document, "conditions", name)


def duty(name: str) -> Callable[[Document], Document]:
    return lambda document: part(document, "separation_of_duties", name)


def watched(name: str) -> Callable[[Document], Document]:
    return lambda document: part(document, "continuous_rules", name)


def asked(name: str) -> Callable[[Document], Document]:
    return lambda document: use(document, name)


def tier(number: int) -> Callable[[Document], Document]:
    return lambda document: document["tiers"][number - 1]["settings"]


def without(kind: str, name: str) -> Callable[[Document], object]:
    return lambda document: document[kind].remove(part(document, kind, name))


def without_slot(number: str, role: str) -> Callable[[Document], object]:
    def change(document: Document) -> None:
        slots = move(document)["sign_offs"]
        slots[number] = [slot for slot in slots[number] if slot["role"] != role]

    return change


PRODUCTION = "Staging to production"
TOLD: dict[str, tuple[Callable[[Document], object], str, str, Effect]] = {
    "a condition that warned blocks": (
        set_to(asked("fairness_tested"), "tiers", "4", "block"),
        PRODUCTION,
        "Condition 'Fairness tested' blocks at tier 4 where it warned.",
        TIGHTENS,
    ),
    "a condition that blocked is skipped": (
        set_to(asked("fairness_tested"), "tiers", "1", "skip"),
        PRODUCTION,
        "Condition 'Fairness tested' is skipped at tier 1 where it blocked.",
        LOOSENS,
    ),
    "a condition is asked only sometimes": (
        set_to(asked("fairness_tested"), "when", "model.is_third_party"),
        PRODUCTION,
        "Condition 'Fairness tested' is asked only sometimes now.",
        LOOSENS,
    ),
    "a condition can be waived": (
        set_to(condition("owner_assigned"), "waivable", True),
        "Conditions",
        "Condition 'Active accountable owner' can be waived now.",
        LOOSENS,
    ),
    "an expression is another": (
        set_to(condition("owner_assigned"), "expr", "model.owner_active"),
        "Conditions",
        "Condition 'Active accountable owner' has another expression.",
        CHANGES,
    ),
    "a slot is gone": (
        without_slot("2", "privacy_officer"),
        PRODUCTION,
        "Slot 'Privacy officer' is gone at tier 2.",
        LOOSENS,
    ),
    "fewer people sign": (
        set_to(move, "distinct_approvers", "1", 3),
        PRODUCTION,
        "3 instead of 4 different people must sign at tier 1.",
        LOOSENS,
    ),
    "a move is made by itself": (
        set_to(move, "carried_out_by", "policy"),
        PRODUCTION,
        "The move is carried out by itself once its gate is open.",
        LOOSENS,
    ),
    "days to cool off": (
        set_to(move, "cooling_off_days", {"1": 2, "2": 0, "3": 0, "4": 0}),
        PRODUCTION,
        "2 instead of 0 days pass at tier 1 after the last sign-off.",
        TIGHTENS,
    ),
    "a duty is gone": (
        without("separation_of_duties", "validator_did_not_own"),
        "Separation of duties",
        "Duty 'Validator never owned the model' is gone.",
        LOOSENS,
    ),
    "a duty exempts a role": (
        set_to(duty("not_contributor"), "exempt_roles", ["validator"]),
        "Separation of duties",
        "Duty 'Contributor to the version may not approve it' does not bind 'validator' any more.",
        LOOSENS,
    ),
    "a duty holds at fewer tiers": (
        set_to(duty("no_service_account"), "tiers", [1, 2]),
        "Separation of duties",
        "Duty 'Only people approve' no longer holds at tiers 3 and 4.",
        LOOSENS,
    ),
    "a duty binds some roles only": (
        set_to(duty("no_service_account"), "applies_to_roles", ["validator"]),
        "Separation of duties",
        "Duty 'Only people approve' binds only some roles now.",
        LOOSENS,
    ),
    "a scan may be older": (
        set_to(tier(1), "scan_max_age_days", 90),
        "Settings",
        "Setting 'scan max age days' is 90 instead of 30 at tier 1.",
        LOOSENS,
    ),
    "records are kept longer": (
        set_to(tier(4), "retention_years_after_decommission", 9),
        "Settings",
        "Setting 'retention years after decommission' is 9 instead of 5 at tier 4.",
        TIGHTENS,
    ),
    "a finding is due later": (
        set_to(tier(1), "finding_due_days", "high", 90),
        "Settings",
        "Setting 'finding due days' of 'high' is 90 instead of 60 at tier 1.",
        LOOSENS,
    ),
    "evidence stays valid for ever": (
        set_to(
            lambda document: part(document, "evidence_types", "performance_test_report"),
            "max_age_days",
            0,
        ),
        "Evidence",
        "Evidence 'Performance test report' is valid for ever instead of 365 days.",
        LOOSENS,
    ),
    "a waiver lasts longer": (
        set_to("waivers", "max_days", 400),
        "Waivers",
        "The longest waiver, in days, is 400 instead of the setting 'waiver max days'.",
        CHANGES,
    ),
    "a waiver that runs out does nothing": (
        set_to("waivers", "on_expiry", "escalate"),
        "Waivers",
        "A waiver that runs out only escalates now.",
        LOOSENS,
    ),
    "a rule suspends": (
        set_to(watched("revalidation_due"), "action", "suspend_authorization"),
        "While in production",
        "suspend authorization",
        TIGHTENS,
    ),
    "a rule is gone": (
        without("continuous_rules", "monitoring_stale"),
        "While in production",
        "is gone.",
        LOOSENS,
    ),
    "a floor is lower": (
        set_to("tier_floors", 0, "tier", 4),
        "Tier floors",
        "gates at tier 4 instead of",
        LOOSENS,
    ),
    "one factor is enough": (
        set_to("signature", "factors_required", 1),
        "Signatures",
        "A signature asks for 1 instead of 2 factors.",
        LOOSENS,
    ),
    "obligations only warn": (
        set_to("obligation_enforcement", "from_applies_from", "warn"),
        "Obligations",
        "An open obligation does 'warn' instead of 'block' from its date on.",
        LOOSENS,
    ),
    "a message is worded otherwise": (
        set_to(condition("owner_assigned"), "fail_message", "Nobody owns it."),
        "Conditions",
        "Condition 'Active accountable owner' has another message.",
        CHANGES,
    ),
    "the title is another": (set_to("title", "Ours"), "The policy", "another title", CHANGES),
}


@pytest.mark.parametrize("name", TOLD)
def test_a_difference_is_told_in_words_with_what_it_does(name: str) -> None:
    change, area, words, effect = TOLD[name]

    found = told(change)

    assert [(one.area, one.effect) for one in found] == [(area, effect)], found
    assert words in found[0].words


@pytest.mark.parametrize("name", TOLD)
def test_what_loosens_one_way_tightens_the_other(name: str) -> None:
    change, _, _, effect = TOLD[name]

    [back] = differences.between(saying(change), DEFAULT)

    assert back.effect is OPPOSITE[effect]


def test_whatever_could_be_looser_is_listed_for_those_who_sign_the_looser_first() -> None:
    def change(document: Document) -> None:
        use(document, "fairness_tested")["tiers"]["4"] = "block"
        use(document, "red_team_done")["tiers"]["1"] = "warn"
        part(document, "conditions", "owner_assigned")["expr"] = "model.owner_active"

    review = differences.to_review(told(change))

    assert [one.effect for one in review] == [LOOSENS, CHANGES]
    assert "red" in review[0].words.lower()


def test_two_policies_told_from_each_other_both_ways_have_the_same_number_of_differences() -> None:
    there, back = differences.between(STARTER, DEFAULT), differences.between(DEFAULT, STARTER)

    assert len(there) == len(back) > 300
    for effect, opposite in OPPOSITE.items():
        count = sum(one.effect is effect for one in there)
        assert count == sum(one.effect is opposite for one in back) > 0


def test_parts_in_another_order_are_a_difference_of_their_own() -> None:
    [found] = told(lambda document: document["conditions"].reverse())

    assert found.words == "Its parts stand in another order."
    assert found.effect is CHANGES


def test_a_move_that_was_not_possible_before_loosens_and_one_that_is_gone_tightens() -> None:
    def without_rollback(document: Document) -> None:
        document["transitions"].remove(move(document, "rollback"))

    less = saying(without_rollback, STARTER)

    assert [one.effect for one in differences.between(STARTER, less)] == [TIGHTENS]
    assert [one.effect for one in differences.between(less, STARTER)] == [LOOSENS]


ENFORCED = st.sampled_from(("block", "warn", "skip"))
BY_TIER = st.fixed_dictionaries(dict.fromkeys("1234", ENFORCED))
PEOPLE = st.fixed_dictionaries({number: st.integers(0, 2) for number in "1234"})
COUNTS = st.integers(1, 3)


@st.composite
def gates(draw: st.DrawFn) -> Policy:
    """Draw the starter policy with another production gate: strengths, counts and people."""
    document = copy.deepcopy(dict(STARTER.document))
    asked_here = move(document)
    for one in asked_here["conditions"][:3]:
        one["tiers"] = draw(BY_TIER)
    for slots in asked_here["sign_offs"].values():
        slots[0]["count"] = draw(COUNTS)
    asked_here["distinct_approvers"] = draw(PEOPLE)

    return replace(STARTER, document=document)


@settings(max_examples=60)
@given(gates(), gates())
def test_loosening_one_way_is_tightening_the_other_and_equal_policies_do_not_differ(
    one: Policy, other: Policy
) -> None:
    there, back = differences.between(one, other), differences.between(other, one)

    assert differences.between(one, one) == ()
    assert bool(there) == bool(back) == (one.document != other.document)
    for effect, opposite in OPPOSITE.items():
        told_there = sorted(found.area for found in there if found.effect is effect)
        assert told_there == sorted(found.area for found in back if found.effect is opposite)
    assert not [found for found in there if found.effect is CHANGES]


def test_lines_that_changed_are_shown_with_a_few_around_them() -> None:
    before = "".join(f"line {number}\n" for number in range(100))
    after = before.replace("line 50\n", "line fifty\n").replace("line 90\n", "")

    first, second = differences.of_texts(before, after)

    assert [(line.kind, line.text) for line in first.lines if line.kind != "same"] == [
        ("gone", "line 50"),
        ("new", "line fifty"),
    ]
    assert [line.before for line in first.lines] == [48, 49, 50, 51, None, 52, 53, 54]
    assert [line.text for line in second.lines if line.kind == "gone"] == ["line 90"]
    assert differences.of_texts(before, before) == ()
