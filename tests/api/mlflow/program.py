"""A program that calls the MLflow door with a token."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.test import Client

ROOT = "/api/2.0/mlflow"


class Program:
    """Sends MLflow's calls as its clients do, with one token and nothing else."""

    def __init__(self, text: str = "") -> None:
        self._client = Client(raise_request_exception=False, enforce_csrf_checks=True)
        self._headers = {"Authorization": f"Bearer {text}"} if text else {}

    def get(self, path: str, **asked: Any) -> HttpResponse:
        return self._client.get(  # type: ignore[return-value]
            f"{ROOT}/{path}", query_params=asked, headers=self._headers
        )

    def post(self, path: str, **asked: Any) -> HttpResponse:
        return self.send("POST", path, asked)

    def patch(self, path: str, **asked: Any) -> HttpResponse:
        return self.send("PATCH", path, asked)

    def delete(self, path: str, **asked: Any) -> HttpResponse:
        return self.send("DELETE", path, asked)

    def send(self, method: str, path: str, asked: Mapping[str, Any] | bytes) -> HttpResponse:
        """Send fields as JSON, or bytes as they are."""
        body = asked if isinstance(asked, bytes) else json.dumps(asked).encode()
        return self._client.generic(  # type: ignore[return-value]
            method, f"{ROOT}/{path}", body, content_type="application/json", headers=self._headers
        )


def said(answer: HttpResponse) -> Any:
    """Return what an answer says, provided it is a success."""
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def refused(answer: HttpResponse, status: int, code: str) -> str:
    """Return the words of a refusal, provided it has the status and MLflow's code."""
    assert answer.status_code == status, (answer.status_code, answer.content)
    body: dict[str, str] = json.loads(answer.content)
    assert body["error_code"] == code
    assert set(body) == {"error_code", "message"}
    return body["message"]
