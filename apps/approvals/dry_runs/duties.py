"""What the duties of another policy come to for the whole organization."""

from collections.abc import Collection
from dataclasses import dataclass

from apps.approvals.dry_runs.people import People
from apps.approvals.dry_runs.report import Report
from apps.approvals.policies.duties import Able, Alone, Simulation, Unfilled

MOST_NAMES = 20


@dataclass(frozen=True)
class Organization:
    """What holds on every model already, so that a model is told of only where it differs."""

    simulation: Simulation
    able: Able
    unfilled: Collection[tuple[str, int, str]]
    alone: Collection[tuple[str, int, str]]

    @classmethod
    def of(cls, simulation: Simulation, people: People, report: Report) -> "Organization":
        """Note slots that nobody can fill anywhere, and who could push a move alone everywhere."""
        everywhere = people.holding_everywhere()
        unfilled = list(simulation.unfilled(people.holding_anywhere()))
        alone = list(simulation.alone(everywhere))
        report.unfilled += [_as_unfilled(simulation, one) for one in unfilled]
        report.alone += [_as_alone(simulation, one) for one in alone]
        return cls(
            simulation,
            simulation.able(everywhere),
            frozenset((one.transition, one.tier, one.role) for one in unfilled),
            frozenset(
                (one.transition, one.tier, person.id) for one in alone for person in one.people
            ),
        )


def _as_unfilled(simulation: Simulation, one: Unfilled) -> dict[str, object]:
    return {
        "transition": simulation.policy.transition(one.transition).title,
        "tier": one.tier,
        "role": simulation.policy.role_title(one.role),
        "needed": one.needed,
        "found": one.found,
    }


def _as_alone(simulation: Simulation, one: Alone) -> dict[str, object]:
    return {
        "transition": simulation.policy.transition(one.transition).title,
        "tier": one.tier,
        "mode": one.mode.value,
        "count": len(one.people),
        "people": [person.name for person in one.people[:MOST_NAMES]],
    }
