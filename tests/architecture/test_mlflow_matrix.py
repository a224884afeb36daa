"""Every route of the MLflow door, in every method, asked by those who may not write there.

The routes come from the router. Whoever has no token, the token of a stranger, or one that only
reads, is refused or shown what they may see, and leaves every row as it was.
"""

import json
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern

from apps.accounts.scopes import Scope
from apps.api.mlflow import urls
from apps.catalog import operations
from apps.catalog.models import ModelVersion
from apps.catalog.operations.sources import register_from_source
from tests import scenarios
from tests.api.caller import content_of, token_of
from tests.architecture.unchanged import everything_kept
from tests.catalog.tracked import FOLDER, logged_with, run_with
from tests.factories import actor

pytestmark = pytest.mark.django_db

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
READS = {"GET", "HEAD", "OPTIONS", "TRACE"}
PUBLIC = {"version"}
"""Open to everybody, since it says only which version of the calls is spoken."""

SEARCHES = re.compile(r"search(_by_address)?$|get-latest-versions$")
"""What clients ask by POST although it only reads."""

ROUTES: dict[str, URLPattern] = {str(each.name): each for each in urls.urlpatterns}
SECRET = "matrix"


@pytest.fixture
def version() -> ModelVersion:
    """A version from a logged model of a run, with an alias and tags: what a call can name."""
    by = actor(scenarios.developer())
    run = run_with({f"{SECRET}.txt": b"x"})
    logged = logged_with(FOLDER, run=run)
    model = scenarios.registered_model(SECRET)
    version = register_from_source(model, f"models:/{logged.uid}", by=by)
    operations.set_alias(model, "best", version, by=by)
    operations.set_model_tag(model, "key", SECRET, by=by)
    operations.set_version_tag(version, "key", SECRET, by=by)
    return version


def address(pattern: URLPattern, version: ModelVersion) -> str:
    """Return the address of a route, with what it captures standing for what is there."""
    known = {
        "run_uid": version.run_uid,
        "uid": version.logged_model_uid,
        "key": "key",
        "place": f"0/{version.run_uid}/artifacts/{SECRET}.txt",
        "rest": "traces/search",
    }
    captured = re.compile(r"<(?:\w+:)?(\w+)>")
    return "/" + captured.sub(lambda each: str(known.get(each[1], 1)), str(pattern.pattern))


def everything_asked(version: ModelVersion) -> dict[str, Any]:
    """Return the fields of every call at once; each takes those it knows."""
    uid = version.run_uid
    return {
        "name": SECRET,
        "new_name": "renamed",
        "version": "1",
        "stage": "Staging",
        "alias": "best",
        "key": "key",
        "value": "other",
        "description": "other",
        "source": "s3://bucket/model",
        "run_id": uid,
        "run_uuid": uid,
        "model_id": version.logged_model_uid,
        "experiment_id": "0",
        "experiment_ids": ["0"],
        "path": f"0/{uid}/artifacts",
        "url": "https://hooks.example/",
        "events": [{"entity": "MODEL_VERSION", "action": "CREATED"}],
        "status": "FINISHED",
        "timestamp": 1,
        "metrics": [{"key": "auc", "value": 1.0, "timestamp": 1, "step": 0}],
        "params": [{"key": "depth", "value": "3"}],
        "tags": [{"key": "key", "value": "other"}],
    }


def ask(method: str, path: str, text: str, asked: dict[str, Any]) -> HttpResponse:
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    headers = {"Authorization": f"Bearer {text}"} if text else {}
    if method in READS:
        return client.generic(method, path, headers=headers, query_params=_flat(asked))  # type: ignore[return-value]
    body = json.dumps(asked).encode()
    return client.generic(  # type: ignore[return-value]
        method, path, body, content_type="application/json", headers=headers
    )


def _flat(asked: dict[str, Any]) -> dict[str, str]:
    return {key: value for key, value in asked.items() if isinstance(value, str)}


@pytest.mark.parametrize("method", METHODS)
def test_without_a_token_no_route_says_or_does_anything(version: ModelVersion, method: str) -> None:
    before, asked = everything_kept(), everything_asked(version)
    for name in ROUTES.keys() - PUBLIC:
        for text in ("", "sgn_" + "0" * 49):
            answer = ask(method, address(ROUTES[name], version), text, asked)
            assert answer.status_code == 401, f"{method} {name}: {answer.status_code}"
            assert SECRET.encode() not in content_of(answer), f"{method} {name}"
    assert everything_kept() == before


@pytest.mark.parametrize("method", METHODS)
def test_a_stranger_learns_of_nothing_and_writes_nothing(
    version: ModelVersion, method: str
) -> None:
    text = token_of(scenarios.stranger())
    before, asked = everything_kept(), everything_asked(version)
    for name in ROUTES.keys() - PUBLIC:
        answer = ask(method, address(ROUTES[name], version), text, asked)
        assert answer.status_code in {200, 400, 403, 404, 405, 501}, f"{method} {name}"
        said = content_of(answer).replace(f"name={SECRET}".encode(), b"")
        assert f'"{SECRET}"'.encode() not in said, f"{method} {name}: {said!r}"
        if answer.status_code == 200 and method not in READS:
            assert SEARCHES.search(name), f"{method} {name}"
    assert everything_kept() == before


@pytest.mark.parametrize("method", METHODS)
def test_a_token_that_only_reads_writes_nothing(version: ModelVersion, method: str) -> None:
    text = token_of(scenarios.developer(), Scope.READ)
    before, asked = everything_kept(), everything_asked(version)
    for name in ROUTES.keys() - PUBLIC:
        answer = ask(method, address(ROUTES[name], version), text, asked)
        content_of(answer)
        assert answer.status_code in {200, 400, 403, 404, 405, 501}, f"{method} {name}"
        if answer.status_code == 200 and method not in READS:
            assert SEARCHES.search(name), f"{method} {name}"
    assert everything_kept() == before


@pytest.mark.parametrize("method", METHODS)
def test_a_cookie_of_a_browser_opens_no_route(version: ModelVersion, method: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(scenarios.developer())
    for name in ROUTES.keys() - PUBLIC:
        answer = client.generic(method, address(ROUTES[name], version))
        assert answer.status_code == 401, f"{method} {name}"


def test_what_is_public_says_only_a_version() -> None:
    for name in PUBLIC:
        answer = Client().get(f"/{ROUTES[name].pattern}")
        assert re.fullmatch(rb"[0-9.]+", answer.content)
