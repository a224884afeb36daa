"""Emergencies that wait to be confirmed: told at once, and again before the time is over."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.db.models import QuerySet

from apps.approvals.models import Emergency
from apps.audit.models import AuditEvent
from apps.catalog import queries as catalog
from apps.core.formats import moment
from apps.integrations.notices.due import Due
from apps.integrations.notices.kinds import EMERGENCY, ESCALATION, TROUBLE
from apps.integrations.notices.sources.decisions import detail_of, row_id
from apps.integrations.notices.sources.people import all_in_charge, in_charge

LATE = timedelta(hours=6)
"""How long before an emergency ends unconfirmed everybody in charge is told."""


def all_open(at: datetime) -> Iterator[Due]:
    """Say which emergencies wait for whom."""
    yield from _told(Emergency.objects.all(), at)


def on_models(model_ids: Collection[int], at: datetime) -> Iterator[Due]:
    """Say which emergencies on some models wait for whom."""
    yield from _told(Emergency.objects.filter(authorization__version__model__in=model_ids), at)


def lapsed(event: AuditEvent) -> Iterator[Due]:
    """Tell who acted, those in charge and the committee that nobody confirmed an emergency."""
    known = Emergency.objects.select_related("authorization__version__model")
    found = known.get(pk=row_id(event.subject_id))
    version = found.authorization.version
    how = ", and the policy takes this to be a critical finding" if is_critical(event) else ""
    yield Due(
        all_in_charge(version.model) | {found.acted_by_id},
        f"emergency:{found.record_id}:lapsed",
        TROUBLE,
        f"The emergency rollback to {version} was not confirmed in time",
        f"What it authorized is suspended{how}. Somebody has to look back at it before another "
        "version is promoted.",
        found.get_absolute_url(),
        version.model_id,
    )


def is_critical(event: AuditEvent) -> bool:
    """Say whether the policy of its day took an emergency nobody confirmed to be critical."""
    return detail_of(event).get("severity") == "critical"


def _told(emergencies: QuerySet[Emergency], at: datetime) -> Iterator[Due]:
    waiting = emergencies.filter(state=Emergency.State.OPEN, ratify_until__gt=at)
    known = waiting.select_related("authorization__version__model", "acted_by")
    for found in known.prefetch_related("ratifications").order_by("pk"):
        yield from _of(found, at)


def _of(found: Emergency, at: datetime) -> Iterator[Due]:
    version = found.authorization.version
    model = version.model
    until = moment(found.ratify_until, "full")
    confirmed = {given.role for given in found.ratifications.all()}
    asked = {
        person.pk
        for role in found.roles
        if role not in confirmed
        for person in catalog.holders_of(role, model)
    }
    yield Due(
        asked - {found.acted_by_id},
        f"emergency:{found.record_id}",
        EMERGENCY,
        f"The emergency rollback to {version} waits for your confirmation",
        f"{found.acted_by} acted alone. It must be confirmed by {until}, or it ends by itself.",
        found.get_absolute_url(),
        model.pk,
    )
    if found.ratify_until - at <= LATE:
        yield Due(
            asked | in_charge(model),
            f"emergency:{found.record_id}:late",
            ESCALATION,
            f"The emergency rollback to {version} is not confirmed yet",
            f"It ends by itself at {until}, and blocks the next promotion of {model}.",
            found.get_absolute_url(),
            model.pk,
        )
