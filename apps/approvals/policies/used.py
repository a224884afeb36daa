"""Which settings of a policy something reads: its expressions, its numbers, or Signet itself."""

from collections.abc import Iterator

from apps.approvals.policies.parts import Amount, Policy
from apps.risk import policy_says, schedules

READ_BY_SIGNET = frozenset(
    {
        "approval_valid_days",
        "authorization_valid_days",
        "conditional_approval_max_days",
        policy_says.ACCEPTED_DAYS,
    }
)
READ_BY_JUDGMENT = frozenset({policy_says.DUE_DAYS, *schedules.SETTINGS.values()})
"""Settings of any kind that findings and reviews go by, where a policy has them."""


def settings_used(policy: Policy) -> frozenset[str]:
    """Return the names of the settings that change something."""
    paths = (path for one in policy.expressions for path, _ in one.reads)
    read = {path.removeprefix("settings.") for path in paths if path.startswith("settings.")}
    amounts = {amount.setting for amount in _amounts(policy)}
    steps = {step.setting for move in policy.transitions for step in move.follows}
    return READ_BY_SIGNET | READ_BY_JUDGMENT | read | amounts | steps


def _amounts(policy: Policy) -> Iterator[Amount]:
    if policy.waivers is not None:
        yield from (policy.waivers.max_days, policy.waivers.max_renewals)
    yield from (move.emergency.ratify_within_hours for move in policy.transitions if move.emergency)
