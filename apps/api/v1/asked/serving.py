"""Rollouts and sightings as programs ask for and report them."""

from typing import Annotated, Literal

from pydantic import Field

from apps.api.strictness import Asked
from apps.api.v1.asked.common import Moment, Reason
from apps.deployments.matching import MOST_SEEN
from apps.deployments.rolling import ALL, MOST_PARTS

Share = Annotated[int, Field(ge=0, le=ALL, description="Percent of the requests")]


class AskedPart(Asked):
    """One version that is to run; a shadow answers no requests, so its share is 0."""

    version: int = Field(description="The number of the version")
    role: Literal["champion", "challenger", "canary", "shadow"] = "champion"
    share: Share = ALL


class AskedParts(Asked):
    """Versions that are to run, in place of what is: one champion, shares that make 100."""

    versions: list[AskedPart] = Field(min_length=1, max_length=MOST_PARTS)
    reason: str = ""


class NewDeployment(AskedParts):
    """Versions of a model to put into an environment."""

    environment: str
    service: str = Field("", description="What it is called there; made from the model's name")


class WayBack(Reason):
    """Why a deployment is rolled back, and to which rollout, if only that one is meant."""

    to: int | None = Field(None, description="Refused if the way back leads to another rollout")


class RolloutOutcome(Asked):
    """How a rollout ended that people carry out."""

    done: bool
    told: str = ""


class SeenContent(Asked):
    """One content seen at an endpoint: its digest, or what it says it is, such as ``fraud/3``."""

    endpoint: str
    digest: str = ""
    called: str = ""
    share: int | None = None
    requests: int | None = None


class NewSightings(Asked):
    """What was seen at a moment; a complete report ends what it does not tell."""

    at: Moment
    complete: bool = False
    seen: list[SeenContent] = Field(max_length=MOST_SEEN)
