"""Promotions as a caller asks for them."""

from typing import Literal

from apps.api.strictness import Asked


class NewPromotion(Asked):
    """The stage a version is to enter, and why."""

    target: Literal["staging", "production"]
    reason: str
