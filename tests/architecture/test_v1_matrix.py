"""C1 to C3 for Signet's own API: every call, asked by everybody who may not make it.

The calls come from the description of the API, and the description from the router. What may not be
seen is answered like what is not there, and nobody who is refused leaves a trace but the refusal.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import URLPattern

from apps.accounts.scopes import Scope
from apps.api.v1.api import api
from tests import scenarios
from tests.api.caller import NO_HEADERS, Caller, content_of, token_of
from tests.api.world import NAME, ROUTES, Route, World
from tests.architecture.unchanged import everything_kept

pytestmark = pytest.mark.django_db

OPEN_TO_ALL = {
    "GET /models",
    "GET /promotions",
    "GET /waivers",
    "GET /lineage/assets",
    "GET /inventory/fields",
    "GET /policies",
    "GET /policies/{policy}",
    "GET /assessments",
    "GET /findings",
    "GET /incidents",
    "GET /reporting-clocks",
    "GET /due",
    "GET /as-of/production",
    "GET /admission",
    "GET /admission/key",
    "GET /log/checkpoint",
    "GET /metrics",
    "GET /log/tile/{level}/{place}",
    "GET /environments",
    "GET /environments/{environment}",
    "GET /environments/{environment}/sightings",
    "GET /deployments",
    "GET /campaigns",
    "GET /questionnaires",
    "GET /questionnaires/{kind}",
    "GET /questionnaires/{kind}/text",
    "GET /questionnaires/{kind}/versions",
    "GET /questionnaires/{kind}/versions/{questionnaire}",
    "GET /questionnaires/{kind}/versions/{questionnaire}/text",
    "GET /questionnaires/{kind}/versions/{questionnaire}/comparison",
}
"""Lists that show each caller what they may see; hashes of the log, which say nothing; fields,
environments, and policies and questionnaires in force, are no secret. Of what may not be asked
about, admission says that nobody registered it."""
SHOWN_TO_ALL = {"POST /environments/{environment}/sightings"}
"""Calls about what everybody may see, for the few who may do it."""
TAKE_AWAY = {"POST /packs"}
"""Calls that have a file made of what the caller may see, for whoever may see it."""
UNDESCRIBED = {"openapi-json", "api-root", "nothing_here", "None"}

Who = Callable[[World], str]

STRANGERS: dict[str, Who] = {
    "a stranger": lambda world: token_of(scenarios.stranger()),
    "a token of another model": lambda world: token_of(
        scenarios.developer(), roots=[scenarios.registered_model("other").record_ref]
    ),
}
SCOPES: dict[str, frozenset[Scope]] = {
    "only reads": frozenset({Scope.READ}),
    "only checks": frozenset({Scope.CHECK}),
    "reads and promotes": frozenset({Scope.READ, Scope.PROMOTE}),
    "reads and registers": frozenset({Scope.READ, Scope.REGISTER}),
    "reads and assesses": frozenset({Scope.READ, Scope.ASSESS}),
    "reads and raises": frozenset({Scope.READ, Scope.RAISE}),
}
PROMOTING = "promotions|promote|withdraw|roll-back|note|comments|answer|meet|waivers"
NEEDED: tuple[tuple[str, Scope], ...] = (
    (r"/deployments", Scope.DEPLOY),
    (r"/sightings$", Scope.OBSERVE),
    (r"/points$", Scope.MONITOR),
    (r"/result$", Scope.RESULTS),
    (r"/(findings|incidents)$", Scope.RAISE),
    (r"/assessments|^/questionnaires$|^/obligations/", Scope.ASSESS),
    (r"/(evidence|attestations|documents)", Scope.EVIDENCE),
    (r"/checks$", Scope.CHECK),
    (r"^/packs$", Scope.READ),
    (rf"/({PROMOTING})$", Scope.PROMOTE),
    (r"", Scope.REGISTER),
)
"""Which scope a call that writes needs, by its address: the first that fits counts."""


@pytest.fixture
def world() -> World:
    return World.made()


def ask(
    text: str, route: Route, world: World, places: dict[str, Any] | None = None
) -> HttpResponse:
    program = Caller(text)
    path, asked = world.address(route, places), world.asked(route)
    if "/files/" in path and route.method == "PUT":
        return program.put(path, b"x")
    body = b"" if asked is None else json.dumps(asked).encode()
    return program.send(route.method, path, body, headers=NO_HEADERS)


def wrong_scope(route: Route, scopes: frozenset[Scope]) -> bool:
    """Say whether a token of these scopes lacks what a call that writes needs."""
    needed = next(scope for pattern, scope in NEEDED if re.search(pattern, route.path))
    return needed not in scopes


def is_own(world: World, who: str, route: Route) -> bool:
    """Say whether a call is about an upload of the token's owner, which belongs to no model yet."""
    return route.path.startswith("/uploads/") and who == "a token of another model"


def test_every_call_of_the_router_is_described() -> None:
    named = {str(pattern.name) for pattern in _patterns() if str(pattern.name) not in UNDESCRIBED}
    described = {
        str(path.url_name) for _, router in api._routers for path in router.path_operations.values()
    }
    assert named == described - UNDESCRIBED
    assert len(ROUTES) >= 70


def _patterns() -> Iterator[URLPattern]:
    return iter(api.urls[0])  # type: ignore[arg-type]


def test_c1_without_a_token_no_call_says_or_does_anything(world: World) -> None:
    before = everything_kept()
    for name, route in ROUTES.items():
        for text in ("", "sgn_" + "0" * 49):
            answer = ask(text, route, world)
            assert answer.status_code == 401, name
            assert NAME.encode() not in content_of(answer), name
    assert everything_kept() == before


@pytest.mark.parametrize("who", STRANGERS)
def test_c1_what_may_not_be_seen_is_answered_like_what_is_not_there(world: World, who: str) -> None:
    text = STRANGERS[who](world)
    said_of = {name: _said(ask(text, route, world)) for name, route in ROUTES.items()}
    before = everything_kept()
    for name, route in ROUTES.items():
        status, body = said_of[name]
        assert f'"{NAME}"' not in body, f"{name}: {body}"
        if name in OPEN_TO_ALL:
            assert status == 200, name
        elif name in SHOWN_TO_ALL:
            assert status == 403, name
        elif "{" in route.path and not is_own(world, who, route):
            assert status == 404, f"{name}: {status} {body}"
            assert (status, body) == _said(ask(text, route, world, world.absent())), name
    assert everything_kept() == before


@pytest.mark.parametrize("scopes", SCOPES)
def test_c1_a_token_without_the_scope_writes_nothing(world: World, scopes: str) -> None:
    text = token_of(scenarios.developer(), *SCOPES[scopes])
    before = everything_kept()
    for name, route in ROUTES.items():
        if route.is_read or not wrong_scope(route, SCOPES[scopes]):
            continue
        answer = ask(text, route, world)
        assert answer.status_code in {400, 403, 404}, f"{name}: {content_of(answer)!r}"
        if Scope.READ in SCOPES[scopes] and route.is_on_a_model:
            assert answer.status_code == 403, f"{name}: {content_of(answer)!r}"
        assert everything_kept() == before, name


def test_c1_whoever_may_see_a_model_reads_all_of_it(world: World) -> None:
    text = token_of(scenarios.auditor(), Scope.READ, Scope.RECORD, Scope.ADMIT)
    for name, route in ROUTES.items():
        if route.is_read and not route.path.startswith("/uploads"):
            answer = ask(text, route, world)
            assert answer.status_code == 200, f"{name}: {content_of(answer)!r}"
            content_of(answer)


def test_c1_an_auditor_writes_nothing_though_the_token_has_every_scope(world: World) -> None:
    text = token_of(scenarios.auditor())
    before = everything_kept()
    for name, route in ROUTES.items():
        if not route.is_read and name not in TAKE_AWAY:
            answer = ask(text, route, world)
            assert answer.status_code in {403, 404}, f"{name}: {content_of(answer)!r}"
            assert everything_kept() == before, name


def test_c3_an_edge_names_nothing_the_caller_may_not_see(world: World) -> None:
    """The ends of an edge stand in the body: those hidden and those absent are refused alike."""
    body = {**world.asked(ROUTES["POST /lineage/edges"])}
    limited = Caller(STRANGERS["a token of another model"](world))
    absent = {**body, "origin": {"model": "absent", "version": 1}}
    hidden = {**body, "origin": {"model": NAME, "version": 1}}

    assert _said(limited.post("/lineage/edges", hidden)) == _said(
        limited.post("/lineage/edges", absent)
    )


def _said(answer: HttpResponse) -> tuple[int, str]:
    """Return what an answer says, byte for byte also where it is no text: hashes of the log."""
    return answer.status_code, content_of(answer).decode("utf-8", "surrogateescape")
