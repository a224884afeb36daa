"""Celery shells of what judgment does by itself. Each may come twice, or at two workers at once."""

from celery import shared_task

from apps.core.clock import database_now
from apps.risk import noticing
from apps.risk.operations import assessment_aging, risk_acceptances, tier_ends

A_MINUTE, AN_HOUR = 60, 3600
"""Seconds after which a sweep that nobody carried out is dropped, since the next one is due."""


@shared_task(name="risk.notice_findings", expires=A_MINUTE)
def notice_findings() -> None:
    """Raise findings for breaches nobody answered for, and for failed checks in use."""
    noticing.notice_findings()


@shared_task(name="risk.end_acceptances", expires=AN_HOUR)
def end_acceptances() -> None:
    """Open the findings again whose accepted risk is over."""
    risk_acceptances.end_acceptances(database_now())


@shared_task(name="risk.end_tier_overrides", expires=AN_HOUR)
def end_tier_overrides() -> None:
    """End the tiers signed instead of an assessed one whose last day is over."""
    tier_ends.end_tier_overrides(database_now())


@shared_task(name="risk.make_outdated_stale", expires=AN_HOUR)
def make_outdated_stale() -> None:
    """Make stale what was assessed by a questionnaire that a major version replaced."""
    assessment_aging.make_outdated_stale()


@shared_task(name="risk.make_overtaken_stale", expires=AN_HOUR)
def make_overtaken_stale() -> None:
    """Make stale what something recorded since asks to assess anew."""
    assessment_aging.make_overtaken_stale()
