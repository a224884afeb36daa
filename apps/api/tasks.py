"""What background work does for the API."""

from celery import shared_task
from django.utils import timezone

from apps.api import once


@shared_task(name="api.clear_kept_answers")
def clear_kept_answers() -> None:
    once.clear(timezone.now())
