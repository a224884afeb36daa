"""Policies: a proposed one is told to who may sign it, in a role whose signature is missing."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from apps.accounts import queries as accounts
from apps.accounts.actors import actor_for
from apps.approvals.models import PolicyVersion
from apps.approvals.policy_standing import SIGNING_ROLES, why_not_sign
from apps.audit.models import AuditEvent
from apps.core.actors import Door
from apps.integrations.notices.due import Due
from apps.integrations.notices.kinds import POLICY
from apps.integrations.notices.sources.decisions import row_id


def proposed(event: AuditEvent) -> Iterator[Due]:
    """Tell at once who may sign what was proposed just now."""
    yield from _to_sign(PolicyVersion.objects.filter(pk=row_id(event.subject_id)))


def all_waiting(at: datetime) -> Iterator[Due]:
    """Say which policy waits for whose signature, also for who came to the role since."""
    yield from _to_sign(PolicyVersion.objects.filter(proposed_at__lte=at))


def _to_sign(found: QuerySet[PolicyVersion]) -> Iterator[Due]:
    waiting = found.filter(state=PolicyVersion.State.PROPOSED)
    for one in waiting.select_related("author", "based_on").prefetch_related("sign_offs"):
        yield Due(
            _signers(one),
            f"policy:{one.record_id}:sign",
            POLICY,
            f"The policy “{one}” waits for your signature",
            f"{one.author} wrote it. What is looser than the policy in force, its dry run and its "
            "text are on its page.",
            one.get_absolute_url(),
        )


def _signers(proposed: PolicyVersion) -> set[int]:
    return {
        person.pk
        for role in SIGNING_ROLES
        for person in accounts.holders_everywhere(role)
        if not why_not_sign(proposed, role, actor_for(person, door=Door.WORKER))
    }
