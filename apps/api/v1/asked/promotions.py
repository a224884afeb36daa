"""Promotions as a caller asks for them, and what a caller says about them."""

from typing import Literal

from pydantic import Field

from apps.api.strictness import Asked


class NewPromotion(Asked):
    """The stage a version is to enter, and why.

    The stage a version is in already asks for its renewal; production, of an archived one, for
    the way back to it.
    """

    target: Literal["staging", "production", "archived", "decommissioned"]
    reason: str
    note: str = Field("", description="What is said about the warnings of the gate")


class NewComment(Asked):
    """Something to say about a request, or in reply to what somebody said."""

    text: str
    section: Literal["whole", "changes", "checks", "gate", "sign_offs", "purpose"] = "whole"
    answers: int | None = Field(None, description="The number of the comment it replies to")


class Met(Asked):
    """How a condition of a sign-off was met, and by which evidence on the model."""

    reason: str
    evidence: int | None = None
