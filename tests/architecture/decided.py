"""Decisions that stand behind a model of the matrix, written past every rule.

To walk the whole way to each takes long; the tests of decisions do.
"""

from datetime import timedelta

from django.db.models import Model, QuerySet

from apps.approvals.models import Authorization, Emergency, Retirement
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from tests import scenarios


def emergency(version: ModelVersion) -> Emergency:
    """Return what an operator did at once, which waits for its confirmation."""
    now = database_now()
    authorized = Authorization(
        version=version,
        content_digest=version.content_digest,
        policy_digest=version.content_digest,
        tier=1,
        granted_at=now,
        changed_at=now,
        valid_until=now + timedelta(hours=48),
    )
    _write(authorized)
    acted = Emergency(
        authorization=authorized,
        acted_by=scenarios.operator(),
        acted_at=now,
        reason="It answered nobody",
        ratify_until=now + timedelta(hours=48),
        roles=["model_owner", "risk_officer"],
    )
    _write(acted)
    return acted


def retirement(version: ModelVersion) -> Retirement:
    """Return the end of a version, whose records are kept for a while."""
    now = database_now()
    ended = Retirement(
        version=version, decommissioned_at=now, retain_until=now + timedelta(days=7 * 366)
    )
    _write(ended)
    return ended


def _write(row: Model) -> None:
    rows: QuerySet[Model] = QuerySet(type(row))
    rows.bulk_create([row])
