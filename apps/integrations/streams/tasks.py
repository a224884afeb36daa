"""Celery shells. The database says what is to be given; a message only rings the bell."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from apps.core.clock import database_now
from apps.integrations.streams import running, targets

logger = logging.getLogger(__name__)

SWEEP = 5
"""Seconds after which a sweep that nobody carried out is dropped, since the next one is due."""


@shared_task(name="integrations.follow_streams", expires=SWEEP)
def follow_streams() -> None:
    """Ring for every stream that has entries to give: each is a task, so none waits for another."""
    try:
        for name in running.with_work(database_now()):
            stream.apply_async((name,), retry=False)
    except OperationalError as trouble:
        logger.warning("The broker did not answer, so streams wait: %s", trouble)


@shared_task(name="integrations.stream", expires=SWEEP * 12)
def stream(name: str) -> None:
    """Give a stream's place what waits for it."""
    found = targets.named_or_none(name)
    if found is not None:
        running.give_waiting(found)
