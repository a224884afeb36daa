"""Celery shells. The database says which chains are due."""

from celery import shared_task

from apps.audit import comparing, verification
from apps.audit.sealing import spare
from apps.core.clock import database_now

SWEEP = 600
"""Seconds after which a sweep that nobody carried out is dropped, since the next one is due."""


@shared_task(name="audit.verify_due", expires=SWEEP)
def verify_due() -> int:
    """Look through the chains whose last look is hours ago."""
    return verification.verify_due(now=database_now())


@shared_task(name="audit.seal", expires=10)
def seal() -> bool:
    """Seal what has waited longer than a running sealer would let it."""
    return spare.step()


@shared_task(name="audit.compare", expires=3600)
def compare() -> int:
    """Compare governed rows and their history with the record."""
    return len(comparing.compare())
