"""Celery shells of what happens by itself. Each may come twice, or at two workers at once."""

from celery import shared_task

from apps.approvals import operations
from apps.approvals.operations import policy_aging, redaction
from apps.approvals.serving import drills, noticing
from apps.core.clock import database_now

TEN_SECONDS, A_MINUTE, AN_HOUR = 10, 60, 3600
"""Seconds after which a sweep that nobody carried out is dropped, since the next one is due."""


@shared_task(name="approvals.carry_out", expires=A_MINUTE)
def carry_out() -> None:
    """Carry out what the policy lets happen by itself."""
    operations.carry_out_what_may(database_now())


@shared_task(name="approvals.lapse_emergencies", expires=A_MINUTE)
def lapse_emergencies() -> None:
    """End the emergencies nobody confirmed in time."""
    operations.lapse_emergencies(database_now())


@shared_task(name="approvals.end_authorizations", expires=A_MINUTE)
def end_authorizations() -> None:
    """End the authorizations whose time is over."""
    operations.end_authorizations(database_now())


@shared_task(name="approvals.end_waivers", expires=AN_HOUR)
def end_waivers() -> None:
    """End the waivers whose last day is over."""
    operations.end_waivers(database_now())


@shared_task(name="approvals.miss_conditions", expires=AN_HOUR)
def miss_conditions() -> None:
    """Note the conditions of sign-offs that were not met in time."""
    operations.miss_conditions(database_now())


@shared_task(name="approvals.lapse_requests", expires=AN_HOUR)
def lapse_requests() -> None:
    """Close the requests nobody went on with."""
    operations.lapse_requests(database_now())


@shared_task(name="approvals.watch_production", expires=AN_HOUR)
def watch_production() -> None:
    """Hold what is in production against the continuous rules in force."""
    operations.watch_production(database_now())


@shared_task(name="approvals.outdate_by_policy", expires=AN_HOUR)
def outdate_by_policy() -> None:
    """Make stale what was assessed before the last great change of policy."""
    policy_aging.outdate_by_policy()


@shared_task(name="approvals.carry_out_redactions", expires=AN_HOUR)
def carry_out_redactions() -> None:
    """Erase the words whose erasure two people decided."""
    redaction.carry_out_redactions()


@shared_task(name="approvals.notice_drift", expires=A_MINUTE)
def notice_drift() -> None:
    """Raise findings for what runs and is not to, or may not."""
    noticing.notice_drift()


@shared_task(name="approvals.carry_on_drills", expires=TEN_SECONDS)
def carry_on_drills() -> None:
    """Take rollback drills a step further whose rollout has ended."""
    drills.carry_on()
