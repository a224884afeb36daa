"""Celery shells. The database says which versions wait for bytes; a message only rings the bell."""

import logging

from celery import shared_task
from kombu.exceptions import OperationalError

from apps.core.clock import database_now
from apps.integrations.mlflow_import import jobs, queries

logger = logging.getLogger(__name__)

SWEEP = 5
"""Seconds after which a sweep that nobody carried out is dropped, since the next one is due."""


@shared_task(name="integrations.import_new", expires=SWEEP)
def import_new() -> None:
    """Ring for versions registered lately whose bytes a configured server may have."""
    now = database_now()
    ring(*jobs.queue(now, since=now - queries.RECENT))


@shared_task(name="integrations.import_all", expires=SWEEP)
def import_all() -> None:
    """Ring for every version that waits for bytes, also those that were given up for a while."""
    now = database_now()
    jobs.look_again(now)
    ring(*jobs.queue(now, since=None, most=queries.MOST_MADE))


@shared_task(name="integrations.import_version", expires=SWEEP * 12)
def import_version(job_id: int) -> None:
    """Fetch the bytes of one version."""
    jobs.execute(job_id)


def ring(*job_ids: int) -> None:
    """Tell workers that versions wait; with the broker away the next sweep does."""
    try:
        for job_id in job_ids:
            import_version.apply_async((job_id,), retry=False)
    except OperationalError as trouble:
        logger.warning("The broker did not answer, so imports wait: %s", trouble)
