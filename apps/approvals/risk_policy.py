"""What the policy in force says to the judgment below it (``risk.policy_says``)."""

from functools import partial

from apps.accounts import queries as accounts
from apps.accounts.models import User
from apps.accounts.roles import role_named
from apps.approvals import in_force, judgment
from apps.approvals.facts import people, requested
from apps.approvals.policies import Policy, SlotRule
from apps.risk.policy_says import AtTier, PolicySays, SignatureRules, Signer


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
        refusals=partial(_refusals, policy),
    )


def _refusals(policy: Policy, signer: Signer) -> tuple[str, ...]:
    """Say which duties keep somebody from signing what no transition asks for.

    Whoever brought it up has asked for it, and nobody else signs.
    """
    person = User.objects.get(pk=signer.user_id)
    facts = {
        "actor": people.of_signer(person, signer.roles, accounts.managers_of([person.pk])),
        "transition": {**requested.NOT_ASKED, "requested_by": signer.asked_by},
        "version": {"contributors": list(signer.contributors)},
        "sign_offs": [],
    }
    slot = SlotRule(signer.role, role_named(signer.role).title, 1, "approval", None, is_added=True)
    return judgment.refusals_of(policy, signer.tier or judgment.STRICTEST_TIER, facts, slot)
