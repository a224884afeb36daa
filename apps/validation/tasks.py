"""Celery shells. The database says what is to be done; a message only rings the bell."""

import logging
from collections.abc import Mapping

from celery import Task, shared_task
from kombu.exceptions import OperationalError

from apps.core.clock import database_now
from apps.validation import checks, queries, runner, scrub
from apps.validation.checks.contract import Weight

logger = logging.getLogger(__name__)

LONGEST = 60 * 60
"""Seconds a check may take before it is stopped and concluded as errored."""

A_MINUTE = 60
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
    ring(queries.unclaimed(database_now()))


@shared_task(name="validation.take_back_stalled", expires=SWEEP)
def take_back_stalled() -> None:
    """Take runs back from workers that were lost, and ring for them."""
    ring(runner.take_back_stalled(database_now()))


@shared_task(name="validation.expire_awaited", expires=SWEEP)
def expire_awaited() -> None:
    """Conclude what nobody posted a result for in time."""
    runner.expire_awaited(database_now())


@shared_task(name="validation.scrub", expires=A_MINUTE)
def look_at_the_store() -> None:
    """Read stored files again, those looked at longest ago first."""
    scrub.run()


def ring(waiting: Mapping[int, str]) -> None:
    """Tell workers that runs wait, by their ids, each with the name of its check.

    With the broker away they wait for the next sweep.
    """
    try:
        for run_id, check_name in waiting.items():
            run_check.apply_async((run_id,), queue=queue_of(check_name), retry=False)
    except OperationalError as trouble:
        logger.warning("The broker did not answer, so %s checks wait: %s", len(waiting), trouble)


def queue_of(check_name: str) -> str:
    """Return the queue a check goes to, which bears the name of its weight."""
    check = checks.named_or_none(check_name)
    return (check.weight if check else Weight.LIGHT).value
