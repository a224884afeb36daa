"""How a deployment is told in one cell or one line: what is to run, how it stands, what waits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.approvals.serving import standing
from apps.approvals.serving.standing import Standing
from apps.catalog.models import RegisteredModel
from apps.console.serving import words
from apps.console.serving.words import Mark
from apps.deployments.models import Deployment, Environment


@dataclass(frozen=True)
class Cell:
    """A deployment in few words."""

    deployment: Deployment
    parts: Sequence[str]
    """Each version that is to run, with its part in the traffic."""
    mark: Mark | None
    """How it stands; nothing where nothing is to run and nothing is seen."""
    why: str
    """What the gravest thing about it is, in a sentence; nothing where all is in step."""
    under_way: str
    """What rollout waits, if one does."""

    @classmethod
    def of(cls, stands: Standing) -> "Cell":
        """Return how a standing is told."""
        is_quiet = not stands.placements and not stands.drift.points
        return cls(
            stands.deployment,
            [words.of_part(one) for one in stands.placements],
            None if is_quiet else words.of_drift(stands.drift.state),
            stands.drift.points[0].text if stands.drift.points else "",
            words.under_way(stands.deployment),
        )

    @property
    def href(self) -> str:
        return self.deployment.get_absolute_url()

    @property
    def model(self) -> RegisteredModel:
        return self.deployment.model

    @property
    def environment(self) -> Environment:
        return self.deployment.environment


def of_deployments(deployments: Iterable[Deployment], *, at: datetime) -> Mapping[int, Cell]:
    """Tell each deployment, by its id, in a fixed number of queries."""
    judged = standing.of_deployments(list(deployments), at=at)
    return {pk: Cell.of(stands) for pk, stands in judged.items()}
