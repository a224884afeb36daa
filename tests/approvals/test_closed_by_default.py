"""What is missing never opens a gate, and what was judged can be recorded."""

from collections.abc import Iterator
from typing import Any

from hypothesis import given as generated
from hypothesis import settings
from hypothesis import strategies as st

from apps.approvals.readiness import GivenSignOff
from apps.core.digests import canonical, digest_of_bytes
from tests.approvals.facts import (
    DEVELOPER,
    DIGEST,
    OFFICER,
    OWNER,
    VALIDATOR,
    any_facts,
    given,
    open_facts,
    without,
)
from tests.approvals.gates import POLICY, PRODUCTION, judge, policy_with


def test_j4_the_summary_names_the_policy_it_was_judged_under_and_can_be_recorded() -> None:
    summary = judge().summary()

    assert summary["policy"] == "starter 1.0.0"
    assert summary["policy_digest"] == POLICY.digest
    assert summary["transition"] == PRODUCTION
    assert summary["is_open"] is True
    assert summary["conditions"] == {"passed": [part.id for part in POLICY.conditions[:7]]}
    assert {"name": "version.digest", "value": DIGEST} in _inputs(summary)
    assert canonical({"readiness": summary})


def _inputs(summary: dict[str, object]) -> list[object]:
    inputs = summary["inputs"]
    assert isinstance(inputs, list)
    return inputs


def test_the_summary_keeps_no_free_text_and_no_decimals() -> None:
    def change(document: Any, gate: Any) -> None:
        for tier in document["tiers"]:
            tier["settings"] |= {"share": 0.5, "due": {"high": 60}}
        document["conditions"][0]["expr"] = (
            "settings.share > 0.1 && settings.due.high == 60 && size(sign_offs) >= 0 "
            "&& now > timestamp('2020-01-01T00:00:00Z') && size(version.contributors) > 0"
        )

    readiness = judge(policy=policy_with(change))
    kept = {entry["name"]: entry["value"] for entry in readiness.summary()["inputs"]}  # type: ignore[attr-defined]

    assert readiness.is_open
    assert kept["model.intended_use"] == digest_of_bytes(b"Rank cases for human review.")
    assert kept["settings.share"] == "0.5"
    assert kept["settings.due"] == "1 items"
    assert kept["sign_offs"] == "2 items"
    assert kept["version.contributors"] == [DEVELOPER]
    assert kept["now"] == "2026-11-23T12:00:00.000000Z"
    assert canonical(readiness.summary())


@settings(max_examples=60, deadline=None)
@generated(facts=any_facts())
def test_every_judgment_can_be_recorded_and_is_open_exactly_when_nothing_is_closed(
    facts: dict[str, Any],
) -> None:
    for transition in POLICY.transitions:
        readiness = judge(facts, transition=transition.id)

        assert canonical(readiness.summary())
        assert readiness.is_open == (readiness.closed == ())


def _removals(facts: dict[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in facts.items():
        yield (*before, name)
        if isinstance(value, dict):
            yield from _removals(value, (*before, name))


_READ_AT_THE_PRODUCTION_GATE = {
    path
    for asked in POLICY.transition(PRODUCTION).conditions
    for path, _ in asked.condition.expression.reads
}


def test_removing_any_fact_the_gate_reads_closes_it_and_says_which() -> None:
    for path in _removals(open_facts()):
        readiness = judge(without(open_facts(), path))
        name = ".".join(path)
        is_read = any(f"{read}.".startswith(f"{name}.") for read in _READ_AT_THE_PRODUCTION_GATE)

        assert readiness.is_open is not is_read, name
        assert all("is missing." in closed.reason for closed in readiness.closed)


_SIGNED = st.lists(
    st.builds(
        given,
        st.sampled_from(["validator", "risk_officer", "model_owner"]),
        st.sampled_from([OWNER, VALIDATOR, OFFICER, ""]),
        st.sampled_from(["approve", "approve", "decline"]),
        valid=st.booleans(),
    ),
    max_size=6,
)


@settings(max_examples=200, deadline=None)
@generated(facts=any_facts() | st.just(open_facts()), sign_offs=_SIGNED, data=st.data())
def test_removing_any_fact_or_yes_never_opens_a_gate(
    facts: dict[str, Any], sign_offs: list[GivenSignOff], data: st.DataObject
) -> None:
    transition = data.draw(st.sampled_from([part.id for part in POLICY.transitions]))
    before = judge(facts, tuple(sign_offs), transition=transition)
    fewer = without(facts, data.draw(st.sampled_from(list(_removals(facts)))))
    less_signed = list(sign_offs)  # a no stays: it is what keeps a gate shut, and is append-only
    if said := [number for number, one in enumerate(sign_offs) if one.is_yes]:
        less_signed.pop(data.draw(st.sampled_from(said)))

    for facts_left, sign_offs_left in ((fewer, sign_offs), (facts, less_signed)):
        after = judge(facts_left, tuple(sign_offs_left), transition=transition)
        assert before.is_open or not after.is_open
        assert before.may_ask_for_sign_offs or not after.may_ask_for_sign_offs


def test_a_gate_without_facts_and_sign_offs_is_closed() -> None:
    for transition in POLICY.transitions:
        assert not judge({}, (), transition=transition.id).may_ask_for_sign_offs
