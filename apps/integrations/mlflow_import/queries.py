"""Reads about imports, for the page of a version and for the worker that carries them out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import (
    DateTimeField,
    DurationField,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Value,
)

from apps.catalog.lifecycle import Readiness
from apps.catalog.models import ModelVersion
from apps.integrations.mlflow_import.rows import ImportJob

MOST_RUNG = 100
"""How many jobs a quick sweep makes, and how many any sweep rings for."""
MOST_MADE = 10_000
RECENT = timedelta(minutes=15)
GIVEN_UP_RESTS = timedelta(days=1)


@dataclass(frozen=True)
class ImportState:
    """How it goes with fetching a version's bytes from a configured server."""

    state: str
    label: str
    source: str
    note: str
    tries: int
    is_at_work: bool
    next_at: datetime | None


def import_state(version: ModelVersion, *, now: datetime) -> ImportState | None:
    """Return how it goes with fetching the bytes of a version the caller may see, if it was begun.

    The note may hold words of another server's trouble, and never its secrets.
    """
    job = ImportJob.objects.filter(version=version).first()
    if job is None:
        return None
    return ImportState(
        state=job.state,
        label=job.get_state_display(),
        source=job.source,
        note=job.note,
        tries=job.tries,
        is_at_work=job.lease_until is not None and job.lease_until > now,
        next_at=job.next_at if job.state == ImportJob.State.WAITING else None,
    )


def versions_without_bytes(*, since: datetime | None) -> QuerySet[ModelVersion]:
    """Return versions that wait for bytes and have no job, those registered since a time or all."""
    waiting = ModelVersion.objects.filter(
        readiness=Readiness.PENDING, deleted_at=None, import_job=None
    )
    if since is not None:
        waiting = waiting.filter(created_at__gte=since)
    return waiting.order_by("created_at", "pk")


def due(now: datetime) -> QuerySet[ImportJob]:
    """Return the jobs whose time has come and that nobody is at."""
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    return ImportJob.objects.filter(free, state=ImportJob.State.WAITING, next_at__lte=now)


def worth_another_look(now: datetime) -> QuerySet[ImportJob]:
    """Return jobs given up a day ago, and as long ago as they had been tried, that are wanted."""
    rested = ExpressionWrapper(
        Value(now, DateTimeField()) - F("finished_at"), output_field=DurationField()
    )
    tried = ExpressionWrapper(F("finished_at") - F("queued_at"), output_field=DurationField())
    return ImportJob.objects.annotate(rested=rested, tried=tried).filter(
        state=ImportJob.State.FAILED,
        rested__gte=GIVEN_UP_RESTS,
        tried__lte=F("rested"),
        version__readiness=Readiness.PENDING,
        version__deleted_at=None,
    )
