"""Decisions that stand behind a model of the matrix, written past every rule.

To walk the whole way to each takes long; the tests of decisions do.
"""

from datetime import timedelta

from django.db.models import Model, QuerySet

from apps.approvals.models import Authorization, Emergency, Retirement
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.risk.answering import Sheet
from apps.risk.kept import TIER
from apps.risk.models import Assessment, Obligation, TierOverride
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


def tiering(draft: Assessment) -> Assessment:
    """Return a tiering of the model of a draft, approved before it was begun."""
    now, sheet = database_now(), Sheet.of(draft)
    result = sheet.result(now.date()).plain() | {
        "subject": dict(sheet.subject),
        "today": now.date().isoformat(),
        "sets": [{"field": TIER, "value": 3}],
    }
    approved = Assessment(
        model=draft.model,
        questionnaire=draft.questionnaire,
        kind=draft.kind,
        state=Assessment.State.APPROVED,
        started_at=now,
        started_by=draft.started_by,
        approved_at=now,
        outcome="tier_3",
        result=result,
        valid_until=now.date() + timedelta(days=365),
    )
    _write(approved)
    return approved


def other_tier(approved: Assessment) -> TierOverride:
    """Return another tier than the assessed one, which waits for its signatures."""
    now = database_now()
    asked = TierOverride(
        model=approved.model,
        assessment=approved,
        assessed_tier=3,
        tier=2,
        reason="It is used in two branches by now",
        ends_on=now.date() + timedelta(days=90),
        roles=["risk_officer", "governance_committee"],
        asked_by=scenarios.risk_officer(),
        asked_at=now,
    )
    _write(asked)
    return asked


def obligation(approved: Assessment) -> Obligation:
    """Return what an assessment asks for, which is open."""
    owed = Obligation(
        model=approved.model,
        assessment=approved,
        questionnaire=approved.kind,
        key="validated_before_use",
        kind=Obligation.Kind.CONDITION,
        ref="validation_completed",
        title="Independent validation before use",
        gates=["staging_to_production"],
        opened_at=database_now(),
    )
    _write(owed)
    return owed


def _write(row: Model) -> None:
    rows: QuerySet[Model] = QuerySet(type(row))
    rows.bulk_create([row])
