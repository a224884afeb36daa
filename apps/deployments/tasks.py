"""Celery shells. The database says what is to be done; a message only rings the bell."""

import logging
from collections.abc import Collection

from celery import Task, shared_task
from kombu.exceptions import OperationalError

from apps.core.clock import database_now
from apps.deployments import awaiting, pulling, runner, waiting

logger = logging.getLogger(__name__)

LONGEST = 10 * 60
"""Seconds a deployer may take before it is stopped, and the rollout tried again."""

SWEEP = 5
"""Seconds after which a sweep that nobody carried out is dropped, since the next one is due."""

A_MINUTE = 60
"""The same of a look at an environment."""


@shared_task(
    name="deployments.carry_out", bind=True, soft_time_limit=LONGEST, time_limit=LONGEST + 60
)
def carry_out(task: Task, rollout_id: int) -> None:
    """Carry out one rollout."""
    runner.execute(rollout_id, worker=task.request.hostname or "")


@shared_task(name="deployments.send_unclaimed", expires=SWEEP)
def send_unclaimed() -> None:
    """Ring again for rollouts nobody claimed, and for those to be tried again."""
    ring(waiting.unclaimed(database_now()))


@shared_task(name="deployments.take_back_stalled", expires=SWEEP)
def take_back_stalled() -> None:
    """Take rollouts back from workers that were lost, and ring for them."""
    ring(runner.take_back_stalled(database_now()))


@shared_task(name="deployments.confirm_awaited", expires=SWEEP)
def confirm_awaited() -> None:
    """Conclude what is seen to be carried out."""
    awaiting.confirm_awaited()


@shared_task(name="deployments.expire_awaited", expires=SWEEP)
def expire_awaited() -> None:
    """Give up what nobody saw carried out in time."""
    awaiting.expire_awaited(database_now())


@shared_task(name="deployments.look", expires=A_MINUTE)
def look() -> None:
    """Ring for a look at every environment that can be looked at."""
    for environment_id in pulling.to_look_at():
        look_at.apply_async((environment_id,), retry=False)


@shared_task(name="deployments.look_at", expires=A_MINUTE)
def look_at(environment_id: int) -> None:
    """Look what runs in one environment."""
    pulling.look_at(environment_id)


def ring(rollout_ids: Collection[int]) -> None:
    """Tell workers that rollouts wait; with the broker away they wait for the next sweep."""
    try:
        for rollout_id in rollout_ids:
            carry_out.apply_async((rollout_id,), retry=False)
    except OperationalError as trouble:
        logger.warning(
            "The broker did not answer, so %s rollouts wait: %s", len(rollout_ids), trouble
        )
