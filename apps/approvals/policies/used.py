"""Which settings of a policy something reads: its expressions, its numbers, or Signet itself."""

from collections.abc import Iterator

from apps.approvals.policies.parts import Amount, Policy
from apps.core.expressions import Expression

READ_BY_SIGNET = frozenset(
    {"approval_valid_days", "authorization_valid_days", "conditional_approval_max_days"}
)


def settings_used(policy: Policy) -> frozenset[str]:
    """Return the names of the settings that change something."""
    paths = (path for one in _expressions(policy) for path, _ in one.reads)
    read = {path.removeprefix("settings.") for path in paths if path.startswith("settings.")}
    amounts = {amount.setting for amount in _amounts(policy)}
    steps = {step.setting for move in policy.transitions for step in move.follows}
    return READ_BY_SIGNET | read | amounts | steps


def _expressions(policy: Policy) -> Iterator[Expression]:
    yield from (one.expression for one in policy.conditions)
    yield from (one.expression for one in policy.duties)
    yield from (one.when for one in policy.continuous_rules)
    for move in policy.transitions:
        slots = (slot for at_tier in move.sign_offs.values() for slot in at_tier)
        cases = [*(one.when for one in move.conditions), *(slot.when for slot in slots)]
        yield from (when for when in cases if when is not None)


def _amounts(policy: Policy) -> Iterator[Amount]:
    if policy.waivers is not None:
        yield from (policy.waivers.max_days, policy.waivers.max_renewals)
    yield from (move.emergency.ratify_within_hours for move in policy.transitions if move.emergency)
