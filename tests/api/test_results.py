"""Results of external checks at the API: posted by a token that can do only that."""

import json
from typing import Any

import pytest

from apps.accounts.scopes import Scope
from apps.catalog.models import ModelVersion
from apps.validation import operations
from apps.validation.models import CheckRun
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.api.world import ROUTES, World
from tests.factories import actor, person

pytestmark = pytest.mark.django_db

PATH = "/models/tumor-triage/versions/1/checks/load-test/result"


@pytest.fixture
def program(version: ModelVersion) -> Caller:
    """CI with a token of the one scope."""
    operations.expect_external_check(
        "load-test",
        by=actor(person("casey", everywhere=("risk_officer",))),
        title="Load test",
        sentence="Holds a thousand requests a second.",
        hours_until_due=24,
        reason="Agreed",
    )
    return Caller(token_of(scenarios.developer(), Scope.RESULTS))


def body(version: ModelVersion, **changed: Any) -> dict[str, Any]:
    return {
        "state": "failed",
        "summary": "Too slow.",
        "examined": version.content_digest,
        "url": "https://ci.example/7",
        "tool": "k6",
        "tool_version": "1.2",
        "problems": [{"severity": "high", "text": "800 requests a second.", "place": "predict"}],
        "facts": {"requests": 800},
    } | changed


def test_a_result_is_posted_and_shown_with_its_source(
    program: Caller, caller: Caller, version: ModelVersion
) -> None:
    posted = said(program.post(PATH, body(version)), 201)

    assert posted["state"] == "failed"
    shown = said(caller.get(f"/models/tumor-triage/versions/1/checks/{posted['number']}"))
    assert shown["origin"] == "https://ci.example/7"
    assert shown["problems"][0]["place"] == "predict"
    assert shown["facts"] == {"requests": 800}


def test_a_result_sent_again_with_its_key_is_recorded_once(
    program: Caller, version: ModelVersion
) -> None:
    key = {"Idempotency-Key": "run-7"}
    first, second = (program.send("POST", PATH, _json(body(version)), headers=key) for _ in "12")

    assert said(first, 201) == said(second, 201)
    assert CheckRun.objects.filter(check_name="load-test").count() == 1


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"examined": "sha256:" + "0" * 64}, 409),
        ({"state": "errored"}, 400),
        ({"problems": [{"severity": "dreadful", "text": "x"}]}, 400),
        ({"facts": {"p95": 0.5}}, 400),
        ({"posted_by": 1}, 400),
        ({"finished_at": "2020-01-01"}, 400),
    ],
)
def test_what_is_no_result_of_this_version_is_refused(
    program: Caller, version: ModelVersion, changed: dict[str, Any], status: int
) -> None:
    refusal(program.post(PATH, body(version, **changed)), status)
    assert not CheckRun.objects.exists()


def test_a_check_that_is_not_external_takes_no_result(
    program: Caller, version: ModelVersion
) -> None:
    for name in ("unsafe-code", "absent", "\0"):
        refusal(program.post(PATH.replace("load-test", name), body(version)), 404)


def test_a_token_for_results_alone_does_nothing_else() -> None:
    world = World.made()
    program = Caller(token_of(scenarios.developer(), Scope.RESULTS))
    lists = {"GET /models", "GET /promotions", "GET /lineage/assets", "GET /inventory/fields"}
    lists |= {"GET /waivers", "GET /policies", "GET /policies/{policy}"}
    lists |= {"GET /assessments", "GET /findings", "GET /incidents", "GET /due", "GET /campaigns"}
    lists |= {"GET /as-of/production", "GET /log/checkpoint", "GET /log/tile/{level}/{place}"}
    lists |= {"GET /metrics", "GET /admission/key", "GET /environments", "GET /deployments"}
    lists |= set(filter(_is_the_same_for_everybody, ROUTES))

    for name, route in ROUTES.items():
        if name.endswith("/result"):
            continue
        answer = program.send(route.method, world.address(route), _json(world.asked(route)))
        if name in lists:
            assert world.version.model.name.encode() not in answer.content, name
        else:
            assert answer.status_code in {400, 403, 404}, name


def _is_the_same_for_everybody(name: str) -> bool:
    """Say whether it tells what is asked of any model, as the policy in force does."""
    return name.startswith(("GET /questionnaires", "GET /reporting-clocks"))


def _json(value: object) -> bytes:
    return b"" if value is None else json.dumps(value).encode()
