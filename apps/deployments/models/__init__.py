"""Evidence of another kind: what is to run where, how that is brought about, what is seen."""

from apps.deployments.models.deployments import Deployment, Placement, Rollout, RolloutLease
from apps.deployments.models.drills import Drill
from apps.deployments.models.environments import Environment, Look
from apps.deployments.models.sightings import Sighting

__all__ = [
    "Deployment",
    "Drill",
    "Environment",
    "Look",
    "Placement",
    "Rollout",
    "RolloutLease",
    "Sighting",
]
