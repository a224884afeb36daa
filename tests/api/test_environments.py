"""Environments at the API: read by who sees models, and reported on by tokens that do only that."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.scopes import Scope
from apps.audit.models import AuditEvent
from apps.catalog.models import ModelVersion
from apps.core.clock import database_now
from apps.deployments.models import Environment, Sighting
from apps.deployments.operations import close_environment
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.deployments import places
from tests.deployments.seen import UNKNOWN
from tests.factories import actor

pytestmark = pytest.mark.django_db

SIGHTINGS = "/environments/edge/sightings"


@pytest.fixture
def edge() -> Environment:
    """A place that people bring versions to by hand."""
    return places.environment("edge", deployer="by_hand", title="Edge", region="EU")


@pytest.fixture
def running(version: ModelVersion, edge: Environment) -> ModelVersion:
    """A version that was put there."""
    return places.deployed(version, edge).deployment.model.versions.get()


def agent(*roots: str) -> Caller:
    """Return a program that looks at environments, and can do nothing else."""
    return Caller(token_of(scenarios.operator(), Scope.OBSERVE, roots=roots))


def report(*seen: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"at": database_now().isoformat(), "seen": list(seen), **more}


def of(version: ModelVersion, **more: Any) -> dict[str, Any]:
    return {"endpoint": "tumor-triage", "digest": version.content_digest, **more}


# -- reading


def test_an_environment_says_what_it_admits_and_how_much_of_it_is_seen(
    caller: Caller, edge: Environment, running: ModelVersion
) -> None:
    shown = said(caller.get("/environments/edge"))

    assert said(caller.get("/environments")) == {"environments": [shown], "next": None}
    assert shown == {
        "id": edge.record_id,
        "name": "edge",
        "title": "Edge",
        "description": "",
        "admits": ["development", "staging", "production"],
        "enforcement": "prevent",
        "region": "EU",
        "owner": "olivia",
        "uses": [],
        "deployer": "by_hand",
        "seen_within_minutes": None,
        "closed_at": None,
        "seen": 0,
        "expected": 1,
        "url": "/api/v1/environments/edge",
        "page": edge.get_absolute_url(),
    }
    said(agent().post(SIGHTINGS, report(of(running))), 201)
    assert said(caller.get("/environments/edge"))["seen"] == 1


def test_what_there_is_not_is_not_found(caller: Caller, edge: Environment) -> None:
    for path in ("/environments/absent", "/environments/absent/sightings", "/environments/a%00b"):
        refusal(caller.get(path), 404)
    refusal(caller.post("/environments/absent/sightings", report()), 404)


def test_environments_come_in_pages_by_name(caller: Caller, edge: Environment) -> None:
    for name in ("cloud", "ward"):
        places.environment(name)

    first = said(caller.get("/environments?limit=2"))
    second = said(caller.get(f"/environments?limit=2&page={first['next']}"))

    names = [one["name"] for page in (first, second) for one in page["environments"]]
    assert (names, second["next"]) == (["cloud", "edge", "ward"], None)
    others = Caller(token_of(scenarios.operator()))
    wrong = refusal(others.get(f"/environments?limit=2&page={first['next']}"), 400)
    assert wrong["code"] == "bad_mark"


def test_many_environments_and_sightings_take_as_many_queries_as_few(
    caller: Caller, edge: Environment, running: ModelVersion
) -> None:
    def cost(path: str) -> int:
        said(caller.get(path))
        with CaptureQueriesContext(connection) as queries:
            said(caller.get(path))
        return len(queries)

    said(agent().post(SIGHTINGS, report(of(running))), 201)
    paths = ("/environments", SIGHTINGS)
    few = [cost(path) for path in paths]
    for _ in range(3):
        places.deployed(places.another_version())
    more = [of(running, endpoint=f"copy-{number}") for number in range(3)]
    said(agent().post(SIGHTINGS, report(*more)), 201)

    assert [cost(path) for path in paths] == few
    assert len(said(caller.get(SIGHTINGS))["sightings"]) == 4


def test_what_is_seen_is_listed_newest_first(
    caller: Caller, edge: Environment, running: ModelVersion
) -> None:
    unknown = {"endpoint": "shadow-it", "digest": UNKNOWN, "called": "mine/3"}
    said(agent().post(SIGHTINGS, report(of(running, share=100, requests=7))), 201)
    said(agent().post(SIGHTINGS, report(unknown)), 201)

    first = said(caller.get(f"{SIGHTINGS}?limit=1"))
    second = said(caller.get(f"{SIGHTINGS}?limit=1&page={first['next']}"))

    [stray], [own] = first["sightings"], second["sightings"]
    assert (stray["model"], stray["version"], stray["called"]) == ("", None, "mine/3")
    assert (own["model"], own["version"]) == ("tumor-triage", 1)
    assert (own["share"], own["requests"], own["source"]) == (100, 7, "agent")
    assert own["first_seen_at"] == own["last_seen_at"]
    assert second["next"] is None


def test_what_was_seen_is_listed_with_when_and_why_it_ended(
    caller: Caller, edge: Environment, running: ModelVersion
) -> None:
    said(agent().post(SIGHTINGS, report(of(running), of(running, endpoint="copy"))), 201)
    said(agent().post(SIGHTINGS, report(of(running), complete=True)), 201)

    [there] = said(caller.get(SIGHTINGS))["sightings"]
    assert said(caller.get(f"{SIGHTINGS}?state=going_on"))["sightings"] == [there]
    assert (there["endpoint"], there["ended_at"], there["ended_why"]) == ("tumor-triage", None, "")
    [gone] = said(caller.get(f"{SIGHTINGS}?state=ended"))["sightings"]
    assert (gone["endpoint"], gone["seen_by"]) == ("copy", "otis")
    assert gone["ended_at"] > gone["first_seen_at"]
    assert gone["ended_why"] == "It is not there any more."
    refusal(caller.get(f"{SIGHTINGS}?state=over"), 400)
    assert said(Caller(token_of(scenarios.stranger())).get(f"{SIGHTINGS}?state=ended")) == {
        "sightings": [],
        "next": None,
    }


def test_a_page_of_what_goes_on_leads_to_no_page_of_what_ended(
    caller: Caller, edge: Environment, running: ModelVersion
) -> None:
    said(agent().post(SIGHTINGS, report(of(running), of(running, endpoint="copy"))), 201)
    mark = said(caller.get(f"{SIGHTINGS}?limit=1"))["next"]

    wrong = refusal(caller.get(f"{SIGHTINGS}?limit=1&state=ended&page={mark}"), 400)
    assert wrong["code"] == "bad_mark"


def test_what_is_seen_of_a_model_is_for_those_who_see_it(
    edge: Environment, running: ModelVersion
) -> None:
    unknown = {"endpoint": "shadow-it", "digest": UNKNOWN}
    said(agent().post(SIGHTINGS, report(of(running), unknown)), 201)
    other = scenarios.registered_model("other")
    limited = token_of(scenarios.developer(), roots=[other.record_ref])

    for text in (token_of(scenarios.stranger()), limited):
        [only] = said(Caller(text).get(SIGHTINGS))["sightings"]
        assert only["endpoint"] == "shadow-it"


def test_a_token_narrowed_to_an_environment_reads_of_that_one_alone(edge: Environment) -> None:
    places.environment("cloud")
    reader = Caller(token_of(scenarios.operator(), Scope.READ, roots=[edge.record_ref]))

    assert [one["name"] for one in said(reader.get("/environments"))["environments"]] == ["edge"]
    said(reader.get(SIGHTINGS))
    hidden, absent = (reader.get(f"/environments/{name}") for name in ("cloud", "absent"))
    assert refusal(hidden, 404) == refusal(absent, 404)


# -- reporting


def test_a_token_that_only_observes_reports_and_reads_nothing(
    edge: Environment, running: ModelVersion
) -> None:
    body = report(of(running), {"endpoint": "shadow-it", "digest": UNKNOWN}, complete=True)
    told = said(agent().post(SIGHTINGS, body), 201)
    again = said(agent().post(SIGHTINGS, report(of(running), complete=True)), 201)

    assert told == {"begun": 2, "again": 0, "ended": 0, "late": 0, "unknown": 1}
    assert again == {"begun": 0, "again": 1, "ended": 1, "late": 0, "unknown": 0}
    seen = Sighting.objects.get(ended_at=None)
    assert (seen.version, seen.seen_by, seen.source) == (running, scenarios.operator(), "agent")
    for path in ("/environments/edge", SIGHTINGS, "/models/tumor-triage"):
        refusal(agent().get(path), 404)
    assert said(agent().get("/environments"))["environments"] == []


def test_a_token_narrowed_to_an_environment_reports_on_that_one_alone(edge: Environment) -> None:
    cloud = places.environment("cloud")

    said(agent(edge.record_ref).post(SIGHTINGS, report()), 201)
    other = agent(cloud.record_ref)
    hidden = refusal(other.post(SIGHTINGS, report()), 404)
    assert hidden == refusal(other.post("/environments/absent/sightings", report()), 404)


def test_who_only_sees_an_environment_is_refused_in_words(
    edge: Environment, version: ModelVersion
) -> None:
    narrowed = token_of(
        scenarios.operator(), Scope.READ, Scope.OBSERVE, roots=[version.model.record_ref]
    )
    for text in (
        token_of(scenarios.developer()),
        token_of(scenarios.stranger()),
        token_of(scenarios.operator(), Scope.READ),
        narrowed,
    ):
        problem = refusal(Caller(text).post(SIGHTINGS, report(of(version))), 403)
        assert "report what is seen running" in problem["detail"]
    assert not Sighting.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"at": None},
        {"at": "yesterday"},
        {"at": "2026-01-01T00:00:00"},
        {"at": "2999-01-01T00:00:00Z"},
        {"at": "2020-01-01T00:00:00Z"},
        {"seen": [{"endpoint": "a"}]},
        {"seen": [{"endpoint": " ", "called": "a/1"}]},
        {"seen": [{"endpoint": "a", "digest": "sha1:1"}]},
        {"seen": [{"endpoint": "a", "called": "a/1", "share": 101}]},
        {"seen": [{"endpoint": "a", "called": "a/1", "share": "7"}]},
        {"seen": [{"endpoint": "a", "called": "a/1", "requests": -1}]},
        {"seen": [{"endpoint": "a", "called": "a/1", "source": "hand"}]},
        {"seen": [{"endpoint": "a", "called": "b" * 301}]},
        {"seen": [{"endpoint": "a", "called": "a/1"}] * 1001},
        {"complete": 1},
    ],
)
def test_what_is_no_report_is_refused_whole(edge: Environment, body: dict[str, Any]) -> None:
    good = {"endpoint": "b", "called": "b/1"}
    whole = report() | body | {"seen": [good, *body.get("seen", ())]}

    refusal(agent().post(SIGHTINGS, whole), 400)
    assert not Sighting.objects.exists()


def test_a_closed_environment_takes_no_report_and_is_still_read(
    caller: Caller, edge: Environment
) -> None:
    close_environment(edge, by=actor(scenarios.operator()), reason="Moved to the cloud")

    assert "was closed" in refusal(agent().post(SIGHTINGS, report()), 409)["detail"]
    assert said(caller.get("/environments/edge"))["closed_at"]


def test_a_late_report_changes_nothing(edge: Environment, running: ModelVersion) -> None:
    said(agent().post(SIGHTINGS, report(of(running))), 201)
    late = (database_now() - timedelta(hours=1)).isoformat()

    told = said(agent().post(SIGHTINGS, report(of(running, digest=UNKNOWN)) | {"at": late}), 201)

    assert (told["late"], told["begun"], Sighting.objects.count()) == (1, 0, 1)


def test_a_report_sent_again_with_its_key_is_taken_in_once(
    edge: Environment, running: ModelVersion
) -> None:
    body = json.dumps(report(of(running))).encode()
    program, key = agent(), {"Idempotency-Key": "look-7"}
    first, second = (program.send("POST", SIGHTINGS, body, headers=key) for _ in "12")

    assert said(first, 201) == said(second, 201)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert AuditEvent.objects.filter(action="environment.see", outcome="done").count() == 1
