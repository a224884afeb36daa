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
