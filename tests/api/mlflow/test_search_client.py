"""The MLflow client, as installed, searches at a live server."""

from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.entities import PagedList

from apps.catalog import operations as catalog
from tests.api.caller import token_of
from tests.api.mlflow.searching import IS_PROMPT, models
from tests.factories import actor
from tests.scenarios import developer, registered_model, registered_version


@pytest.fixture
def client(
    transactional_db: None, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> MlflowClient:
    """The developer's MLflow client, as installed, at a live server."""
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token_of(developer()))
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    return MlflowClient(tracking_uri=live_server.url, registry_uri=live_server.url)


def walked(search: Any, **asked: Any) -> list[Any]:
    """Return what every page of a client's search holds."""
    page: PagedList[Any] = search(**asked)
    rows = list(page)
    while page.token:
        page = search(**asked, page_token=page.token)
        assert page, "a page without rows"
        rows += page
    return rows


@pytest.mark.django_db(transaction=True)
def test_the_client_searches_models(client: MlflowClient) -> None:
    iris = registered_model("iris", tags={"the team": "it's"}, description="Three kinds.")
    version = registered_version(iris)
    catalog.set_alias(iris, "best", version, by=actor(developer()))
    models("wine", "Iris 2")
    models("greeting", kind="prompt", tags={IS_PROMPT: "true"})
    search = client.search_registered_models

    assert [model.name for model in search()] == ["Iris 2", "iris", "wine"]
    assert [model.name for model in search("name LIKE 'i%'")] == ["iris"]
    assert [model.name for model in search("name ilike 'i%'")] == ["Iris 2", "iris"]
    pages = walked(search, max_results=1, order_by=["name DESC"])
    assert [model.name for model in pages] == ["wine", "iris", "Iris 2"]
    [found_iris] = search('tags.`the team` = "it\'s"')
    assert found_iris.tags == {"the team": "it's"}
    assert found_iris.aliases == {"best": "1"}
    assert found_iris.description == "Three kinds."
    assert [latest.version for latest in found_iris.latest_versions] == ["1"]
    with pytest.raises(MlflowException, match="column 6") as refusal:
        search("name > 'iris'")
    assert refusal.value.error_code == "INVALID_PARAMETER_VALUE"


@pytest.mark.django_db(transaction=True)
def test_the_client_searches_versions(client: MlflowClient) -> None:
    iris, wine = models("iris", "wine")
    versions = [registered_version(model) for model in (iris, wine, iris)]
    catalog.set_version_tag(versions[0], "stage", "done", by=actor(developer()))
    search = client.search_model_versions

    rising = search("name = 'iris'", order_by=["version_number"])
    assert [int(each.version) for each in rising] == [1, 2]
    pages = walked(search, max_results=1, order_by=["name DESC", "version_number DESC"])
    assert [(each.name, int(each.version)) for each in pages] == [
        ("wine", 1),
        ("iris", 2),
        ("iris", 1),
    ]
    [tagged] = search("tags.stage = 'done'")
    assert tagged.tags == {"stage": "done"}
    assert (tagged.status, tagged.user_id) == ("READY", "dev")
    assert tagged.run_id == versions[0].run_uid
    assert [each.name for each in search(f"run_id = '{versions[1].run_uid}'")] == ["wine"]
