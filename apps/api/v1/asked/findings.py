"""Findings as a caller raises them."""

from typing import Literal

from pydantic import Field

from apps.api.strictness import Asked


class NewFinding(Asked):
    """What somebody has to settle, about a model or about one version and those after it."""

    title: str
    description: str = Field(description="What was found")
    severity: Literal["critical", "high", "medium", "low"]
    kind: Literal["issue", "limitation", "exception"] = "issue"
    version: int | None = Field(None, description="The number of the version it is about")
    owner: str | None = Field(
        None, description="The sign-in name of who settles it; the owner of the model otherwise"
    )
