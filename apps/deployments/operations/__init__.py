"""What people can do about places; what is put there is decided above (approvals)."""

from apps.deployments.operations.environments import (
    EnvironmentFacts,
    change_environment,
    close_environment,
    create_environment,
)
from apps.deployments.operations.sightings import Reported, report, report_look

__all__ = [
    "EnvironmentFacts",
    "Reported",
    "change_environment",
    "close_environment",
    "create_environment",
    "report",
    "report_look",
]
