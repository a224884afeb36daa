"""Celery shells. The database says what is to be made; a message only rings the bell."""

import logging
from collections.abc import Iterable

from celery import shared_task
from kombu.exceptions import OperationalError

from apps.approvals.packs import runner
from apps.core.clock import database_now

logger = logging.getLogger(__name__)

SWEEP = 5
"""Seconds after which a sweep that nobody carried out is dropped, since the next one is due."""
AN_HOUR = 3600


@shared_task(name="approvals.make_pack", acks_late=True)
def make_pack(pack_id: int) -> None:
    """Make an evidence pack."""
    runner.make_pack(pack_id)


@shared_task(name="approvals.send_packs", expires=SWEEP)
def send_packs() -> None:
    """Ring again for packs nobody claimed, or whose worker was lost."""
    ring(runner.waiting(database_now()))


@shared_task(name="approvals.clear_packs", expires=AN_HOUR)
def clear_packs() -> None:
    """Let go of the files of packs whose days are over."""
    runner.clear_expired(database_now())


def ring(waiting: Iterable[int]) -> None:
    """Tell a worker that packs wait; with the broker away they wait for the next sweep."""
    try:
        for pack_id in waiting:
            make_pack.apply_async((pack_id,), retry=False)
    except OperationalError as trouble:
        logger.warning("The broker did not answer, so a pack waits: %s", trouble)
