"""A claimed rollout's lease: renewed while its worker lives, so that a lost worker is noticed."""

import logging
import threading
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from apps.core.clock import database_now
from apps.deployments.models import Rollout, RolloutLease

logger = logging.getLogger(__name__)

BEATS_PER_LEASE = 3


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


class Heartbeat:
    """Renews a lease for as long as its block lasts, from a thread with its own connection.

    What a deployer began cannot be called back, so a lost lease ends the beating alone: the fence
    keeps what the worker has to say of it, and the order's number what a place makes of it.
    """

    def __init__(self, rollout_id: int, attempt: int) -> None:
        self.rollout_id, self.attempt = rollout_id, attempt
        self._ended = threading.Event()
        self._thread = threading.Thread(
            target=self._beat, name=f"heartbeat-rollout-{rollout_id}", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        interval = settings.ROLLOUT_LEASE.total_seconds() / BEATS_PER_LEASE
        try:
            while not self._ended.wait(interval) and self._is_renewed():
                pass
        finally:
            connection.close()

    def _is_renewed(self) -> bool:
        try:
            return renew(self.rollout_id, self.attempt)
        except (DatabaseError, InterfaceError) as trouble:
            # The next beat tries again; if none gets through, the rollout is taken back.
            logger.warning("The lease of rollout %s was not renewed: %s", self.rollout_id, trouble)
            connection.close_if_unusable_or_obsolete()  # a broken one would fail every beat
            return True
