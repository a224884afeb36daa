"""Evidence as a caller gives it."""

from datetime import date
from uuid import UUID

from pydantic import Field

from apps.api.strictness import Asked


class NewEvidence(Asked):
    """A link, or a file of an upload, as evidence about a version, its model or one of its uses."""

    type: str = Field(description="A type of evidence; it says what the item is about")
    title: str
    link: str = Field("", description="Where it lies; shown, never fetched")
    upload: UUID | None = Field(None, strict=False, description="Where the file waits")
    path: str = Field("", description="The path of the file in the upload")
    use: str | None = Field(None, description="The key of the use, for types about a use")
    note: str = ""
    valid_until: date | None = Field(None, strict=False, description="The last day it counts")
