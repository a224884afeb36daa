"""Which rollouts wait for a worker, lost theirs, or are not confirmed yet.

Nobody can change anything of a deleted model, so its rollouts are left as they are.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from apps.deployments.models import Rollout

UNCLAIMED_AFTER = timedelta(seconds=5)
MOST_SENT = 1000
"""How many rollouts one sweep rings for."""


def unclaimed(now: datetime) -> Sequence[int]:
    """Return the rollouts that no worker took within seconds, or that are to be tried again.

    Those that wait longest come first.
    """
    is_due = Q(try_at=None, asked_at__lt=now - UNCLAIMED_AFTER) | Q(try_at__lte=now)
    waiting = _of_models_there(Rollout.State.QUEUED).filter(is_due)
    return list(waiting.order_by("asked_at", "pk").values_list("pk", flat=True)[:MOST_SENT])


def stalled(now: datetime) -> QuerySet[Rollout]:
    """Return the rollouts under way whose worker let its lease expire, or that have none."""
    without_lease = Q(lease=None) | Q(lease__until__lt=now) | ~Q(lease__attempt=F("attempt"))
    return _of_models_there(Rollout.State.RUNNING).filter(without_lease).order_by("pk")


def awaited() -> QuerySet[Rollout]:
    """Return the rollouts that a place accepted and nothing confirmed yet."""
    return _of_models_there(Rollout.State.AWAITED)


def _of_models_there(state: Rollout.State) -> QuerySet[Rollout]:
    found: QuerySet[Rollout] = Rollout.objects.filter(
        state=state, deployment__model__deleted_at=None
    )
    return found
