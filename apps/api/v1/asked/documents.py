"""What a caller writes in a document."""

from typing import Any

from pydantic import Field

from apps.api.strictness import Asked


class NewDocument(Asked):
    """A document to be begun, by the id of its template."""

    template: str


class NewSection(Asked):
    """Values by the key of their field; ``null`` takes one away. What is not named stays."""

    values: dict[str, Any] = Field(
        description="Text, a list of texts or a list of rows, as the type of each field says"
    )
