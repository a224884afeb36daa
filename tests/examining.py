"""Examiners from outside and their rooms, made by the real operations."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from apps.accounts import operations as accounts
from apps.accounts.models import User
from apps.audit.models import AuditEvent
from apps.catalog import operations
from apps.catalog.models import ExamRoom, RegisteredModel
from apps.catalog.operations import Exam
from apps.core.clock import database_now
from tests import scenarios
from tests.catalog.record import entries
from tests.factories import HOST, PASSWORD, actor

EVERY_PART = tuple(ExamRoom.Part.values)
WHY = "The letter of March"


def examiner(username: str = "eve") -> User:
    """Open the account of an examiner, as an administrator does."""
    known: User | None = User.objects.filter(username=username).first()
    return known or accounts.create_user(
        by=HOST,
        username=username,
        display_name=f"{username.title()} Examiner",
        password=PASSWORD,
        is_examiner=True,
    )


def exam(*models: RegisteredModel, parts: Collection[str] = EVERY_PART, **changed: Any) -> Exam:
    """Return what an exam of some models is about: it began a minute ago and lasts ten days."""
    at = database_now()
    facts: dict[str, Any] = {
        "title": "On-site exam",
        "authority": "The supervisor",
        "begins_at": at - timedelta(minutes=1),
        "until": at + timedelta(days=10),
        "names": [model.name for model in models],
        "parts": parts,
    }
    return Exam(**facts | changed)


def opened(
    *models: RegisteredModel,
    to: User | None = None,
    parts: Collection[str] = EVERY_PART,
    begins_at: datetime | None = None,
    until: datetime | None = None,
) -> ExamRoom:
    """Open an exam room, as the risk officer does."""
    moments = {"begins_at": begins_at, "until": until}
    changed = {name: moment for name, moment in moments.items() if moment is not None}
    asked = exam(*models, parts=parts, **changed)
    host = actor(scenarios.risk_officer())
    return operations.open_exam(to or examiner(), asked, by=host, reason=WHY)


def looks() -> list[tuple[str, str, int]]:
    """Return every look on record: shown or refused, at which page, with which status."""
    names = (operations.LOOK.name, operations.TURN_AWAY.name)
    found = sorted(
        (entry for name in names for entry in entries(name)), key=lambda entry: entry["id"]
    )
    return [
        (entry["action"], entry["detail"]["page"], entry["detail"]["status"]) for entry in found
    ]


def looks_counted() -> int:
    """Return how many looks are on record."""
    names = (operations.LOOK.name, operations.TURN_AWAY.name)
    return AuditEvent.objects.filter(action__in=names).count()
