"""A program that calls the API with a token."""

import json
from collections.abc import Collection, Mapping
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.http import HttpResponse
from django.test import Client

from apps.accounts import operations
from apps.accounts.models import User
from apps.accounts.scopes import Scope
from tests.factories import actor
from tests.remembered import remembered

ROOT = "/api/v1"
JSON = "application/json"
PLAIN = "application/octet-stream"
NO_HEADERS: Mapping[str, str] = {}


@remembered
def token_of(user: User, *scopes: Scope, roots: Collection[str] = ()) -> str:
    """Return the text of a new token: of every scope, unless some are named."""
    _, text = operations.create_token(
        user,
        by=actor(user),
        name="a test",
        scopes=scopes or tuple(Scope),
        expires_in=timedelta(days=1),
        roots=roots,
    )
    return text


class Caller:
    """Sends requests with one token, and nothing else that could identify it."""

    def __init__(self, text: str = "") -> None:
        self._client = Client(raise_request_exception=False, enforce_csrf_checks=True)
        self._headers = {"Authorization": f"Bearer {text}"} if text else {}

    def get(self, path: str, headers: Mapping[str, str] = NO_HEADERS) -> HttpResponse:
        return self.send("GET", path, headers=headers)

    def post(self, path: str, value: Any = None) -> HttpResponse:
        """Send a value as JSON, or no body at all."""
        return self.send("POST", path, b"" if value is None else json.dumps(value).encode())

    def put(self, path: str, body: bytes, headers: Mapping[str, str] = NO_HEADERS) -> HttpResponse:
        """Send bytes, which have a length even when there are none."""
        return self.put_from(path, BytesIO(body), {"Content-Length": str(len(body)), **headers})

    def put_from(
        self, path: str, source: Any, headers: Mapping[str, str] = NO_HEADERS
    ) -> HttpResponse:
        """Send what something to read from gives, as a server hands it on."""
        environ = {"wsgi.input": source}
        return self.send("PUT", path, media_type=PLAIN, environ=environ, headers=headers)

    def put_in_chunks(
        self, path: str, body: bytes, headers: Mapping[str, str] = NO_HEADERS
    ) -> HttpResponse:
        """Send bytes whose length is not announced, as a server hands them on."""
        environ = {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True}
        return self.send("PUT", path, media_type=PLAIN, environ=environ, headers=headers)

    def send(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        media_type: str = JSON,
        environ: Mapping[str, Any] = NO_HEADERS,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> HttpResponse:
        return self._client.generic(  # type: ignore[return-value]
            method,
            f"{ROOT}{path}",
            body,
            content_type=media_type,
            headers=self._headers | dict(headers),
            **environ,
        )


def content_of(answer: HttpResponse) -> bytes:
    """Return all an answer holds; one that streams is closed by that."""
    return answer.getvalue()


def said(answer: HttpResponse, status: int = 200) -> Any:
    """Return what an answer says, provided it has the status."""
    assert answer.status_code == status, answer.content
    return json.loads(answer.content) if answer.content else None


def refusal(answer: HttpResponse, status: int) -> dict[str, Any]:
    """Return the problem of a refusal, provided it is one of that status."""
    problem: dict[str, Any] = said(answer, status)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["status"] == status
    assert problem["detail"]
    return problem
