"""The deployers there are: those that come with Signet, and those other packages add."""

from collections.abc import Sequence

from apps.core.errors import NotFound
from apps.deployments.deployers import by_hand, entry_points, kserve, local, webhook
from apps.deployments.deployers.contract import Deployer, Target


class UnknownDeployer(NotFound):
    """No deployer bears this name."""

    code = "unknown_deployer"


SHIPPED: tuple[Deployer, ...] = (
    by_hand.DEPLOYER,
    webhook.DEPLOYER,
    kserve.DEPLOYER,
    local.DEPLOYER,
)
ADDED, REFUSED = entry_points.load(taken=[deployer.name for deployer in SHIPPED])
"""What other installed packages add, and what of it cannot be had."""

ALL: tuple[Deployer, ...] = (*SHIPPED, *(added.deployer for added in ADDED))


def all_deployers() -> Sequence[Deployer]:
    """Return every deployer, those that come with Signet first."""
    return ALL


def named(name: str) -> Deployer:
    """Return the deployer of that name.

    Raises:
        UnknownDeployer: when no deployer bears it.
    """
    deployer = named_or_none(name)
    if deployer is None:
        there = ", ".join(each.name for each in ALL)
        raise UnknownDeployer(f"There is no deployer named {name!a:.80}. There are: {there}.")
    return deployer


def named_or_none(name: str) -> Deployer | None:
    """Return the deployer of that name, if one bears it."""
    return next((deployer for deployer in ALL if deployer.name == name), None)


def can_look(name: str, target: Target) -> bool:
    """Say whether a deployer tells what runs in a place of these settings.

    One that does so only with some settings says with which, by a method ``looks(target)``.
    """
    deployer = named_or_none(name)
    if deployer is None or not deployer.can_look:
        return False
    looks = getattr(deployer, "looks", None)
    return looks is None or bool(looks(target))
