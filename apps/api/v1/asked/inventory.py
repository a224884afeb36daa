"""Inventory values as a caller sends them."""

from typing import Any

from pydantic import Field

from apps.api.strictness import Asked


class NewValues(Asked):
    """Values by the key of their field; ``null`` takes one away. What is not named stays."""

    values: dict[str, Any] = Field(description="See GET /inventory/fields for what each may hold")
    reason: str = ""
