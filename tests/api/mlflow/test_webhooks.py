"""Webhooks at the MLflow door: exact shapes, refusals, and the journey of a real client."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities.webhook import Webhook as ClientsWebhook
from mlflow.entities.webhook import WebhookEvent, WebhookStatus
from mlflow.exceptions import MlflowException
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from apps.accounts.scopes import Scope
from apps.integrations import runner
from apps.integrations.models import Webhook, WebhookSecret
from tests.api.caller import token_of
from tests.api.mlflow.program import Program, refused, said
from tests.integrations.receiver import Receiver, receiver
from tests.integrations.record import followed
from tests.scenarios import auditor, developer, owner

URL = "https://hooks.example.com/signet"
CREATED = {"entity": "MODEL_VERSION", "action": "CREATED"}
GIVEN: dict[str, Any] = {"name": "hook", "url": URL, "events": [CREATED]}


@pytest.fixture
def there(settings: Settings) -> Iterator[Receiver]:
    """Run a receiver, trusted at its own port only."""
    with receiver() as running:
        settings.OUTBOUND_HTTP = True
        settings.OUTBOUND_ALLOW = running.trust
        yield running


@pytest.fixture
def program(db: None) -> Program:
    """The developer's program, with a token of every scope."""
    return Program(token_of(developer()))


def created(program: Program, **given: Any) -> dict[str, Any]:
    shown: dict[str, Any] = said(program.post("webhooks", **GIVEN | given))["webhook"]
    return shown


# -- shapes ----------------------------------------------------------------------------------------


def test_a_webhook_is_shown_as_mlflow_shows_it_without_its_secret(program: Program) -> None:
    answer = program.post("webhooks", **GIVEN, secret="quiet", description="For retraining")

    shown = said(answer)["webhook"]
    stored = Webhook.objects.get()
    assert shown == {
        "webhook_id": str(stored.uid),
        "name": "hook",
        "url": URL,
        "events": [CREATED],
        "status": "ACTIVE",
        "creation_timestamp": int(stored.created_at.timestamp() * 1000),
        "last_updated_timestamp": int(stored.touched_at.timestamp() * 1000),
        "description": "For retraining",
    }
    assert b"quiet" not in answer.content
    assert WebhookSecret.objects.get().text == "quiet"
    assert said(program.get(f"webhooks/{stored.uid}")) == {"webhook": shown}
    assert said(program.get("webhooks")) == {"webhooks": [shown]}


def test_no_webhooks_are_an_empty_answer(program: Program) -> None:
    assert said(program.get("webhooks")) == {}


def test_what_is_not_sent_stays(program: Program) -> None:
    made = created(program, secret="quiet", description="For retraining")
    path = f"webhooks/{made['webhook_id']}"

    assert said(program.patch(path, name="other"))["webhook"]["name"] == "other"
    assert said(program.patch(path, status="DISABLED"))["webhook"]["status"] == "DISABLED"
    changed = said(program.patch(path, description="", events=[]))["webhook"]

    assert "description" not in changed
    assert (changed["name"], changed["url"], changed["events"]) == ("other", URL, [CREATED])
    assert WebhookSecret.objects.get().text == "quiet"
    said(program.patch(path, secret=""))
    assert not WebhookSecret.objects.exists()


def test_pages_follow_each_other_and_the_last_has_no_token(program: Program) -> None:
    ids = [created(program)["webhook_id"] for _ in range(3)]
    first = said(program.get("webhooks", max_results=2))
    second = said(program.get("webhooks", max_results=2, page_token=first["next_page_token"]))
    shown = [each["webhook_id"] for each in (*first["webhooks"], *second["webhooks"])]
    assert shown == ids[::-1]
    assert "next_page_token" not in second
    assert len(said(program.get("webhooks", max_results=3))["webhooks"]) == 3


def test_a_deleted_webhook_is_gone(program: Program) -> None:
    path = f"webhooks/{created(program)['webhook_id']}"
    assert said(program.delete(path)) == {}
    for answer in (
        program.get(path),
        program.patch(path, name="x"),
        program.delete(path),
        program.post(f"{path}/test"),
    ):
        refused(answer, 404, "RESOURCE_DOES_NOT_EXIST")
    assert said(program.get("webhooks")) == {}


# -- formats MLflow does not know ------------------------------------------------------------------

SLACK = "https://hooks.slack.example.com/services/T0/B0/whoever-has-this-writes"
GITHUB: dict[str, Any] = {
    "url": "https://api.github.com",
    "format": "github",
    "repository": "github.com/acme/models",
    "secret": "ghp_quiet",
}


def test_a_chat_is_made_by_its_format_and_its_address_is_shown_by_its_host(
    program: Program,
) -> None:
    answer = program.post("webhooks", **GIVEN | {"url": SLACK, "format": "slack"})

    shown = said(answer)["webhook"]
    path = f"webhooks/{shown['webhook_id']}"
    assert shown["format"] == "slack"
    assert shown["url"] == "https://hooks.slack.example.com/…"
    assert WebhookSecret.objects.get().text == SLACK
    changed = program.patch(path, name="other", url=shown["url"])
    assert said(changed)["webhook"]["name"] == "other"
    assert WebhookSecret.objects.get().text == SLACK
    moved = program.patch(path, url=f"{SLACK}-2")
    assert WebhookSecret.objects.get().text == f"{SLACK}-2"
    for each in (answer, changed, moved, program.get(path), program.get("webhooks")):
        assert b"whoever-has-this-writes" not in each.content


def test_statuses_are_set_with_a_token_that_is_not_shown(program: Program) -> None:
    answer = program.post("webhooks", **GIVEN | GITHUB)
    shown = said(answer)["webhook"]
    assert shown["format"] == "github"
    assert shown["repository"] == "github.com/acme/models"
    assert shown["events"] == [CREATED]
    assert b"ghp_quiet" not in answer.content
    path = f"webhooks/{shown['webhook_id']}"
    moved = said(program.patch(path, repository="https://github.com/acme/other"))["webhook"]
    assert moved["repository"] == "github.com/acme/other"
    words = refused(
        program.patch(path, url="https://evil.example.com"), 400, "INVALID_PARAMETER_VALUE"
    )
    assert "needs it again" in words


@pytest.mark.parametrize(
    "given",
    [
        {"format": "telegram"},
        {"format": "slack", "secret": "quiet"},
        {"repository": "github.com/acme/models"},
        GITHUB | {"secret": ""},
        GITHUB | {"repository": "models"},
        GITHUB | {"events": [{"entity": "PROMPT", "action": "CREATED"}]},
    ],
    ids=str,
)
def test_a_format_that_cannot_be_is_refused(program: Program, given: dict[str, Any]) -> None:
    refused(program.post("webhooks", **GIVEN | given), 400, "INVALID_PARAMETER_VALUE")
    assert not Webhook.objects.exists()


def test_the_format_stays(program: Program) -> None:
    path = f"webhooks/{created(program)['webhook_id']}"
    words = refused(program.patch(path, format="slack"), 400, "INVALID_PARAMETER_VALUE")
    assert words == "A webhook keeps its format. Create another one."
    assert "format" not in said(program.get(path))["webhook"]


# -- refusals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["name", "url", "events"])
def test_a_field_that_is_missing_is_named_in_mlflows_words(program: Program, field: str) -> None:
    given = {key: value for key, value in GIVEN.items() if key != field}
    words = refused(program.post("webhooks", **given), 400, "INVALID_PARAMETER_VALUE")
    assert words == f"Missing value for required parameter '{field}'."


@pytest.mark.parametrize(
    "given",
    [
        {"events": []},
        {"events": [{"entity": "MODEL_VERSION", "action": "DELETED"}]},
        {"events": [{"entity": "BUDGET_POLICY", "action": "EXCEEDED"}]},
        {"events": [{"entity": "MODEL_VERSION"}]},
        {"events": "MODEL_VERSION"},
        {"events": [7]},
        {"name": "-"},
        {"name": 7.5},
        {"url": "http://example.com/"},
        {"url": "https://169.254.169.254/latest/"},
        {"url": ["https://example.com/"]},
        {"status": "PAUSED"},
        {"secret": "a" * 257},
    ],
    ids=str,
)
def test_a_webhook_that_cannot_be_is_refused(program: Program, given: dict[str, Any]) -> None:
    refused(program.post("webhooks", **GIVEN | given), 400, "INVALID_PARAMETER_VALUE")
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("asked", [{"max_results": 0}, {"max_results": 1001}, {"page_token": "x"}])
def test_a_page_that_cannot_be_is_refused(program: Program, asked: dict[str, Any]) -> None:
    refused(program.get("webhooks", **asked), 400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize("uid", ["1", "x", "0" * 32, "..", "a" * 500])
def test_what_is_not_there_is_absent(program: Program, uid: str) -> None:
    refused(program.get(f"webhooks/{uid}"), 404, "RESOURCE_DOES_NOT_EXIST")


def test_somebody_elses_webhook_is_as_absent_as_none(program: Program) -> None:
    path = f"webhooks/{created(program)['webhook_id']}"
    other = Program(token_of(owner()))
    for answer in (
        other.get(path),
        other.patch(path, name="x"),
        other.delete(path),
        other.post(f"{path}/test"),
    ):
        words = refused(answer, 404, "RESOURCE_DOES_NOT_EXIST")
        assert words == f"Webhook with ID {path.removeprefix('webhooks/')} not found."
    assert said(other.get("webhooks")) == {}


def test_who_may_not_register_has_no_webhooks(db: None) -> None:
    for program in (Program(token_of(auditor())), Program(token_of(developer(), Scope.READ))):
        refused(program.post("webhooks", **GIVEN), 403, "PERMISSION_DENIED")
        assert said(program.get("webhooks")) == {}
    refused(Program().get("webhooks"), 401, "UNAUTHENTICATED")


# -- trying ----------------------------------------------------------------------------------------


def test_k4_a_test_shows_the_status_and_no_body(program: Program, there: Receiver) -> None:
    path = f"webhooks/{created(program, url=there.url)['webhook_id']}/test"

    assert said(program.post(path)) == {"result": {"success": True, "response_status": 200}}
    there.status = 500
    answer = program.post(path, event={"entity": "PROMPT_TAG", "action": "SET"})

    assert said(answer) == {
        "result": {
            "success": False,
            "response_status": 500,
            "error_message": "The address answered with status 500.",
        }
    }
    assert b"nobody may read" not in answer.content
    assert [json.loads(sent.body)["entity"] for sent in there.requests] == [
        "model_version",
        "prompt_tag",
    ]


def test_k4_a_test_obeys_the_rules_of_the_way_out(
    program: Program, there: Receiver, settings: Settings
) -> None:
    path = f"webhooks/{created(program, url=there.url)['webhook_id']}/test"
    settings.OUTBOUND_ALLOW = []
    result = said(program.post(path))["result"]
    assert result["success"] is False
    assert "response_status" not in result
    assert there.requests == []


# -- a real client ---------------------------------------------------------------------------------


@pytest.fixture
def client(
    transactional_db: None, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> MlflowClient:
    """MLflow's own client, told nothing but the address and a token."""
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token_of(developer()))
    return MlflowClient(live_server.url, live_server.url)


def by_id(client: MlflowClient) -> dict[str, ClientsWebhook]:
    return {webhook.webhook_id: webhook for webhook in client.list_webhooks()}


@pytest.mark.slow
def test_a_client_makes_changes_tries_and_deletes_a_webhook(
    client: MlflowClient, there: Receiver
) -> None:
    made = client.create_webhook(
        name="hook",
        url=there.url,
        events=["registered_model.created", "model_version_alias.created"],
        description="For retraining",
        secret="quiet",
    )
    assert made.status == WebhookStatus.ACTIVE
    assert made.description == "For retraining"
    assert made.secret is None
    assert client.get_webhook(made.webhook_id).url == there.url

    changed = client.update_webhook(made.webhook_id, name="other", events=["prompt.created"])
    assert (changed.name, changed.url) == ("other", there.url)
    assert changed.events == [WebhookEvent("prompt", "created")]
    assert by_id(client)[made.webhook_id].name == "other"

    trial = client.test_webhook(made.webhook_id)
    assert (trial.success, trial.response_status, trial.response_body) == (True, 200, None)
    there.status = 404
    trial = client.test_webhook(made.webhook_id, event=WebhookEvent("model_version_tag", "set"))
    assert (trial.success, trial.response_status, trial.response_body) == (False, 404, None)
    assert trial.error_message == "The address answered with status 404."

    client.delete_webhook(made.webhook_id)
    assert by_id(client) == {}
    with pytest.raises(MlflowException, match="not found"):
        client.get_webhook(made.webhook_id)
    with pytest.raises(MlflowException, match="begins with"):
        client.create_webhook(name="x", url="ftp://a.example", events=["prompt.created"])


@pytest.mark.slow
def test_a_client_lists_changes_and_deletes_formats_it_does_not_know(
    client: MlflowClient, there: Receiver
) -> None:
    program = Program(token_of(developer()))
    chat = created(program, url=f"{there.url}/quiet", format="slack")
    statuses = created(program, **GITHUB)

    assert set(by_id(client)) == {chat["webhook_id"], statuses["webhook_id"]}
    found = by_id(client)[statuses["webhook_id"]]
    assert found.events == [WebhookEvent("model_version", "created")]
    assert client.test_webhook(chat["webhook_id"]).success
    shown = client.get_webhook(chat["webhook_id"])
    changed = client.update_webhook(shown.webhook_id, name="other", url=shown.url)
    assert changed.url == chat["url"]
    assert there.requests[0].path == "/hook/quiet"
    client.delete_webhook(statuses["webhook_id"])
    assert set(by_id(client)) == {chat["webhook_id"]}


@pytest.mark.slow
def test_what_a_client_registers_reaches_its_webhook(client: MlflowClient, there: Receiver) -> None:
    made = client.create_webhook(
        name="hook", url=there.url, events=["registered_model.created"], secret="quiet"
    )
    client.create_registered_model("tumor-triage", {"area": "chest"}, "Sorts")

    followed()
    runner.deliver_waiting(Webhook.objects.get(uid=made.webhook_id).pk)

    [sent] = there.requests
    assert json.loads(sent.body)["data"] == {
        "name": "tumor-triage",
        "tags": {"area": "chest"},
        "description": "Sorts",
    }
