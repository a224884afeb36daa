"""Programs of people the tests of the API share."""

import pytest

from apps.catalog.models import ModelVersion, RegisteredModel
from tests.api.caller import Caller, token_of
from tests.scenarios import developer, registered_model, registered_version


@pytest.fixture
def model(db: None) -> RegisteredModel:
    """A model that the developer registered."""
    return registered_model("tumor-triage")


@pytest.fixture
def version(model: RegisteredModel) -> ModelVersion:
    return registered_version(model)


@pytest.fixture
def caller(db: None) -> Caller:
    """The developer's program, with a token of every scope."""
    return Caller(token_of(developer()))
