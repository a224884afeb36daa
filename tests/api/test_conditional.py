"""ETags: what has not changed is not sent again, and what has changed is not overwritten."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from apps.audit import preconditions
from apps.audit.changes import Record
from apps.audit.models import AuditEvent
from apps.catalog import operations
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.errors import RuleBroken
from tests import scenarios
from tests.api.caller import Caller, content_of, refusal, said, token_of
from tests.api.world import ROUTES, Route, World
from tests.factories import actor

pytestmark = pytest.mark.django_db

CONDITIONAL = [
    route
    for route in ROUTES.values()
    if any(parameter["name"] == "If-Match" for parameter in route.described["parameters"])
]
DESCRIBE = "apps.api.v1.registered.operations.describe_model"
SHOWN = [
    route
    for route in ROUTES.values()
    if route.is_read and "304" in route.described["responses"]
    if str(route) != "GET /admission"  # each answer says when it was given
]
WHO = {"DELETE /models/{name}": scenarios.owner}


def program(route: Route) -> Caller:
    """Return a program of somebody who may make a call."""
    is_owners = any(part in route.path for part in ("use-cases", "third-parties", "}/inventory"))
    is_owners = is_owners and "versions" not in route.path
    who = scenarios.owner if is_owners else WHO.get(str(route), scenarios.developer)
    return Caller(token_of(who()))


def send(route: Route, world: World, headers: dict[str, str]) -> Any:
    asked = world.asked(route)
    body = b"" if asked is None else json.dumps(asked).encode()
    return program(route).send(route.method, world.address(route), body, headers=headers)


def test_what_is_shown_has_a_tag_and_is_not_sent_again() -> None:
    world = World.made()
    assert len(SHOWN) > 25
    caller = Caller(token_of(scenarios.developer()))
    for route in SHOWN:
        first = caller.get(world.address(route))
        tag = first.headers["ETag"]
        assert tag.startswith('"'), route
        for header in (tag, f'W/{tag}, "other"', "*"):
            again = caller.get(world.address(route), headers={"If-None-Match": header})
            assert (again.status_code, content_of(again)) == (304, b""), f"{route} {header}"
            assert again.headers["ETag"] == tag
        said(caller.get(world.address(route), headers={"If-None-Match": '"other"'}))


def test_the_tag_is_of_what_is_shown_and_changes_with_it(
    caller: Caller, version: ModelVersion
) -> None:
    path = f"/models/{version.model.name}"
    tags = [caller.get(path).headers["ETag"] for _ in range(2)]
    scenarios.registered_version(version.model, {"a": b"2"})

    assert tags[0] == tags[1]
    assert caller.get(path).headers["ETag"] != tags[0]


def test_a_change_answers_with_the_tag_of_what_is_shown_now(
    caller: Caller, model: RegisteredModel
) -> None:
    path = f"/models/{model.name}"

    changed = caller.send("PATCH", path, b'{"title": "Other"}')

    assert changed.headers["ETag"] == caller.get(path).headers["ETag"]


@pytest.mark.parametrize("route", CONDITIONAL, ids=str)
def test_what_is_not_as_the_caller_last_read_it_is_left_alone(route: Route) -> None:
    world = World.made()
    before = AuditEvent.objects.exclude(action="token.create").filter(outcome="done").count()

    for header in ('"other"', 'W/"other"', "other", ""):
        answer = send(route, world, {"If-Match": header})
        assert refusal(answer, 412)["code"] == "stale", header

    after = AuditEvent.objects.exclude(action="token.create").filter(outcome="done").count()
    assert after == before
    shown = program(route).get(world.address(route)).headers["ETag"]
    assert refusal(send(route, world, {"If-None-Match": shown}), 412)["code"] == "stale"


@pytest.mark.parametrize("route", CONDITIONAL, ids=str)
def test_what_is_as_the_caller_last_read_it_is_changed(route: Route) -> None:
    world = World.made()
    reader = program(route)
    shown = reader.get(world.address(route)).headers["ETag"]

    answer = send(route, world, {"If-Match": f'"other", {shown}'})

    if route.path == "/models/{name}" or route.path.endswith("versions/{number}"):
        assert answer.status_code in {200, 204, 403}, content_of(answer)
    else:
        assert answer.status_code in {200, 204}, content_of(answer)


def test_something_is_made_only_if_it_is_not_there(caller: Caller, model: RegisteredModel) -> None:
    address, new = f"/models/{model.name}/tags/a", {"If-None-Match": "*"}

    refusal(caller.send("PUT", address, b'{"value": "b"}', headers={"If-Match": "*"}), 412)
    said(caller.send("PUT", address, b'{"value": "b"}', headers=new))
    refusal(caller.send("PUT", address, b'{"value": "c"}', headers=new), 412)
    said(caller.send("PUT", address, b'{"value": "c"}', headers={"If-Match": "*"}))

    assert model.tags.get().value == "c"


def test_the_tag_is_held_against_what_is_there_once_the_model_is_locked(
    caller: Caller, model: RegisteredModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else is quicker by a moment: after this request was read, before its change."""
    path = f"/models/{model.name}"
    tag = caller.get(path).headers["ETag"]
    describe: Callable[..., RegisteredModel] = operations.describe_model

    def others_first(*args: Any, **given: Any) -> RegisteredModel:
        monkeypatch.setattr(DESCRIBE, describe)
        with preconditions.only_if(lambda: None):
            describe(model, by=actor(scenarios.owner()), title="Quicker")
        return describe(*args, **given)

    monkeypatch.setattr(DESCRIBE, others_first)
    answer = caller.send("PATCH", path, b'{"title": "Slower"}', headers={"If-Match": tag})

    assert refusal(answer, 412)["code"] == "stale"
    model.refresh_from_db()
    assert model.title == "Quicker"


def test_facts_of_an_asset_given_at_the_same_moment_are_not_lost(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World.made()
    path = f"/lineage/assets/{world.asset.uid}"
    describe = operations.describe_asset

    def others_first(*args: Any, **given: Any) -> Any:
        monkeypatch.setattr("apps.api.v1.tracing.operations.describe_asset", describe)
        with preconditions.only_if(lambda: None):
            facts = operations.AssetFacts(license="MIT")
            describe(world.asset, facts, by=actor(scenarios.owner()))
        return describe(*args, **given)

    monkeypatch.setattr("apps.api.v1.tracing.operations.describe_asset", others_first)
    refusal(caller.send("PATCH", path, b'{"description": "Scans"}'), 412)
    said(caller.send("PATCH", path, b'{"description": "Scans"}'))

    shown = said(caller.get(path))
    assert (shown["license"], shown["description"]) == ("MIT", "Scans")


def test_a_precondition_is_asked_of_the_next_outermost_change_alone(
    model: RegisteredModel,
) -> None:
    asked: list[str] = []

    def refuse_later() -> None:
        asked.append(Record.__name__)
        if len(asked) > 1:
            raise RuleBroken("Asked twice.")

    by = actor(scenarios.owner())
    with preconditions.only_if(refuse_later):
        operations.describe_model(model, by=by, title="One")
        operations.describe_model(model, by=by, title="Two")
    operations.describe_model(model, by=by, title="Three")

    assert len(asked) == 1
    assert RegisteredModel.objects.get().title == "Three"
