"""The client of MLflow 3 itself, unchanged, registers, names, tags, copies and deletes."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from apps.accounts.models import User
from apps.catalog.lifecycle import Stage
from apps.catalog.models import Alias, ModelVersion, RegisteredModel
from tests import scenarios
from tests.api.caller import token_of
from tests.catalog.tracked import FOLDER, logged_with

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*deprecated since 2.9.0:FutureWarning"),  # stages
]

AT_ONCE = 8
As = Callable[[User], MlflowClient]


@pytest.fixture
def sign_in(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[As]:
    """Let the client of MLflow act for somebody, by a token of theirs."""
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(live_server.url)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_ENABLE_ASYNC_TRACE_LOGGING", "false")

    def client_of(user: User) -> MlflowClient:
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token_of(user))
        return MlflowClient(live_server.url)

    yield client_of
    mlflow.set_tracking_uri(before)


@pytest.fixture
def client(sign_in: As) -> MlflowClient:
    return sign_in(scenarios.developer())


def refusal(call: Callable[..., object], *asked: object, **more: object) -> MlflowException:
    with pytest.raises(MlflowException) as refused:
        call(*asked, **more)
    return refused.value


def test_a_model_lives_from_its_first_version_to_its_end(client: MlflowClient) -> None:
    made = client.create_registered_model("iris", tags={"team": "risk"}, description="Flowers")
    assert (made.name, made.description, made.tags) == ("iris", "Flowers", {"team": "risk"})
    again = refusal(client.create_registered_model, "iris")
    assert again.error_code == "RESOURCE_ALREADY_EXISTS"

    logged = logged_with(FOLDER)
    first = mlflow.register_model(f"models:/{logged.uid}", "iris", tags={"a": "1"})
    assert (first.version, first.status, first.tags) == ("1", "READY", {"a": "1"})
    assert first.user_id == "dev"
    second = client.create_model_version("iris", "s3://bucket/model", description="Elsewhere")

    client.set_registered_model_alias("iris", "best", first.version)
    client.set_registered_model_alias("iris", "best", second.version)
    assert client.get_model_version_by_alias("iris", "best").version == second.version
    assert client.get_model_version_by_alias("iris", "latest").version == second.version
    assert client.get_registered_model("iris").aliases == {"best": second.version}
    client.delete_registered_model_alias("iris", "best")
    assert refusal(client.get_model_version_by_alias, "iris", "best").error_code == (
        "INVALID_PARAMETER_VALUE"
    )

    client.set_model_version_tag("iris", "1", "a", "2")
    client.delete_registered_model_tag("iris", "team")
    client.update_model_version("iris", "1", description="Better")
    client.update_registered_model("iris", description="More flowers")
    shown = client.get_model_version("iris", "1")
    assert (shown.description, shown.tags) == ("Better", {"a": "2"})

    client.rename_registered_model("iris", "flowers")
    renamed = client.get_registered_model("flowers")
    assert [version.version for version in renamed.latest_versions] == ["2"]
    assert refusal(client.get_registered_model, "iris").error_code == "RESOURCE_DOES_NOT_EXIST"

    client.delete_model_version("flowers", "2")
    assert [found.version for found in client.get_latest_versions("flowers")] == ["1"]
    assert client.create_model_version("flowers", "s3://bucket/model").version == "3"
    # A model is deleted by its owner, who is here whoever made it.
    client.delete_registered_model("flowers")
    assert refusal(client.get_registered_model, "flowers").error_code == "RESOURCE_DOES_NOT_EXIST"
    client.create_registered_model("flowers")
    assert client.create_model_version("flowers", "s3://bucket/model").version == "1"


def test_a_copy_of_a_copy_leads_to_the_same_files(client: MlflowClient) -> None:
    logged = logged_with(FOLDER)
    first = mlflow.register_model(f"models:/{logged.uid}", "first")
    client.set_registered_model_alias("first", "best", first.version)

    second = client.copy_model_version("models:/first@best", "second")
    third = client.copy_model_version("models:/second/1", "third")

    assert third.source == "models:/second/1"
    places = {
        client.get_model_version_download_uri(version.name, version.version)
        for version in (first, second, third)
    }
    [digest] = {version.content_digest for version in ModelVersion.objects.all()}
    assert places == {f"mlflow-artifacts:/content/{digest.removeprefix('sha256:')}"}


def test_prompts_are_registered_loaded_and_named(client: MlflowClient) -> None:
    for text in ("Say {{what}}", "Say {{what}} loudly"):
        mlflow.genai.register_prompt("greeting", text, commit_message="Say it", tags={"a": "b"})
    mlflow.genai.register_prompt(
        "talk", [{"role": "user", "content": "Hello {{name}}"}], response_format={"type": "object"}
    )
    mlflow.genai.set_prompt_alias("greeting", "live", 1)

    assert mlflow.genai.load_prompt("prompts:/greeting@live").template == "Say {{what}}"
    newest = mlflow.genai.load_prompt("prompts:/greeting@latest")
    assert (newest.version, newest.template) == (2, "Say {{what}} loudly")
    assert newest.commit_message == "Say it"
    assert mlflow.genai.load_prompt("prompts:/talk/1").template == [
        {"role": "user", "content": "Hello {{name}}"}
    ]
    assert {model.kind for model in RegisteredModel.objects.all()} == {"prompt"}
    assert all(version.is_ready for version in ModelVersion.objects.all())
    changed = refusal(
        client.set_prompt_version_tag, "greeting", "1", "mlflow.prompt.text", "Say nothing"
    )
    assert changed.error_code == "PERMISSION_DENIED"


def test_a_client_carries_out_what_was_decided_and_hears_why_not(sign_in: As) -> None:
    asked = scenarios.requested(Stage.STAGING)
    name, number = asked.version.model.name, str(asked.version.number)
    client = sign_in(scenarios.operator())

    shut = refusal(client.transition_model_version_stage, name, number, "Staging")
    assert shut.error_code == "PERMISSION_DENIED"
    assert f"/promotions/{asked.pk}/" in str(shut)
    for role, signer in scenarios.SIGNERS[Stage.STAGING].items():
        scenarios.sign(asked, signer(), role)
    moved = client.transition_model_version_stage(name, number, "Staging")
    assert moved.current_stage == "Staging"
    champion = refusal(client.set_registered_model_alias, name, "champion", number)
    assert "No promotion of" in str(champion)


def test_versions_registered_at_the_same_moment_have_numbers_without_gaps(
    client: MlflowClient,
) -> None:
    client.create_registered_model("iris")

    def register(number: int) -> int:
        return int(client.create_model_version("iris", f"s3://bucket/{number}").version)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        numbers = list(threads.map(register, range(3 * AT_ONCE)))

    assert sorted(numbers) == list(range(1, 3 * AT_ONCE + 1))


def test_an_alias_moved_at_the_same_moment_is_one_alias(client: MlflowClient) -> None:
    client.create_registered_model("iris")
    for number in range(AT_ONCE):
        client.create_model_version("iris", f"s3://bucket/{number}")

    def move(number: int) -> None:
        client.set_registered_model_alias("iris", "best", str(number))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(move, range(1, AT_ONCE + 1)))

    [alias] = Alias.objects.filter(name="best")
    assert client.get_registered_model("iris").aliases == {"best": str(alias.version.number)}
