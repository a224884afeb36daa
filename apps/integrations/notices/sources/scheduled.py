"""Validations and reviews a policy schedules: told to those in charge before their day."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

from apps.approvals import in_force, schedules
from apps.catalog import queries as catalog
from apps.catalog.models import RegisteredModel
from apps.core.formats import calendar_day
from apps.integrations.notices.due import Due, days_before
from apps.integrations.notices.kinds import REMINDER
from apps.integrations.notices.sources.people import in_charge

WITHIN = (7, 30)


def ahead(at: datetime) -> Iterator[Due]:
    """Say what falls due soon by what the policy in force schedules."""
    policy, last = in_force.policy(), at.date() + timedelta(days=max(WITHIN))
    for step, what in schedules.SCHEDULED.items():
        for found in schedules.falling_due(policy, step, at.date(), last):
            day = schedules.due_day(found, policy, step)
            end = datetime.combine(day or at.date(), time.min, UTC) + timedelta(days=1)
            span = days_before(end, at, WITHIN)
            if day is None or span is None:
                continue
            version = found.version
            yield Due(
                in_charge(version.model) | _validators(version.model),
                f"scheduled:{found.record_id}:{step}:{span}",
                REMINDER,
                f"The {what} of {version} is due on {calendar_day(day)}",
                "The policy schedules it from the day production was authorized.",
                version.get_absolute_url(),
                version.model_id,
            )


def _validators(model: RegisteredModel) -> set[int]:
    return {person.pk for person in catalog.holders_of("validator", model)}
