"""Celery shells. The database says what is to be told and mailed, and that it was."""

from celery import shared_task

from apps.core.clock import database_now
from apps.integrations.notices import following, sending

SWEEP = 10
"""Seconds after which a sweep that nobody carried out is dropped, since the next one is due."""


@shared_task(name="integrations.notice", expires=SWEEP)
def notice() -> None:
    """Tell people what happened."""
    following.follow(database_now())


@shared_task(name="integrations.remind", expires=SWEEP * 60)
def remind() -> None:
    """Tell people what falls due."""
    following.tell_what_is_due(database_now())


@shared_task(name="integrations.send_mail", expires=SWEEP)
def send_mail() -> None:
    """Send the mail that is due."""
    sending.send_waiting()
