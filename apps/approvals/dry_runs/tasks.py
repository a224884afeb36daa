"""Celery shells. The database says what is to be done; a message only rings the bell."""

import logging
from collections.abc import Iterable

from celery import shared_task
from kombu.exceptions import OperationalError

from apps.approvals.dry_runs import runner
from apps.core.clock import database_now

logger = logging.getLogger(__name__)

SWEEP = 5
"""Seconds after which a sweep that nobody carried out is dropped, since the next one is due."""


@shared_task(name="approvals.carry_out_dry_run")
def carry_out_dry_run(run_id: int) -> None:
    """Find out what a policy would change."""
    runner.carry_out(run_id)


@shared_task(name="approvals.send_dry_runs", expires=SWEEP)
def send_dry_runs() -> None:
    """Ring again for dry runs nobody claimed, or whose worker was lost."""
    ring(runner.waiting(database_now()))


def ring(waiting: Iterable[int]) -> None:
    """Tell a worker that dry runs wait; with the broker away they wait for the next sweep."""
    try:
        for run_id in waiting:
            carry_out_dry_run.apply_async((run_id,), retry=False)
    except OperationalError as trouble:
        logger.warning("The broker did not answer, so a dry run waits: %s", trouble)
