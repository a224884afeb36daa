"""People carry it out, with whatever they use, and say how it ended."""

from collections.abc import Sequence
from typing import ClassVar

from apps.deployments.deployers.contract import CannotLook, Ending, Order, Outcome, Seen, Target


class ByHand:
    """Takes every order; whoever deploys records how it ended, or it is seen to run."""

    name: ClassVar[str] = "by_hand"
    title: ClassVar[str] = "By hand"
    can_look: ClassVar[bool] = False

    def problems(self, target: Target) -> Sequence[str]:
        """Return that there is nothing to set, where something is set."""
        return ["Whoever deploys by hand needs no settings here."] if target else []

    def carry_out(self, order: Order, target: Target) -> Outcome:
        """Leave it to people."""
        return Outcome(
            Ending.ACCEPTED, f"Carry it out in {order.environment}, then record how it ended."
        )

    def look(self, environment: str, target: Target) -> Sequence[Seen]:
        """Refuse: what people put there, an agent or a person has to report."""
        raise CannotLook("Nobody can be asked what people put there.")


DEPLOYER = ByHand()
