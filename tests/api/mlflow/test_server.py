"""What MLflow clients ask of the server itself, and calls that are not known."""

import json

import pytest
from django.test import Client

from tests import scenarios
from tests.api.caller import token_of
from tests.api.mlflow.program import Program, refused

pytestmark = pytest.mark.django_db


def test_the_version_is_told_to_everybody() -> None:
    answer = Client().get("/version")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain"
    major, minor, _ = answer.content.decode().split(".")
    assert (int(major), int(minor)) == (3, 3)  # later clients would send their traces here


@pytest.fixture
def token() -> dict[str, str]:
    """What a program with a token sends with each call."""
    return {"Authorization": f"Bearer {token_of(scenarios.developer())}"}


def test_clients_are_told_what_they_need_not_try(token: dict[str, str]) -> None:
    answer = Client().get("/api/3.0/mlflow/server-info", headers=token)
    told = json.loads(answer.content)

    assert answer.status_code == 200
    assert told["workspaces_enabled"] is told["multipart_uploads_enabled"] is False


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(
    "path", ["2.0/mlflow/traces", "3.0/mlflow/traces/search", "2.0/mlflow/a\nb"]
)
def test_a_call_that_is_not_known_is_answered_as_mlflow_would(
    token: dict[str, str], method: str, path: str
) -> None:
    client, address = Client(enforce_csrf_checks=True), f"/api/{path}"

    for headers, status, code in (
        (token, 404, "ENDPOINT_NOT_FOUND"),
        ({}, 401, "UNAUTHENTICATED"),
    ):
        answer = client.generic(method, address, headers=headers)
        assert (answer.status_code, json.loads(answer.content)["error_code"]) == (status, code)


@pytest.mark.parametrize("path", ["runs/search", "experiments/create", "metrics/get-history"])
def test_a_known_call_in_another_method_is_refused(dev: Program, path: str) -> None:
    answer = dev.send("PUT", path, {})

    assert answer.status_code == 405
    assert answer.headers["Allow"]


def test_a_redirect_is_never_answered(dev: Program) -> None:
    refused(dev.get("runs/get/"), 404, "ENDPOINT_NOT_FOUND")
