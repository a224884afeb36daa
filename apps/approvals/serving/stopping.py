"""What leaves use runs nowhere: what waits is stopped, and what runs has to be withdrawn first."""

from datetime import datetime

from apps.catalog.models import ModelVersion
from apps.core.errors import RuleBroken
from apps.deployments import queries
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


def require_nowhere(version: ModelVersion) -> None:
    """Refuse to let a version go for good while it is to run, or may still run, somewhere.

    Raises:
        RuleBroken: naming the environments it has to be withdrawn from.
    """
    placed = queries.running_placements().filter(version=version)
    found = Environment.objects.filter(deployments__rollouts__placements__in=placed)
    names = ", ".join(str(one) for one in found.distinct().order_by("name"))
    if names:
        raise RuleBroken(f"{version} is to run in {names}. Withdraw it there first.")
