"""A policy of another meaning came in force: what was assessed before it may have to be redone."""

from itertools import pairwise

from apps.approvals import policies
from apps.approvals.in_force import STARTER
from apps.approvals.models import PolicyVersion
from apps.risk.operations import assessment_aging
from apps.risk.questionnaires.numbers import is_major

TRIGGER = "policy_change"
"""How a questionnaire says that it is asked anew then."""


def outdate_by_policy() -> int:
    """Make stale what asks for it and was approved before the last great change of policy.

    A policy with another id is one, and a step of the first number; others change too little.
    """
    newest = _last_changed()
    if newest is None or newest.published_at is None:
        return 0
    return assessment_aging.make_stale_of_before(
        newest.published_at, TRIGGER, why=f"The policy {newest} came in force."
    )


def _last_changed() -> PolicyVersion | None:
    starter = policies.shipped(STARTER)
    before = PolicyVersion(policy_id=starter.id, number=starter.version)
    published = PolicyVersion.objects.exclude(published_at=None).defer("text")
    in_turn = [before, *published.order_by("published_at", "pk")]
    changed = [
        new
        for old, new in pairwise(in_turn)
        if new.policy_id != old.policy_id or is_major(old.number, new.number)
    ]
    return changed[-1] if changed else None
