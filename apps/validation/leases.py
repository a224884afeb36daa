"""A claimed run's lease: renewed while its worker lives, so that a lost worker is noticed."""

import time

from django.conf import settings

from apps.core import heartbeats
from apps.core.clock import database_now
from apps.core.errors import RuleBroken
from apps.validation.models import CheckLease, CheckRun

SECONDS_BETWEEN_STEPS = 0.5
MOST_STEP = CheckLease._meta.get_field("step").max_length or 0


class LeaseLost(RuleBroken):
    """The run was taken back from this worker, so going on would be in vain."""

    code = "lease_lost"


def grant(run: CheckRun) -> None:
    """Give the lease of a run to the attempt that has just claimed it."""
    CheckLease.objects.update_or_create(
        run=run,
        defaults={
            "attempt": run.attempt,
            "until": database_now() + settings.CHECK_LEASE,
            "step": "",
        },
    )


def renew(run_id: int, attempt: int, **step: str) -> bool:
    """Extend an attempt's lease; say whether it still held one."""
    held = CheckLease.objects.filter(run=run_id, attempt=attempt)
    return bool(held.update(until=database_now() + settings.CHECK_LEASE, **step))


class Heartbeat(heartbeats.Heartbeat):
    """Renews the lease of a run for as long as its block lasts, and says how far the check is."""

    def __init__(self, run_id: int, attempt: int) -> None:
        super().__init__(
            lambda: renew(run_id, attempt), lasts=settings.CHECK_LEASE, name=f"check run {run_id}"
        )
        self.run_id, self.attempt = run_id, attempt
        self._said_at = float("-inf")

    def progress(self, step: str) -> None:
        """Say what is being looked at; a page shows it. Called often, it writes twice a second.

        Raises:
            LeaseLost: when the run was taken back meanwhile.
        """
        if time.monotonic() - self._said_at >= SECONDS_BETWEEN_STEPS:
            self._said_at = time.monotonic()
            self.beat(lambda: renew(self.run_id, self.attempt, step=step[:MOST_STEP]))
        if self.is_lost:
            raise LeaseLost(f"Attempt {self.attempt} lost its lease.")
