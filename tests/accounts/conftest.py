"""People the tests of accounts share."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from apps.accounts.models import User
from apps.core.actors import Actor
from tests.accounts.identity_provider import CLIENT, SECRET, IdentityProvider, running
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


@pytest.fixture
def provider(settings: Settings) -> Iterator[IdentityProvider]:
    """A provider that Signet is configured for."""
    with running() as found:
        settings.OIDC_ISSUER, settings.OIDC_NAME = found.issuer, "Contoso"
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, SECRET
        settings.BASE_URL = "http://testserver"
        settings.OUTBOUND_HTTP = True
        settings.OUTBOUND_ALLOW = [found.issuer.removeprefix("http://").replace(":", "/32:")]
        yield found
