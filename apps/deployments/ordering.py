"""A rollout as the order a deployer gets: the same one each time it is sent."""

from apps.deployments.deployers.contract import Order, Part
from apps.deployments.models import Rollout


def order_of(rollout: Rollout) -> Order:
    """Return what a deployer is to bring about."""
    deployment = rollout.deployment
    placements = rollout.placements.select_related("version").order_by("pk")
    return Order(
        key=rollout.record_id,
        number=rollout.number,
        environment=deployment.environment.name,
        service=deployment.service,
        parts=tuple(
            Part(
                model=deployment.model.name,
                number=placement.version.number,
                digest=placement.content_digest,
                role=placement.role,
                share=placement.share,
            )
            for placement in placements
        ),
    )
