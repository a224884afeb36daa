"""Models and versions a call names, found among what its caller may see."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from apps.api.mlflow import errors
from apps.api.mlflow.calls import Asked
from apps.api.mlflow.errors import Refusal
from apps.catalog import queries
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.actors import Actor

Number = Annotated[int, msgspec.Meta(ge=0, le=queries.MOST_NUMBER)]


class Tag(Asked, frozen=True):
    """A key and a value."""

    key: str = ""
    value: str = ""


def tags(given: Sequence[Tag] | None) -> dict[str, str]:
    """Return tags by their keys; of a key that comes twice, the last counts."""
    return {tag.key: tag.value for tag in given or ()}


def model(actor: Actor, name: str) -> RegisteredModel:
    """Return the model of a name, provided the caller may see it."""
    found = queries.model_or_none(actor, name)
    if found is None:
        raise no_model(name)
    return found


def version(actor: Actor, name: str, number: int) -> ModelVersion:
    """Return a version of the model of a name, provided the caller may see it."""
    found = queries.version_or_none(actor, name, number)
    if found is None:
        raise no_version(name, number)
    return found


def no_model(name: str) -> Refusal:
    """Return the answer for a model that is not there."""
    return errors.absent(f"Registered Model with name={name} not found")


def no_version(name: str, number: int) -> Refusal:
    """Return the answer for a version that is not there."""
    return errors.absent(f"Model Version (name={name}, version={number}) not found")
