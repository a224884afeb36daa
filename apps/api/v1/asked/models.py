"""Models, tags and aliases as a caller sends them."""

from pydantic import Field

from apps.api.strictness import Asked
from apps.catalog.models import RegisteredModel


class NewModel(Asked):
    """A model to register. Without an owner, it is the caller who answers for it."""

    name: str
    title: str = ""
    description: str = ""
    intended_use: str = ""
    out_of_scope_uses: str = ""
    limitations: str = ""
    owner: str | None = Field(None, description="The sign-in name of a person")
    team: str | None = Field(None, description="The name of a team")
    domain: str = ""
    kind: str = RegisteredModel.Kind.IN_HOUSE.value
    method: str = ""
    flags: list[str] = []
    tags: dict[str, str] = {}


class DescribedModel(Asked):
    """What a model says about itself; what is not given stays as it is."""

    title: str | None = None
    description: str | None = None
    intended_use: str | None = None
    out_of_scope_uses: str | None = None
    limitations: str | None = None
    domain: str | None = None
    kind: str | None = None
    method: str | None = None
    flags: list[str] | None = None


class Renamed(Asked):
    """The new name of a model."""

    name: str


class Tagged(Asked):
    """The value of a tag."""

    value: str


class Pointed(Asked):
    """The version an alias is to point at."""

    version: int
