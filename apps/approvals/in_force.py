"""The policy in force: the one published last, and until one is, the one that is shipped."""

from datetime import datetime
from functools import lru_cache

from django.db.models import QuerySet

from apps.approvals import policies
from apps.approvals.models import PolicyVersion
from apps.approvals.policies import Policy
from apps.core.errors import RuleBroken

STARTER = "starter"


def policy() -> Policy:
    """Return the policy every gate is judged by now, in one query."""
    return _newest(PolicyVersion.objects.filter(state=PolicyVersion.State.PUBLISHED))


def policy_at(at: datetime) -> Policy:
    """Return the policy that was in force at a moment."""
    return _newest(PolicyVersion.objects.filter(published_at__lte=at))


def _newest(published: QuerySet[PolicyVersion, PolicyVersion]) -> Policy:
    newest = published.order_by("-published_at", "-pk").values_list("pk", "digest").first()
    return policies.shipped(STARTER) if newest is None else _published(*newest)


@lru_cache(maxsize=32)
def _published(key: int, digest: str) -> Policy:
    """Return a published policy, which never changes; the digest tells it from any other."""
    policy = policies.parsed(PolicyVersion.objects.values_list("text", flat=True).get(pk=key))
    if policy.digest != digest:
        raise RuleBroken(f"The stored text of {policy} is not the one that was signed.")
    return policy
