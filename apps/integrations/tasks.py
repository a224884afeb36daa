"""Celery shells. The database says what is to be sent; a message only rings the bell."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from apps.core.clock import database_now
from apps.integrations import following, queries, runner

logger = logging.getLogger(__name__)

SWEEP = 5
"""Seconds after which a sweep that nobody carried out is dropped, since the next one is due."""


@shared_task(name="integrations.follow_record", expires=SWEEP)
def follow_record() -> None:
    """Make the deliveries of what happened, and ring for every webhook that has some due."""
    following.follow(database_now())
    ring(*queries.webhooks_with_work(database_now()))


@shared_task(name="integrations.deliver", expires=SWEEP * 12)
def deliver(webhook_id: int) -> None:
    """Send what is due to one webhook."""
    runner.deliver_waiting(webhook_id)


def ring(*webhook_ids: int) -> None:
    """Tell workers that webhooks have deliveries due; with the broker away the next sweep does."""
    try:
        for webhook_id in webhook_ids:
            deliver.apply_async((webhook_id,), retry=False)
    except OperationalError as trouble:
        logger.warning("The broker did not answer, so deliveries wait: %s", trouble)
