"""Validations and reviews a policy schedules: so many months after a version was authorized."""

from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from apps.approvals.models import ROLLBACK, Authorization
from apps.approvals.policies import Policy
from apps.approvals.policies.following import PERIODIC_REVIEW, REVALIDATION, STEPS
from apps.catalog.lifecycle import Stage
from apps.core.months import in_months

SCHEDULED = {REVALIDATION: "revalidation", PERIODIC_REVIEW: "periodic review"}
"""What is scheduled, in words, by the word of the policy."""

_SLACK = timedelta(days=3)
"""By how much the days of months differ, so that none is left out."""


def falling_due(policy: Policy, step: str, first: date, last: date) -> QuerySet[Authorization]:
    """Return the authorizations after which something falls due about these days.

    It may hold some of a few days before and after, so ``due_day`` is asked of each.
    """
    moves = [one.id for one in policy.transitions if step in one.on_success]
    if not moves:
        return Authorization.objects.none()
    granted = Q(pk__in=())
    for tier in policy.tiers:
        if months := _months(policy, tier.number, step):
            since, until = in_months(first, -months) - _SLACK, in_months(last, -months) + _SLACK
            granted |= Q(
                tier=tier.number, granted_at__gte=_start(since), granted_at__lt=_start(until)
            )
    by_move = Q(request__transition__in=moves)
    if ROLLBACK in moves:
        by_move |= Q(request=None)
    standing = Authorization.objects.filter(
        granted, by_move, state=Authorization.State.VALID, version__stage=Stage.PRODUCTION
    )
    return standing.select_related("request", "version__model__owner").order_by("granted_at", "pk")


def due_day(granted: Authorization, policy: Policy, step: str) -> date | None:
    """Return the day something falls due after an authorization, if a policy schedules it."""
    move = policy.transition_or_none(granted.request.transition if granted.request else ROLLBACK)
    months = _months(policy, granted.tier, step)
    if move is None or step not in move.on_success or not months:
        return None
    return in_months(granted.granted_at.date(), months)


def _months(policy: Policy, tier: int, step: str) -> int:
    return int(str(policy.tier(tier).settings.get(STEPS[step].setting, 0)))


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
