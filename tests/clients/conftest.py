"""Signet as it runs, and each MLflow client there is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.clients.serving import Client, newest, oldest, signet
from tests.integrations.receiver import Receiver, receiver

CLIENTS = {"mlflow-3": newest, "mlflow-2": oldest}


@pytest.fixture
def there(settings: Settings) -> Iterator[Receiver]:
    """Run somebody else's server on this machine, trusted by the tests' own worker too."""
    with receiver() as running:
        settings.OUTBOUND_HTTP = True
        settings.OUTBOUND_ALLOW = running.trust
        yield running


@pytest.fixture
def url(transactional_db: None, tmp_path: Path, there: Receiver) -> Iterator[str]:
    """Where Signet answers; it may send to the receiver."""
    with signet(tmp_path, *there.trust) as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of the person at the client."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture(params=["mlflow-3", pytest.param("mlflow-2", marks=pytest.mark.services)])
def client(request: pytest.FixtureRequest, url: str, home: Path) -> Client:
    """Each client in turn; MLflow 2 has its own environment, which make test-services builds."""
    return CLIENTS[request.param](home, url)


@pytest.fixture
def newest_client(url: str, home: Path) -> Client:
    """The client of MLflow 3, for what only that one knows."""
    return newest(home, url)
