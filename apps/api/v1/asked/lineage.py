"""Assets and edges as a caller sends them."""

from uuid import UUID

from pydantic import Field

from apps.api.strictness import Asked


class NewAsset(Asked):
    """Something beside models that lineage can name."""

    kind: str
    name: str
    version: str = ""
    digest: str = ""
    location: str = ""
    description: str = ""
    owner: str | None = Field(None, description="The sign-in name of a person")
    team: str | None = Field(None, description="The name of a team")
    sensitivity: str = ""
    license: str = ""


class DescribedAsset(Asked):
    """What may change about an asset; what is not given stays as it is."""

    location: str | None = None
    description: str | None = None
    owner: str | None = Field(None, description="The sign-in name of a person; empty for nobody")
    team: str | None = Field(None, description="The name of a team; empty for none")
    sensitivity: str | None = None
    license: str | None = None


class NewEnd(Asked):
    """An asset by its id, or a version by its model and number."""

    asset: UUID | None = Field(None, strict=False)
    model: str | None = None
    version: int | None = None


class NewEdge(Asked):
    """What flows from an origin to a target, and whether that is declared or inferred."""

    origin: NewEnd
    target: NewEnd
    relation: str
    source: str = "declared"
