"""A claimed run's lease: renewed while its worker lives, so that a lost worker is noticed."""

import logging
import threading
import time
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from apps.core.clock import database_now
from apps.core.errors import RuleBroken
from apps.validation.models import CheckLease, CheckRun

logger = logging.getLogger(__name__)

BEATS_PER_LEASE = 3
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


class Heartbeat:
    """Renews a lease for as long as its block lasts, from a thread with its own connection."""

    def __init__(self, run_id: int, attempt: int) -> None:
        self.run_id, self.attempt = run_id, attempt
        self._ended, self._lost = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{run_id}", daemon=True)
        self._said_at = float("-inf")

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

    def progress(self, step: str) -> None:
        """Say what is being looked at; a page shows it. Called often, it writes twice a second.

        Raises:
            LeaseLost: when the run was taken back meanwhile.
        """
        if time.monotonic() - self._said_at >= SECONDS_BETWEEN_STEPS:
            self._said_at = time.monotonic()
            self._renew(step=step[:MOST_STEP])
        if self._lost.is_set():
            raise LeaseLost(f"Attempt {self.attempt} lost its lease.")

    def _beat(self) -> None:
        interval = settings.CHECK_LEASE.total_seconds() / BEATS_PER_LEASE
        try:
            while not self._lost.is_set() and not self._ended.wait(interval):
                self._renew()
        finally:
            connection.close()

    def _renew(self, **step: str) -> None:
        try:
            if not renew(self.run_id, self.attempt, **step):
                self._lost.set()
        except (DatabaseError, InterfaceError) as trouble:
            # The next beat tries again; if none gets through, the run is taken back.
            logger.warning("The lease of check run %s was not renewed: %s", self.run_id, trouble)
            connection.close_if_unusable_or_obsolete()  # a broken one would fail every beat
