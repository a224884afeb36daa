"""A version of the policy as it was, and which policy was in force at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from apps.approvals import in_force, policies
from apps.approvals.models import PolicySignOff, PolicyVersion
from apps.approvals.past.named import Names
from apps.approvals.policies import Policy
from apps.audit import past


@dataclass(frozen=True)
class PastPolicy:
    """One version of the policy at a moment, with its text then and who had signed it."""

    row: PolicyVersion
    policy: Policy
    signatures: Sequence[PolicySignOff]
    names: Names


def policy_at(version: PolicyVersion, at: datetime) -> PastPolicy | None:
    """Return a version of the policy as it was, or nothing when nobody had drafted it yet."""
    row = past.as_it_was(PolicyVersion, version.pk, at)
    if row is None:
        return None
    signatures = past.as_they_were(PolicySignOff, at, Q(policy_id=row.pk))
    return PastPolicy(row, policies.parsed(row.text), signatures, Names.of([row.author_id]))


@dataclass(frozen=True)
class InForce:
    """The policy every gate was judged by at a moment; without a row it came with Signet."""

    policy: Policy
    row: PolicyVersion | None


def in_force_at(at: datetime) -> InForce:
    """Return the policy in force at a moment."""
    found = past.as_they_were(PolicyVersion, at, such=Q(state=PolicyVersion.State.PUBLISHED))
    if not found:
        return InForce(policies.shipped(in_force.STARTER), None)
    return InForce(policies.parsed(found[-1].text), found[-1])
