"""Obligations as a caller gives them to somebody."""

from pydantic import Field

from apps.api.strictness import Asked


class GivenObligation(Asked):
    """Who sees to an obligation."""

    owner: str = Field(description="The sign-in name of a person")
