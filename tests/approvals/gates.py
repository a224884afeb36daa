"""Gates to judge in tests: the built-in policy, or one with a change made to it."""

import json
from typing import Any

import yaml

from apps.approvals import judgment, policies, vocabulary
from apps.approvals.policies import Policy
from apps.approvals.readiness import GivenSignOff, Readiness
from tests.approvals.facts import (
    BOTH,
    open_facts,
)

POLICY = policies.shipped("starter")
PRODUCTION = "staging_to_production"
TEXT = (vocabulary.CONTENT / "starter.yaml").read_text(encoding="utf-8")


def judge(
    facts: dict[str, Any] | None = None,
    sign_offs: tuple[GivenSignOff, ...] = BOTH,
    *,
    policy: Policy = POLICY,
    transition: str = PRODUCTION,
    note: str = "",
) -> Readiness:
    known = open_facts() if facts is None else facts
    return judgment.judge(policy, transition, known, sign_offs, note=note)


def policy_with(change: Any) -> Policy:
    """Return the built-in policy with a change made to its production gate."""
    document = yaml.safe_load(TEXT)
    change(document, document["transitions"][1])
    return policies.parse(json.dumps(document))
