"""What several things are asked with."""

from typing import Annotated

from pydantic import Field

from apps.api.strictness import Asked
from apps.core.paging import MOST_ROWS

Limit = Annotated[int, Field(ge=1, le=MOST_ROWS)]
"""How many rows a page may hold."""

Words = Annotated[str, Field(max_length=256)]
"""What a list is narrowed by."""


class Reason(Asked):
    """Why something is done. It is kept for good and shown to auditors."""

    reason: str


class Titled(Asked):
    """A use or a supplier relationship to add."""

    title: str
