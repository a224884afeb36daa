"""A lab that the settings trust and name."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.integrations.mlflow_import.lab import Lab, lab


@pytest.fixture
def there(settings: Settings) -> Iterator[Lab]:
    """Run a lab, trusted and configured as a source."""
    with lab() as running:
        settings.OUTBOUND_HTTP = True
        settings.OUTBOUND_ALLOW = running.there.trust
        settings.MLFLOW_SOURCES = [f"lab={running.address}"]
        yield running
