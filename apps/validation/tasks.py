"""Celery shells. The database says what is to be done; a message only rings the bell."""

import logging

from celery import Task, shared_task
from kombu.exceptions import OperationalError

from apps.core.clock import database_now
from apps.validation import queries, runner

logger = logging.getLogger(__name__)

LONGEST = 60 * 60
"""Seconds a check may take before it is stopped and concluded as errored."""

SWEEP = 5
"""Seconds after which a sweep that nobody carried out is dropped, since the next one is due."""


@shared_task(
    name="validation.run_check", bind=True, soft_time_limit=LONGEST, time_limit=LONGEST + 60
)
def run_check(task: Task, run_id: int) -> None:
    """Carry out one check run."""
    runner.execute(run_id, worker=task.request.hostname or "")


@shared_task(name="validation.send_unclaimed", expires=SWEEP)
def send_unclaimed() -> None:
    """Ring again for runs nobody claimed."""
    ring(*queries.unclaimed(database_now()))


@shared_task(name="validation.take_back_stalled", expires=SWEEP)
def take_back_stalled() -> None:
    """Take runs back from workers that were lost, and ring for them."""
    ring(*runner.take_back_stalled(database_now()))


def ring(*run_ids: int) -> None:
    """Tell workers that runs wait; with the broker away they wait for the next sweep."""
    try:
        for run_id in run_ids:
            run_check.apply_async((run_id,), retry=False)
    except OperationalError as trouble:
        logger.warning("The broker did not answer, so %s checks wait: %s", len(run_ids), trouble)
