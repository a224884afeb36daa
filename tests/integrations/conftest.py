"""A receiver on this machine that Signet is told to trust."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.integrations.receiver import Receiver, receiver


@pytest.fixture
def there(settings: Settings) -> Iterator[Receiver]:
    """Run a receiver, trusted at its own port only."""
    with receiver() as running:
        settings.OUTBOUND_HTTP = True
        settings.OUTBOUND_ALLOW = running.trust
        yield running
