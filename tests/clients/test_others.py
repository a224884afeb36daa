"""Crowds, prompts, webhooks, runs tracked elsewhere and ways to sign in, by each MLflow client."""

import base64
import hashlib
import hmac
import json
import os
from typing import Any

import pytest
from django.utils import timezone

from apps.catalog.models import Alias, ModelVersion, RegisteredModel
from apps.integrations import runner
from apps.integrations.models import Webhook
from tests import scenarios
from tests.api.caller import token_of
from tests.clients.serving import Client
from tests.factories import PASSWORD
from tests.integrations.receiver import Receiver, Sent
from tests.integrations.record import followed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

THREADS = 8
ROUNDS = 40 if os.environ.get("SIGNET_TEST_LONG") == "1" else 3
SECRET = "a long random text"


@pytest.fixture
def token(transactional_db: None) -> str:
    return token_of(scenarios.developer())


@pytest.mark.long
def test_a_crowd_gets_numbers_without_gaps_and_leaves_one_alias(client: Client, token: str) -> None:
    said = client.runs("crowd", token, str(THREADS), str(ROUNDS))

    assert said["refused"] == ["RESOURCE_ALREADY_EXISTS"] * (THREADS - 1)
    assert sorted(said["numbers"]) == list(range(1, THREADS * ROUNDS + 1))
    kept = ModelVersion.objects.order_by("number").values_list("number", flat=True)
    assert list(kept) == sorted(said["numbers"])
    [alias] = Alias.objects.filter(name="best")
    assert said["alias"] == alias.version.number
    assert said["aliases"] == {"best": str(said["alias"])}
    assert said["alias"] % ROUNDS == 0  # the last move of one of them


def test_prompts_are_registered_named_loaded_and_kept(client: Client, token: str) -> None:
    said = client.runs("prompts", token)

    assert said["live"] == [1, "Describe {{flower}}.", "Describe an iris."]
    assert said["newest"] == [2, "Describe {{flower}} in one word.", "Shorter"]
    assert said["models"] == ["iris"]
    kinds = dict(RegisteredModel.objects.values_list("name", "kind"))
    prompts = sorted(name for name, kind in kinds.items() if kind == "prompt")
    assert said["prompts"] == prompts
    if said["mlflow"].startswith("3."):
        assert said["changed"][0] == "PERMISSION_DENIED"
        assert sorted(said["searched"]) == prompts == ["describe", "talk"]
        turns = [{"role": "user", "content": "Describe {{flower}}."}]
        assert said["chat"] == [turns, {"type": "object"}]


def test_what_happens_arrives_at_a_webhook_signed(
    newest_client: Client, token: str, there: Receiver
) -> None:
    said = newest_client.runs("webhooks", token, there.url, SECRET)

    assert said["listed"] == ["doomed", "kept"]
    assert said["changed"] == ["renamed", "DISABLED"]
    assert said["gone"][0] == "RESOURCE_DOES_NOT_EXIST"
    assert said["tested"] == [True, 200]
    assert said["inside"][0] == "INVALID_PARAMETER_VALUE"
    there.requests.clear()
    [kept] = Webhook.objects.active()
    followed()
    runner.deliver_waiting(kept.pk)

    happened = [verified(sent) for sent in there.requests]
    assert [(each["entity"], each["action"]) for each in happened] == [
        ("registered_model", "created"),
        ("model_version", "created"),
        ("model_version_alias", "created"),
    ]
    assert happened[0]["data"] == {"name": "iris", "tags": {"team": "red"}, "description": ""}
    assert happened[2]["data"] == {"name": "iris", "alias": "best", "version": "1"}


def verified(sent: Sent) -> Any:
    """Return what a delivery says, provided it is signed and fresh."""
    delivery, stamp = (sent.headers[f"X-MLflow-{name}"] for name in ("Delivery-Id", "Timestamp"))
    signed = f"{delivery}.{stamp}.".encode() + sent.body
    code = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    assert sent.headers["X-MLflow-Signature"] == f"v1,{base64.b64encode(code).decode()}"
    assert abs(timezone.now().timestamp() - int(stamp)) < 300
    return json.loads(sent.body)


def test_runs_may_be_tracked_elsewhere(client: Client, token: str) -> None:
    said = client.runs("elsewhere", token)

    assert said["registered"] == [said["run_id"], "READY", said["source"]]
    assert said["address"] == said["source"]
    assert said["by_model"][1] == "READY"
    assert said["by_model_address"] == said["by_model"][0]
    assert said["own_folder"][0] == "INVALID_PARAMETER_VALUE"
    assert said["seconds"] < 20  # MLflow's own server lets its clients repeat for four minutes
    versions = ModelVersion.objects.filter(run_uid=said["run_id"])
    assert {(version.run, version.readiness) for version in versions} == {(None, "pending")}


def test_a_token_signs_in_and_a_web_password_does_not(client: Client, token: str) -> None:
    said = client.runs("signing_in", "", GOOD_TOKEN=token, WEB_PASSWORD=PASSWORD)

    assert said["token"] == said["password"] == said["own_name"] == []
    refused = ("web_password", "password_as_token", "wrong_password_beside_token", "nothing")
    assert [said[way][0] for way in refused] == ["UNAUTHENTICATED"] * len(refused)
