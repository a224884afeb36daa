"""Deployments at the API: asked for by tokens that do only that, and read by who sees the model."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.scopes import Scope
from apps.approvals.serving import drills
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.clock import database_now
from apps.deployments import runner
from apps.deployments.models import Deployment, Drill, Environment, Rollout
from apps.deployments.rolling import Asked
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.approvals.exceptions import refusals
from tests.deployments import places
from tests.deployments.seen import UNKNOWN

pytestmark = pytest.mark.django_db

MODEL = "/models/tumor-triage/deployments"
WHY: dict[str, Any] = {"reason": "The quarterly refresh"}


@pytest.fixture
def edge(db: None) -> Environment:
    """A place that people bring versions to by hand."""
    return places.environment("edge", deployer="by_hand")


@pytest.fixture
def program(db: None) -> Caller:
    """The program of an operator, with a token of every scope."""
    return Caller(token_of(scenarios.operator()))


@pytest.fixture
def second(version: ModelVersion) -> ModelVersion:
    return places.another_version(version.model)


@pytest.fixture
def running(version: ModelVersion, second: ModelVersion, edge: Environment) -> Deployment:
    """The second version runs; the first one ran before."""
    places.deployed(version, edge)
    return places.deployed(second, edge).deployment


@pytest.fixture
def path(running: Deployment) -> str:
    return f"/deployments/{running.pk}"


def body(version: int = 1, environment: str = "edge", **more: Any) -> dict[str, Any]:
    return {"environment": environment, "versions": [{"version": version}], **more}


def numbers(answer: Any) -> list[tuple[int, str, int]]:
    return [(one["version"], one["role"], one["share"]) for one in answer["versions"]]


def cost(program: Caller, path: str) -> int:
    said(program.get(path))
    with CaptureQueriesContext(connection) as queries:
        said(program.get(path))
    return len(queries)


# -- asking for rollouts


def test_versions_are_put_into_an_environment_by_a_token_that_does_only_that(
    version: ModelVersion, edge: Environment
) -> None:
    program = Caller(token_of(scenarios.operator(), Scope.DEPLOY))

    made = said(program.post(MODEL, body(service="triage", **WHY)), 201)

    rollout = Rollout.objects.get()
    assert made == {
        "deployment": rollout.deployment_id,
        "number": 1,
        "kind": "deploy",
        "state": "queued",
        "versions": [
            {"version": 1, "digest": version.content_digest, "role": "champion", "share": 100}
        ],
        "admission": [
            {
                "digest": version.content_digest,
                "model": "tumor-triage",
                "version": 1,
                "stage": "development",
                "admissible": True,
                "reasons": [],
            }
        ],
        "restores": None,
        "deployer": "by_hand",
        "reason": WHY["reason"],
        "asked_by": scenarios.operator().username,
        "asked_at": made["asked_at"],
        "finished_at": None,
        "told": "",
        "url": f"/api/v1/deployments/{rollout.deployment_id}/rollouts/1",
        "page": rollout.get_absolute_url(),
    }
    assert rollout.deployment.service == "triage"
    refusal(program.get(f"/deployments/{rollout.deployment_id}"), 404)
    assert said(program.get("/deployments"))["deployments"] == []


def test_several_versions_share_the_requests(
    program: Caller, version: ModelVersion, second: ModelVersion, edge: Environment
) -> None:
    parts = [
        {"version": 1, "share": 90},
        {"version": 2, "role": "canary", "share": 10},
    ]
    made = said(program.post(MODEL, body(versions=parts)), 201)

    assert numbers(made) == [(1, "champion", 90), (2, "canary", 10)]
    shown = said(program.get(f"/deployments/{made['deployment']}/rollouts/1"))
    assert shown == made


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"environment": "absent"}, "no environment"),
        ({"versions": []}, "versions"),
        ({"versions": [{"version": 9}]}, "no version 9"),
        ({"versions": [{"version": 2**62}]}, "no version"),
        ({"versions": [{"version": 1, "share": 101}]}, "share"),
        ({"versions": [{"version": 1, "share": True}]}, "share"),
        ({"versions": [{"version": 1, "role": "king"}]}, "role"),
        ({"versions": [{"version": 1, "share": 90}]}, "make 90 percent"),
        ({"versions": [{"version": 1, "role": "canary"}]}, "one champion"),
        ({"versions": [{"version": 1}, {"version": 1}]}, "each version once"),
        ({"service": "Not a label"}, "name of a service"),
        ({"deployer": "webhook"}, "not known"),
    ],
)
def test_what_no_service_could_be_is_refused(
    program: Caller,
    version: ModelVersion,
    edge: Environment,
    more: dict[str, Any],
    words: str,
) -> None:
    assert words in refusal(program.post(MODEL, body() | more), 400)["detail"]
    assert not Rollout.objects.exists()


def test_what_may_not_run_is_refused_or_goes_through_with_a_reason(
    program: Caller, version: ModelVersion
) -> None:
    places.environment("production", admits=["production"], deployer="by_hand")
    places.environment("lab", admits=["production"], enforcement="warn", deployer="by_hand")

    problem = refusal(program.post(MODEL, body(environment="production", **WHY)), 409)
    assert (problem["code"], "in the stage" in problem["detail"]) == ("not_admissible", True)
    assert refusals("deployment.deploy") == ["not_admissible"]

    assert "reason" in refusal(program.post(MODEL, body(environment="lab")), 409)["detail"]
    [note] = said(program.post(MODEL, body(environment="lab", **WHY)), 201)["admission"]
    assert not note["admissible"]
    assert [one["code"] for one in note["reasons"]] == ["stage_not_admitted"]


def test_a_rollout_sent_again_with_its_key_is_asked_for_once(
    program: Caller, version: ModelVersion, edge: Environment
) -> None:
    sent, key = json.dumps(body()).encode(), {"Idempotency-Key": "release-7"}
    first, again = (program.send("POST", MODEL, sent, headers=key) for _ in "12")

    assert said(first, 201) == said(again, 201)
    assert Rollout.objects.count() == 1


def test_shares_are_shifted_with_a_reason(program: Caller, path: str) -> None:
    parts = {
        "versions": [{"version": 2, "share": 50}, {"version": 1, "role": "canary", "share": 50}]
    }

    assert "reason" in refusal(program.post(f"{path}/shift", parts), 409)["detail"]
    made = said(program.post(f"{path}/shift", {**parts, **WHY}), 201)

    assert (made["kind"], made["number"]) == ("shift", 3)
    assert numbers(made) == [(2, "champion", 50), (1, "canary", 50)]


def test_a_deployment_goes_back_to_what_is_meant_alone(program: Caller, path: str) -> None:
    wrong = refusal(program.post(f"{path}/roll-back", {**WHY, "to": 2}), 409)
    assert "leads to rollout 1" in wrong["detail"]
    for number in (9, 0, -1, 2**62):
        problem = refusal(program.post(f"{path}/roll-back", {**WHY, "to": number}), 400)
        assert f"no rollout {number}" in problem["detail"]
    assert "reason" in refusal(program.post(f"{path}/roll-back", {"reason": " "}), 409)["detail"]

    made = said(program.post(f"{path}/roll-back", {**WHY, "to": 1}), 201)

    assert (made["kind"], made["restores"], numbers(made)) == (
        "roll_back",
        1,
        [(1, "champion", 100)],
    )


def test_what_runs_is_withdrawn_once(program: Caller, path: str) -> None:
    made = said(program.post(f"{path}/withdraw", WHY), 201)

    assert (made["kind"], made["versions"]) == ("withdraw", [])
    assert "is to run there" in refusal(program.post(f"{path}/withdraw", WHY), 409)["detail"]
    assert (
        "is to run there"
        in refusal(program.post(f"{path}/shift", {"versions": [{"version": 1}], **WHY}), 409)[
            "detail"
        ]
    )


def test_people_say_how_a_rollout_ended_that_they_carried_out(
    program: Caller, path: str, running: Deployment
) -> None:
    waiting = places.rollout(running, running.model.versions.get(number=1))
    outcome = f"{path}/rollouts/{waiting.number}/outcome"
    assert "not waiting" in refusal(program.post(outcome, {"done": True}), 409)["detail"]
    runner.execute(waiting.pk, worker="w1")

    assert "went wrong" in refusal(program.post(outcome, {"done": False}), 400)["detail"]
    ended = said(program.post(outcome, {"done": True, "told": "Up since noon"}))

    assert (ended["state"], ended["told"], bool(ended["finished_at"])) == (
        "done",
        "Up since noon",
        True,
    )
    assert said(program.get(path))["in_effect"] == waiting.number
    refusal(program.post(outcome, {"done": True}), 409)
    for number in (9, 2**70):
        refusal(program.post(f"{path}/rollouts/{number}/outcome", {"done": True}), 404)
        refusal(program.get(f"{path}/rollouts/{number}"), 404)


def test_a_drill_is_begun_and_followed(program: Caller, path: str) -> None:
    begun = said(program.post(f"{path}/drills", WHY), 201)

    assert (begun["state"], begun["left"], begun["away"], begun["back"]) == ("leaving", 2, 3, None)
    assert begun["started_by"] == scenarios.operator().username
    assert said(program.get(f"{path}/drills")) == {"drills": [begun], "next": None}
    assert "under way" in refusal(program.post(f"{path}/drills", WHY), 409)["detail"]

    places.finished(Drill.objects.get().away)
    drills.carry_on()

    [going_on] = said(program.get(f"{path}/drills"))["drills"]
    assert (going_on["state"], going_on["back"]) == ("returning", 4)
    assert said(program.get(f"{path}/rollouts/4"))["asked_by"] is None


# -- who may

WRITES: dict[str, dict[str, Any]] = {
    "shift": {"versions": [{"version": 1}], **WHY},
    "roll-back": WHY,
    "withdraw": WHY,
    "drills": WHY,
    "rollouts/1/outcome": {"done": True},
}


def test_a_token_out_of_scope_changes_nothing(version: ModelVersion, path: str) -> None:
    before = Rollout.objects.count()
    reads = Caller(token_of(scenarios.operator(), Scope.READ, Scope.PROMOTE))
    others = Caller(token_of(scenarios.operator(), Scope.PROMOTE, Scope.OBSERVE, Scope.ADMIT))

    for more, sent in WRITES.items():
        assert "Only an operator" in refusal(reads.post(f"{path}/{more}", sent), 403)["detail"]
        refusal(others.post(f"{path}/{more}", sent), 404)
    refusal(reads.post(MODEL, body()), 403)
    refusal(others.post(MODEL, body()), 404)
    refusal(Caller(token_of(scenarios.developer())).post(MODEL, body()), 403)
    assert Rollout.objects.count() == before


def test_a_token_that_only_deploys_does_all_of_it_and_reads_nothing(path: str) -> None:
    program = Caller(token_of(scenarios.operator(), Scope.DEPLOY))

    said(program.post(f"{path}/drills", WHY), 201)
    said(program.post(f"{path}/shift", WRITES["shift"]), 201)
    said(program.post(f"{path}/roll-back", WHY), 201)
    said(program.post(f"{path}/withdraw", WHY), 201)
    refusal(program.post(f"{path}/rollouts/1/outcome", {"done": True}), 409)
    for more in ("", "/rollouts", "/rollouts/1", "/drills"):
        refusal(program.get(f"{path}{more}"), 404)


def test_what_may_not_be_seen_is_answered_like_what_is_not_there(path: str) -> None:
    other = scenarios.registered_model("other")
    for text in (
        token_of(scenarios.stranger()),
        token_of(scenarios.operator(), roots=[other.record_ref]),
    ):
        program = Caller(text)
        for more in ("", "/rollouts", "/rollouts/1", "/drills"):
            hidden = refusal(program.get(f"{path}{more}"), 404)
            assert hidden == refusal(program.get(f"/deployments/999{more}"), 404)
            refusal(program.get(f"/deployments/{2**70}{more}"), 404)
        for more, sent in WRITES.items():
            refusal(program.post(f"{path}/{more}", sent), 404)
        refusal(program.post(MODEL, body()), 404)
        assert said(program.get("/deployments"))["deployments"] == []


def test_a_token_narrowed_to_an_environment_deploys_there_alone(
    running: Deployment, path: str, second: ModelVersion
) -> None:
    cloud = places.environment("cloud", deployer="by_hand")
    elsewhere = places.deployed(second, cloud).deployment
    roots = [running.model.record_ref, running.environment.record_ref]
    program = Caller(token_of(scenarios.operator(), Scope.READ, Scope.DEPLOY, roots=roots))

    said(program.post(MODEL, body()), 201)
    hidden = refusal(program.post(MODEL, body(environment="cloud")), 400)["detail"]
    assert (
        hidden.replace("cloud", "absent")
        == (refusal(program.post(MODEL, body(environment="absent")), 400)["detail"])
    )
    [only] = said(program.get("/deployments"))["deployments"]
    assert only["number"] == running.pk
    refusal(program.get(f"/deployments/{elsewhere.pk}"), 404)
    for more, sent in WRITES.items():
        refusal(program.post(f"/deployments/{elsewhere.pk}/{more}", sent), 404)


def test_a_token_narrowed_to_a_model_deploys_that_one_anywhere(
    model: RegisteredModel, version: ModelVersion, edge: Environment
) -> None:
    scenarios.registered_version(scenarios.registered_model("other"))
    program = Caller(token_of(scenarios.operator(), Scope.DEPLOY, roots=[model.record_ref]))

    said(program.post(MODEL, body()), 201)
    refusal(program.post("/models/other/deployments", body()), 404)


# -- reading


def test_a_deployment_says_what_is_to_run_and_how_what_is_seen_stands_to_it(
    program: Caller, path: str, running: Deployment, second: ModelVersion
) -> None:
    at = database_now()
    places.sighting(running, version=second, at=at)
    shown = said(program.get(path))

    assert shown == {
        "number": running.pk,
        "model": "tumor-triage",
        "environment": "edge",
        "service": "tumor-triage",
        "desired": 2,
        "in_effect": 2,
        "versions": [
            {"version": 2, "digest": second.content_digest, "role": "champion", "share": 100}
        ],
        "drift": "in_step",
        "points": [],
        "seen": 1,
        "expected": 1,
        "url": f"/api/v1{path}",
        "page": running.get_absolute_url(),
    }
    places.sighting(running, endpoint="copy", digest=UNKNOWN, at=at)
    shown = said(program.get(path))
    assert (shown["drift"], [one["endpoint"] for one in shown["points"]]) == ("unknown", ["copy"])


def test_what_stays_as_it_is_keeps_its_tag_while_nobody_looks(program: Caller, path: str) -> None:
    first = program.get(path)
    again = program.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert said(first)["drift"] == "unconfirmed"
    assert again.status_code == 304


def test_a_place_where_nothing_was_ever_carried_out_says_so(
    program: Caller, version: ModelVersion, edge: Environment
) -> None:
    made = said(program.post(MODEL, body()), 201)
    shown = said(program.get(f"/deployments/{made['deployment']}"))
    assert (shown["desired"], shown["in_effect"], shown["expected"]) == (1, None, 1)


def test_deployments_are_narrowed_and_come_in_pages(program: Caller, running: Deployment) -> None:
    other = places.deployed(places.another_version(), places.environment("cloud")).deployment

    def listed(query: str) -> list[int]:
        return [one["number"] for one in said(program.get(f"/deployments{query}"))["deployments"]]

    assert listed("") == [running.pk, other.pk]
    assert listed("?environment=cloud") == [other.pk]
    assert listed("?model=tumor-triage&environment=edge") == [running.pk]
    assert listed("?model=tumor-triage&environment=cloud") == listed("?model=absent") == []

    mark = said(program.get("/deployments?limit=1"))["next"]
    assert listed(f"?limit=1&page={mark}") == [other.pk]
    wrong = refusal(program.get(f"/deployments?limit=1&model=absent&page={mark}"), 400)
    assert wrong["code"] == "bad_mark"


def test_rollouts_and_drills_come_in_pages_the_newest_first(
    program: Caller, path: str, running: Deployment
) -> None:
    said(program.post(f"{path}/drills", WHY), 201)
    first = said(program.get(f"{path}/rollouts?limit=2"))
    second = said(program.get(f"{path}/rollouts?limit=2&page={first['next']}"))

    shown = [one["number"] for page in (first, second) for one in page["rollouts"]]
    assert (shown, second["next"]) == ([3, 2, 1], None)
    assert (first["rollouts"][0]["kind"], first["rollouts"][0]["restores"]) == ("drill", 1)
    wrong = program.get(f"{path}/drills?page={first['next']}")
    assert refusal(wrong, 400)["code"] == "bad_mark"


def test_many_deployments_and_rollouts_take_as_many_queries_as_few(
    program: Caller, path: str, running: Deployment, second: ModelVersion
) -> None:
    at = database_now()
    places.sighting(running, version=second, at=at)
    paths = ("/deployments", f"{path}/rollouts")
    few = [cost(program, each) for each in paths]

    for _ in range(3):
        other = places.deployed(places.another_version())
        places.sighting(other.deployment, version=other.placements.get().version, at=at)
        both = [Asked(second, share=60), Asked(places.another_version(running.model), "canary", 40)]
        places.finished(places.rollout(running, *both))

    assert [cost(program, each) for each in paths] == few
    assert len(said(program.get("/deployments"))["deployments"]) == 4
    assert len(said(program.get(f"{path}/rollouts"))["rollouts"]) == 5
