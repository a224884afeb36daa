"""Waivers as a caller asks for them."""

from datetime import date

from pydantic import Field

from apps.api.strictness import Asked


class NewWaiver(Asked):
    """Which condition a version should go on without, why, on what terms and until when."""

    condition: str = Field(description="The id of a condition that the policy lets be waived")
    reason: str
    compensating_controls: str
    use_limits: str
    residual_risk: str
    ends_on: date = Field(strict=False, description="The last day it holds")
    obligations: list[str] = Field(
        default_factory=list,
        max_length=200,
        description="The ids of the open obligations it covers, where the condition asks that "
        "obligations be closed; of any other, none",
    )
