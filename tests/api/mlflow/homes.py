"""Runs and logged models with files, and a program that reads and writes them as clients do."""

import json
from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.core.files.storage import FileSystemStorage, storages
from django.http import HttpResponse
from django.test import Client

from apps.accounts.models import User
from apps.catalog.models import Experiment, LoggedModel, Run
from apps.catalog.tracking import addresses
from apps.core.clock import database_now

ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
LIST_OF_RUN = "/api/2.0/mlflow/artifacts/list"
PLAIN = "application/octet-stream"
NO_HEADERS: Mapping[str, str] = {}


def experiment() -> Experiment:
    """Return the experiment of runs that name none."""
    now = database_now()
    defaults = {"name": "Default", "created_at": now, "touched_at": now}
    return Experiment.objects.get_or_create(pk=0, defaults=defaults)[0]


def run_of(user: User) -> Run:
    """Return a new run that somebody started."""
    now = database_now()
    return Run.objects.create(
        uid=uuid4().hex,
        experiment=experiment(),
        status=Run.Status.RUNNING,
        created_at=now,
        started_at=now - timedelta(seconds=1),
        starter_id=user.record_id,
        started_by=user,
    )


def logged_model_of(user: User, run: Run | None = None) -> LoggedModel:
    """Return a new logged model that somebody started."""
    now = database_now()
    return LoggedModel.objects.create(
        uid=f"m-{uuid4().hex}",
        experiment=experiment(),
        run=run,
        name="classifier",
        created_at=now,
        touched_at=now,
        started_by=user,
    )


def place_of(home: Run | LoggedModel, path: str = "") -> str:
    """Return the path of a file below the root of all artifacts."""
    root = addresses.root_of(home).removeprefix(addresses.SCHEME)
    return f"{root}/{path}" if path else root


def content_place(digest: str, path: str = "") -> str:
    """Return the path of a file within the content of a version."""
    root = f"content/{digest.removeprefix('sha256:')}"
    return f"{root}/{path}" if path else root


class Program:
    """Sends requests with one token, to addresses encoded once."""

    def __init__(self, text: str = "") -> None:
        self._client = Client(raise_request_exception=False, enforce_csrf_checks=True)
        self._headers = {"Authorization": f"Bearer {text}"} if text else {}

    def put(self, place: str, body: bytes, headers: Mapping[str, str] = NO_HEADERS) -> HttpResponse:
        """Send a file whose length is announced."""
        announced = {"Content-Length": str(len(body)), **headers}
        return self.put_from(place, BytesIO(body), announced)

    def put_from(
        self, place: str, source: Any, headers: Mapping[str, str] = NO_HEADERS
    ) -> HttpResponse:
        """Send what something to read from gives, as a server hands it on."""
        return self.raw("PUT", _file(place), environ={"wsgi.input": source}, headers=headers)

    def put_in_chunks(self, place: str, body: bytes, *, is_terminated: bool = True) -> HttpResponse:
        """Send a file whose length is not announced."""
        environ = {"wsgi.input": BytesIO(body), "wsgi.input_terminated": is_terminated}
        return self.raw("PUT", _file(place), environ=environ)

    def get(self, place: str, headers: Mapping[str, str] = NO_HEADERS) -> HttpResponse:
        return self.raw("GET", _file(place), headers=headers)

    def delete(self, place: str) -> HttpResponse:
        return self.raw("DELETE", _file(place))

    def listed(self, place: str) -> Any:
        """Return what a folder is said to hold."""
        return said(self.raw("GET", f"{ARTIFACTS}?path={quote(place, safe='')}"))

    def post(self, path: str, fields: Mapping[str, Any]) -> HttpResponse:
        return self.send_fields("POST", path, fields)

    def send_fields(self, method: str, path: str, fields: Mapping[str, Any]) -> HttpResponse:
        body = json.dumps(fields).encode()
        return self.raw(method, path, body, media_type="application/json")

    def raw(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        media_type: str = PLAIN,
        environ: Mapping[str, Any] = NO_HEADERS,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> HttpResponse:
        """Send a request to an address as it stands."""
        return self._client.generic(  # type: ignore[return-value]
            method,
            path,
            body,
            content_type=media_type,
            headers=self._headers | dict(headers),
            **environ,
        )


def keep_in(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Keep artifacts in a folder, wherever the settings would keep them."""
    storage = FileSystemStorage(str(folder))
    patch.setitem(storages._storages, "artifacts", storage)  # type: ignore[attr-defined]


def said(answer: HttpResponse, status: int = 200) -> Any:
    """Return what an answer says, provided it has the status."""
    assert answer.status_code == status, answer.content
    return json.loads(answer.content)


def refused(answer: HttpResponse, status: int, code: str) -> str:
    """Return the words of a refusal, provided it is this one."""
    problem = said(answer, status)
    assert problem["error_code"] == code, problem
    assert answer.headers["Content-Type"] == "application/json"
    return str(problem["message"])


def _file(place: str) -> str:
    return f"{ARTIFACTS}/{quote(place)}"
