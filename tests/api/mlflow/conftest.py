"""Programs of the people of a small bank."""

import pytest

from apps.accounts.scopes import Scope
from tests import scenarios
from tests.api.caller import token_of
from tests.api.mlflow.program import Program


@pytest.fixture
def dev() -> Program:
    """A program of a developer, with a token of every scope."""
    return Program(token_of(scenarios.developer()))


@pytest.fixture
def stranger() -> Program:
    """A program of somebody who holds no duty."""
    return Program(token_of(scenarios.stranger()))


@pytest.fixture
def reader() -> Program:
    """A program of the developer that may only read."""
    return Program(token_of(scenarios.developer(), Scope.READ))
