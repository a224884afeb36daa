"""Incidents as a caller reports them."""

from typing import Literal

from pydantic import Field

from apps.api.strictness import Asked
from apps.api.v1.asked.common import Moment


class NewIncident(Asked):
    """What went wrong where a model is used, and what is true of it."""

    title: str
    description: str = Field(description="What happened")
    harm: str = Field(description="Who or what was harmed, or could have been")
    severity: Literal["serious", "other"]
    discovered_at: Moment = Field(
        description="When the organization became aware of it; clocks run from then"
    )
    happened_at: Moment | None = None
    traits: list[str] = Field(
        default_factory=list,
        max_length=100,
        description="What is true of it, by the ids of GET /reporting-clocks",
    )
    version: int | None = Field(None, description="The number of the version it is about")
    owner: str | None = Field(
        None, description="The sign-in name of who follows it; the owner of the model otherwise"
    )
