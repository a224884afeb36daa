"""What waits to be put somewhere does not go there once its authorization is taken away."""

from datetime import datetime

from apps.catalog.models import ModelVersion
from apps.deployments.models import Environment, Rollout


def stop_waiting(version: ModelVersion, *, at: datetime, why: str) -> int:
    """End the rollouts of a version that nobody carried out yet, where that is prevented.

    The caller has locked the model, inside the change that takes the authorization away. A worker
    that is at one has nothing to conclude; what it did is seen, and is a finding.
    """
    waiting = Rollout.objects.filter(
        deployment__environment__enforcement=Environment.Enforcement.PREVENT,
        placements__version=version,
        state__in=Rollout.WAITING,
    )
    stopped = list(waiting.exclude(kind=Rollout.Kind.DRILL).order_by("pk"))
    for rollout in stopped:
        rollout.finish(Rollout.State.FAILED, at=at, told=f"{version} may not run any more. {why}")
    return len(stopped)
