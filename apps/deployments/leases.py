"""A claimed rollout's lease: renewed while its worker lives, so that a lost worker is noticed."""

from django.conf import settings

from apps.core import heartbeats
from apps.core.clock import database_now
from apps.deployments.models import Rollout, RolloutLease


def grant(rollout: Rollout) -> None:
    """Give the lease of a rollout to the attempt that has just claimed it."""
    until = database_now() + settings.ROLLOUT_LEASE
    RolloutLease.objects.update_or_create(
        rollout=rollout, defaults={"attempt": rollout.attempt, "until": until}
    )


def renew(rollout_id: int, attempt: int) -> bool:
    """Extend an attempt's lease; say whether it still held one."""
    held = RolloutLease.objects.filter(rollout=rollout_id, attempt=attempt)
    return bool(held.update(until=database_now() + settings.ROLLOUT_LEASE))


def end(rollout: Rollout) -> None:
    """Let go of a rollout's lease, whoever held it."""
    RolloutLease.objects.filter(rollout=rollout).delete()


class Heartbeat(heartbeats.Heartbeat):
    """Renews the lease of a rollout for as long as its block lasts.

    What a deployer began cannot be called back, so a lost lease ends the beating alone: the fence
    keeps what the worker has to say of it, and the order's number what a place makes of it.
    """

    def __init__(self, rollout_id: int, attempt: int) -> None:
        super().__init__(
            lambda: renew(rollout_id, attempt),
            lasts=settings.ROLLOUT_LEASE,
            name=f"rollout {rollout_id}",
        )
