"""What the policy in force says to the judgment below it (``risk.policy_says``)."""

from apps.approvals import in_force
from apps.approvals.policies import Policy
from apps.risk.policy_says import AtTier, PolicySays, SignatureRules


def says() -> PolicySays:
    """Return what the policy in force says to judgment, in one query."""
    return of(in_force.policy())


def of(policy: Policy) -> PolicySays:
    """Return what a policy says to judgment."""
    tiers = {one.number: AtTier(one.number, one.title, one.settings) for one in policy.tiers}
    rules = policy.signature
    return PolicySays(
        name=str(policy),
        digest=policy.digest,
        tiers=tiers,
        signature=SignatureRules(rules.factors_required, rules.reason_required),
        transitions={one.id: one.title for one in policy.transitions},
        roles={one.id: one.title for one in policy.roles},
        evidence_types={one.id: one.title for one in policy.evidence_types},
        conditions={one.id: one.title for one in policy.conditions},
        rules={one.id: one.title for one in policy.continuous_rules},
    )
