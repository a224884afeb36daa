"""One Signet, as it runs, for every journey a client takes."""

from collections.abc import Iterator

import mlflow
import pytest
from mlflow import MlflowClient

from tests.journeys.serving import Served, serving


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A web server for all journeys: each takes names of its own."""
    with serving(tmp_path_factory.mktemp("signet")) as found:
        yield found


@pytest.fixture
def client(served: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[MlflowClient]:
    """The developer's client; it asks once."""
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", served.developer)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(served.url)
    yield MlflowClient()
    mlflow.set_tracking_uri(before)
