"""Measurements as a program posts them."""

from datetime import datetime

from pydantic import Field

from apps.api.strictness import Asked
from apps.validation.operations.measurements import MOST_POSTED


class NewPoint(Asked):
    """One measured value."""

    at: datetime = Field(strict=False, description="When it was measured, with a time zone")
    value: float
    sample_size: int | None = None
    version: int | None = Field(None, description="The number of the version that was measured")


class NewPoints(Asked):
    """Values to take in, all or none."""

    points: list[NewPoint] = Field(min_length=1, max_length=MOST_POSTED)
