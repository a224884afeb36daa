"""The API takes what is declared, within limits, and nothing else changes anything."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models

from apps.accounts.models import User
from apps.api.problems import MOST_FAULTS
from apps.audit.models import AuditEvent
from apps.catalog.models import (
    Artifact,
    LineageEdge,
    ModelVersion,
    RegisteredModel,
    Run,
    RunMetric,
    Upload,
)
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.api.world import ROUTES, World

pytestmark = pytest.mark.django_db

MEBIBYTE = 2**20


def fields_of(*rows: type[models.Model]) -> set[str]:
    """Return every name of a field or column of some rows, and of what belongs to an account."""
    named = {name for row in rows for field in row._meta.get_fields() for name in _names(field)}
    return named | {"is_superuser", "created_by", "digest", "pk", "_state", "__class__"}


def _names(field: Any) -> set[str]:
    return {field.name, getattr(field, "attname", field.name)}


MODEL_FIELDS = {
    "name", "title", "intended_use", "out_of_scope_uses", "limitations", "owner", "team", "domain",
    "kind", "method", "flags", "description", "tags",
}  # fmt: skip
VERSION_FIELDS = {
    "upload", "description", "change_class", "source", "framework", "flavors", "python_version",
    "packages", "code_repository", "code_commit", "code_is_dirty", "container_digest",
    "base_version", "contributors", "signature", "input_example", "run",
}  # fmt: skip


@pytest.mark.parametrize("field", sorted(fields_of(RegisteredModel, User) - MODEL_FIELDS))
def test_a_field_a_model_is_not_registered_with_is_refused(caller: Caller, field: str) -> None:
    problem = refusal(caller.post("/models", {"name": "credit", field: 1}), 400)

    assert problem["faults"] == [{"place": field, "says": "This field is not known here."}]
    assert not RegisteredModel.objects.exists()


@pytest.mark.parametrize("field", sorted(fields_of(ModelVersion, Artifact) - VERSION_FIELDS))
def test_a_field_a_version_is_not_registered_with_is_refused(
    caller: Caller, model: RegisteredModel, field: str
) -> None:
    upload = scenarios.uploaded()
    before = AuditEvent.objects.count()

    body = {"upload": str(upload.pk), field: 1}
    problem = refusal(caller.post(f"/models/{model.name}/versions", body), 400)

    assert problem["faults"][0]["place"] == field
    assert not model.versions.exists()
    assert AuditEvent.objects.count() == before
    assert upload.files.exists()


@pytest.mark.parametrize(
    "field", sorted(fields_of(Run) - {"name", "source", "parameters", "metrics"})
)
def test_a_field_a_run_does_not_have_is_refused(
    caller: Caller, model: RegisteredModel, field: str
) -> None:
    body = {"upload": str(scenarios.uploaded().pk), "run": {field: 1}}

    assert field in refusal(caller.post(f"/models/{model.name}/versions", body), 400)["detail"]
    assert not Run.objects.exists()
    assert not RunMetric.objects.exists()


@pytest.mark.parametrize("field", sorted(fields_of(Upload)))
def test_an_upload_is_started_with_nothing(caller: Caller, field: str) -> None:
    refusal(caller.post("/uploads", {field: 1}), 400)

    assert not Upload.objects.exists()
    said(caller.post("/uploads", {}), 201)


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "not UTF-8": b'{"name": "\xff"}',
    "a list": b"[]",
    "null": b"null",
    "a key twice": b'{"name": "a", "name": "b"}',
    "a key twice, deep": b'{"name": "a", "title": {"x": 1, "x": 2}}',
    "NaN": b'{"name": NaN}',
    "infinity": b'{"name": 1e999}',
    "NUL": b'{"name": "a\\u0000b"}',
    "half a character": b'{"name": "\\ud800"}',
    "another type": b'{"name": 7}',
    "null for a text": b'{"name": null}',
    "a text for a list": b'{"name": "a", "flags": "is_ai"}',
    "33 levels": b'{"name": ' + b"[" * 33 + b"]" * 33 + b"}",
    "100,000 levels": b"[" * 100_000,
    "100,000 keys": json.dumps({f"k{number}": 1 for number in range(60_000)}).encode(),
    "10,000 digits": b'{"name": ' + b"9" * 10_000 + b"}",
    "1,001 items": json.dumps({"name": "a", "flags": ["is_ai"] * 1001}).encode(),
    "1 MiB": json.dumps({"name": "x" * (MEBIBYTE - 12)}).encode(),
    "1 MiB and a byte": json.dumps({"name": "x" * (MEBIBYTE - 11)}).encode(),
}


TAKES_JSON = [name for name, route in ROUTES.items() if route.body is not None]
OPEN = {"POST /lineage"}
"""Calls that take an open format of others: what is not known in it is let be."""
SECRETS = {"is_superuser", "created_by", "digest", "pk", "_state", "__class__"}


def everything_injected() -> set[str]:
    """Return the name of every column of every row of ours."""
    ours = (rows for rows in apps.get_models() if rows.__module__.startswith("apps."))
    return SECRETS.union(*(_names(field) for rows in ours for field in rows._meta.concrete_fields))


def unknown(known: set[str]) -> Iterator[list[str]]:
    """Yield every name but the known ones, as many at a time as one refusal tells of."""
    names = sorted(everything_injected() - known)
    for first in range(0, len(names), MOST_FAULTS):
        yield names[first : first + MOST_FAULTS]


@pytest.mark.parametrize("name", [name for name in TAKES_JSON if name not in OPEN])
def test_e1_no_call_takes_a_field_it_does_not_declare(name: str) -> None:
    route, world = ROUTES[name], World.made()
    program = Caller(token_of(scenarios.developer()))
    known = set((route.body or {})["properties"])
    said(program.get("/models"))
    before = AuditEvent.objects.count()
    for fields in unknown(known):
        body = {**(world.asked(route) or {}), **dict.fromkeys(fields, 1)}
        answer = program.send(route.method, world.address(route), json.dumps(body).encode())
        told = {fault["place"]: fault["says"] for fault in refusal(answer, 400)["faults"]}
        assert told == dict.fromkeys(fields, "This field is not known here.")
    assert AuditEvent.objects.count() == before


def test_e1_the_ends_of_an_edge_take_no_other_field_either() -> None:
    route, world = ROUTES["POST /lineage/edges"], World.made()
    program = Caller(token_of(scenarios.developer()))
    for end in ("origin", "target"):
        for fields in unknown({"asset", "model", "version"}):
            body = world.asked(route)
            body[end] = {**body[end], **dict.fromkeys(fields, 1)}
            faults = refusal(program.post("/lineage/edges", body), 400)["faults"]
            assert {fault["place"] for fault in faults} == {f"{end}.{field}" for field in fields}
    assert LineageEdge.objects.count() == 1


@pytest.mark.parametrize("name", sorted(OPEN))
def test_e1_what_an_open_format_adds_reaches_nothing(name: str) -> None:
    route, world = ROUTES[name], World.made()
    program = Caller(token_of(scenarios.developer()))
    body = world.asked(route) or {}
    said(program.send(route.method, world.address(route), json.dumps(body).encode()))
    before = AuditEvent.objects.count()

    for fields in unknown(set((route.body or {})["properties"])):
        added = json.dumps({**body, **dict.fromkeys(fields, 1)}).encode()
        said(program.send(route.method, world.address(route), added))

    assert AuditEvent.objects.count() == before


def test_every_call_that_takes_a_body_has_one_in_the_world_of_the_tests() -> None:
    world = World.made()
    for name in TAKES_JSON:
        required = (ROUTES[name].body or {}).get("required", [])
        assert set(required) <= set(world.asked(ROUTES[name]) or {}), name


@pytest.mark.parametrize("name", TAKES_JSON)
def test_e3_no_call_takes_a_body_out_of_bounds(name: str) -> None:
    route, world = ROUTES[name], World.made()
    program = Caller(token_of(scenarios.developer()))
    before = AuditEvent.objects.filter(outcome="done").count()
    for kind in OUT_OF_BOUNDS:
        answer = program.send(route.method, world.address(route), BODIES[kind])
        assert refusal(answer, 400)["code"] == "input_refused", kind
    assert AuditEvent.objects.filter(outcome="done").count() == before


OUT_OF_BOUNDS = BODIES.keys() - {"nothing", "null"}
"""What no call takes; some take no body at all."""


@pytest.mark.parametrize("kind", BODIES)
def test_a_body_out_of_bounds_is_refused(caller: Caller, kind: str) -> None:
    refusal(caller.send("POST", "/models", BODIES[kind]), 400)
    assert not RegisteredModel.objects.exists()


def test_the_bodies_have_the_sizes_their_names_say() -> None:
    assert len(BODIES["1 MiB"]) == MEBIBYTE
    assert len(BODIES["1 MiB and a byte"]) == MEBIBYTE + 1


@pytest.mark.parametrize(
    "media_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
)
def test_a_body_that_does_not_say_it_is_json_is_refused(caller: Caller, media_type: str) -> None:
    body = b'{"name": "credit"}'

    problem = refusal(caller.send("POST", "/models", body, media_type=media_type), 400)

    assert "application/json" in problem["detail"]
    said(caller.send("POST", "/models", body, media_type="application/json; charset=utf-8"), 201)


@pytest.mark.parametrize(
    "path",
    [
        "/models?limit=1&limit=2",
        "/models?page=&page=",
        "/models?owner__password__startswith=a",
        "/models?order_by=owner__password",
        "/models/{name}?fields=owner",
        "/models/{name}/versions?number=1",
        "/models/{name}/versions/1?stage=production",
        "/models/{name}/versions/1/files/README.md?path=../../etc/passwd",
    ],
)
def test_a_parameter_that_is_repeated_or_not_known_is_refused(
    caller: Caller, version: ModelVersion, path: str
) -> None:
    refusal(caller.get(path.format(name=version.model.name)), 400)


def test_parameters_are_refused_where_something_is_written_too(caller: Caller) -> None:
    refusal(caller.post("/models?name=credit", {"name": "credit"}), 400)

    assert not RegisteredModel.objects.exists()


def test_many_faults_are_told_up_to_a_number(caller: Caller) -> None:
    body = {f"{'k' * 300}{number}": 1 for number in range(50)}

    faults = refusal(caller.post("/models", body), 400)["faults"]

    assert len(faults) == 20
    assert max(len(fault["place"]) for fault in faults) == 200
