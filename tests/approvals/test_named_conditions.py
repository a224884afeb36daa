"""A condition that an obligation names keeps a gate shut, also one the gate does not ask."""

from typing import Any

from apps.approvals import judgment
from apps.approvals.obligations import Kind, Obligation
from apps.approvals.readiness import Readiness, VerdictState
from tests.approvals.facts import BOTH, given, open_facts
from tests.approvals.gates import POLICY, PRODUCTION, policy_with


def asks(condition: str) -> Obligation:
    """Return an obligation that a condition is met before production."""
    named = frozenset({PRODUCTION})
    return Obligation("obl_1", Kind.CONDITION, "Meet it first", named, condition=condition)


def judged(condition: str, **facts: Any) -> Readiness:
    known = open_facts(**facts)
    return judgment.judge(POLICY, PRODUCTION, known, BOTH, obligations=[asks(condition)])


def test_a_condition_the_policy_does_not_know_keeps_the_gate_shut() -> None:
    told = judged("genai_risk_acceptable")

    assert not told.is_open
    [closed] = told.closed
    assert closed.title == "Meet it first"
    assert "has no condition genai_risk_acceptable" in closed.reason
    assert closed.remedy == "Close the obligation, or have it formally deferred."


def test_a_condition_of_another_gate_is_judged_at_this_one() -> None:
    other = "retention_assigned"
    assert other not in {one.condition.id for one in POLICY.transition(PRODUCTION).conditions}

    def states(years: int) -> list[VerdictState]:
        told = judged(other, retention={"class_assigned": True, "years": years})
        return [one.state for one in told.verdicts if one.condition == other]

    assert states(10) == [VerdictState.PASSED]
    assert states(1) == [VerdictState.BLOCKED]


def test_a_condition_the_gate_asks_is_judged_once() -> None:
    told = judged("owner_assigned")

    assert [one.condition for one in told.verdicts].count("owner_assigned") == 1
    assert told.is_open


def test_a_slot_that_does_not_apply_by_itself_takes_as_many_people_as_an_obligation_asks() -> None:
    def only_in_banks(document: Any, move: Any) -> None:
        for slots in move["sign_offs"].values():
            slots[0]["when"] = "model.name == 'somebody else'"

    policy = policy_with(only_in_banks)
    first = policy.transition(PRODUCTION).sign_offs[1][0].role
    named = frozenset({PRODUCTION})
    two = Obligation("obl_1", Kind.SIGN_OFF, "Two sign", named, role=first, count=2)

    told = judgment.judge(
        policy, PRODUCTION, open_facts(), (*BOTH, given(first, "usr_9")), obligations=[two]
    )

    [slot] = [one for one in told.slots if one.rule.role == first]
    assert slot.rule.count == 2
