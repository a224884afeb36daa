"""Celery shells of campaigns. The database says what is to be done; a message rings the bell."""

import logging
from collections.abc import Iterable

from celery import shared_task
from kombu.exceptions import OperationalError

from apps.core.clock import database_now
from apps.risk.campaigns import runner
from apps.risk.operations import escalating

logger = logging.getLogger(__name__)

SWEEP, TEN_MINUTES = 5, 600
"""Seconds after which a sweep that nobody carried out is dropped, since the next one is due."""


@shared_task(name="risk.carry_out_campaign")
def carry_out_campaign(campaign_id: int) -> None:
    """Ask the owners of a campaign, or keep how its models stand after it."""
    runner.carry_out(campaign_id)


@shared_task(name="risk.send_campaigns", expires=SWEEP)
def send_campaigns() -> None:
    """Ring again for campaigns nobody is at, or whose worker was lost."""
    ring(runner.waiting(database_now()))


@shared_task(name="risk.escalate_entries", expires=TEN_MINUTES)
def escalate_entries() -> None:
    """Escalate what owners did not answer until the day of their campaign."""
    escalating.escalate_entries(database_now())


def ring(waiting: Iterable[int]) -> None:
    """Tell a worker that campaigns wait; with the broker away they wait for the next sweep."""
    try:
        for campaign_id in waiting:
            carry_out_campaign.apply_async((campaign_id,), retry=False)
    except OperationalError as trouble:
        logger.warning("The broker did not answer, so a campaign waits: %s", trouble)
