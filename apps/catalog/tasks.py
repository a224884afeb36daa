"""What background work does for the catalog."""

from celery import shared_task
from django.utils import timezone

from apps.catalog import disposal, ingest


@shared_task(name="catalog.clear_abandoned_uploads")
def clear_abandoned_uploads() -> None:
    ingest.clear_abandoned_uploads(timezone.now())


@shared_task(name="catalog.erase_disposed")
def erase_disposed() -> None:
    """Remove from the store what was disposed of a day ago."""
    disposal.erase(timezone.now())
