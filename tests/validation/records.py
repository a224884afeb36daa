"""What tests ask the record about check runs, and what they do behind its back."""

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from apps.audit.governed import GovernedRow
from apps.audit.models import AuditEvent
from apps.catalog.models import ModelVersion
from apps.validation.conclusions import Conclusion
from apps.validation.models import CheckRun

OTHER_DIGEST = "sha256:" + "0" * 64
FINE = Conclusion(CheckRun.State.PASSED, "Fine.")


def events(action: str, subject: GovernedRow | None = None, **found_by: Any) -> list[AuditEvent]:
    """Return the events of an action, in the order they were written."""
    found = AuditEvent.objects.filter(action=action, **found_by)
    if subject is not None:
        found = found.filter(subject_id=subject.record_id)
    return list(found.order_by("id"))


def outcomes(action: str, subject: GovernedRow | None = None) -> list[str]:
    """Return how the events of an action ended."""
    return [event.outcome for event in events(action, subject)]


def detail(event: AuditEvent) -> dict[str, Any]:
    """Return what an event notes."""
    noted: dict[str, Any] = json.loads(bytes(event.entry))["detail"]
    return noted


def overwrite(version: ModelVersion, **values: object) -> None:
    """Change the columns of a version past every rule, as SQL would."""
    rows: QuerySet[ModelVersion] = QuerySet(ModelVersion)
    rows.filter(pk=version.pk).update(**values)
    version.refresh_from_db()


def other(run: CheckRun) -> CheckRun:
    """The same run as another process holds it in memory."""
    return CheckRun.objects.get(pk=run.pk)


def late() -> timedelta:
    """Return how long after a claim its lease has surely expired."""
    return settings.CHECK_LEASE + timedelta(seconds=1)
