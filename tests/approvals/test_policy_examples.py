"""The situations the default policy was written for come out as it says they do."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from apps.approvals import judgment, policies, vocabulary
from apps.approvals.policies import Mode, Policy
from apps.approvals.readiness import Readiness, VerdictState
from apps.core import strict_yaml

EXAMPLES = sorted((Path(__file__).parent / "examples").glob("*.yaml"))


def read(path: Path) -> dict[str, Any]:
    document = strict_yaml.load(path.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


def told(example: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """Return every fact there is, as the context file has it, with what the example says else."""
    names = {"evidence_type": [kind.id for kind in policy.evidence_types]}
    facts = {root.name: defaults(root, names) for root in vocabulary.built_in().roots}
    for group, values in example["context"].items():
        facts[group] = overlaid(facts[group], values)
    today = datetime.fromisoformat(example["today"]).replace(tzinfo=UTC)
    mode = {"mode": example["mode"], "id": example["transition"]}
    return facts | {"now": today, "transition": facts["transition"] | mode}


def defaults(root: vocabulary.Root, names: Mapping[str, Sequence[str]]) -> Any:
    if root.field:
        return root.field.default
    values = {name: field.default for name, field in root.fields.items()}
    if not root.keyed_by:
        return values
    return {key: dict(values) for key in (*root.names, *names.get(root.keyed_by, ()))}


def overlaid(base: Any, over: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    return base | {key: overlaid(base.get(key), value) for key, value in over.items()}


def judged(example: Mapping[str, Any], policy: Policy) -> Readiness:
    mode = Mode(example["mode"])
    return judgment.judge(policy, example["transition"], told(example, policy), (), mode=mode)


def in_state(readiness: Readiness, state: VerdictState) -> list[str]:
    return sorted({verdict.condition for verdict in readiness.with_state(state)})


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_situation_comes_out_as_the_default_policy_says(path: Path) -> None:
    example, policy = read(path), policies.shipped("default")
    expected = example["expect"]
    readiness = judged(example, policy)

    found = {
        "effective_tier": readiness.tier,
        "allowed_to_request": readiness.is_unblocked,
        "blocked": in_state(readiness, VerdictState.BLOCKED),
        "warned": in_state(readiness, VerdictState.WARNED),
        "waived": in_state(readiness, VerdictState.WAIVED),
        "signer_roles": sorted(slot.rule.role for slot in readiness.slots),
        "distinct_approvers": readiness.distinct_needed,
        "floors": sorted(judgment.floors_in_effect(policy, told(example, policy))),
    }
    listed = {key: sorted(value) for key, value in expected.items() if isinstance(value, list)}
    assert found == {**expected, **listed}


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_each_person_of_a_situation_may_sign_or_is_refused_by_the_rules_it_names(
    path: Path,
) -> None:
    example, policy = read(path), policies.shipped("default")
    readiness, facts = judged(example, policy), told(example, policy)
    for case in example.get("signer_cases", ()):
        slot = next(one.rule for one in readiness.slots if one.rule.role == case["role"])
        signer = facts["actor"] | case["actor"]
        refused = judgment.refusals(
            policy, example["transition"], facts, signer, slot, mode=Mode(example["mode"])
        )
        rules = {rule.id: rule.refusal(slot) for rule in policy.duties}
        assert sorted(refused) == sorted(rules[name] for name in case["refused_by"]), case
