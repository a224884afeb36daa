"""Evidence packs as a caller orders them."""

from typing import Annotated

from pydantic import Field

from apps.api.strictness import Asked

MOST = 200


class PackSubject(Asked):
    """A model with all its versions, or one version of it, or one promotion."""

    model: Annotated[str, Field(max_length=256)] | None = None
    version: Annotated[int, Field(ge=1)] | None = Field(
        None, description="The number of a version of the model; without one, all of them"
    )
    promotion: Annotated[int, Field(ge=1)] | None = Field(
        None, description="The number of a promotion, in place of a model"
    )


class NewPack(Asked):
    """What a pack is to be of, and what for. The purpose is kept for good and printed on it."""

    of: Annotated[list[PackSubject], Field(min_length=1, max_length=MOST)]
    purpose: str
