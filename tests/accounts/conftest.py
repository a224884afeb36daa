"""People the tests of accounts share."""

import pytest

from apps.accounts.models import User
from apps.core.actors import Actor
from tests.factories import actor, person


@pytest.fixture
def ada(db: None) -> User:
    """Ada, who holds no duty."""
    return person("ada", name="Ada Lovelace")


@pytest.fixture
def administrator(db: None) -> User:
    """The administrator, who manages people and duties."""
    return person("grace", name="Grace Hopper", administrator=True)


@pytest.fixture
def by_administrator(administrator: User) -> Actor:
    """The administrator in a browser session."""
    return actor(administrator)
