"""Lineage at the API: assets and edges, and what lies upstream and downstream."""

from typing import Any
from uuid import uuid4

import pytest

from apps.audit.models import AuditEvent
from apps.catalog.models import Asset, LineageEdge, ModelVersion
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.factories import team

pytestmark = pytest.mark.django_db

ASSETS, EDGES = "/lineage/assets", "/lineage/edges"
VERSION = {"model": "tumor-triage", "version": 1}


@pytest.fixture
def asset(caller: Caller) -> dict[str, Any]:
    """A dataset the developer declared."""
    found: dict[str, Any] = said(caller.post(ASSETS, {"kind": "dataset", "name": "scans"}), 201)
    return found


def edge(origin: dict[str, Any], target: dict[str, Any], relation: str) -> dict[str, Any]:
    return {"origin": origin, "target": target, "relation": relation}


def test_an_asset_is_declared_described_and_retired(caller: Caller) -> None:
    team("Imaging")
    declared = said(
        caller.post(
            ASSETS,
            {
                "kind": "dataset",
                "name": "scans",
                "version": "2026-05",
                "owner": scenarios.owner().username,
                "team": "Imaging",
                "sensitivity": "restricted",
                "license": "CC-BY-4.0",
            },
        ),
        201,
    )
    path = f"{ASSETS}/{declared['uid']}"
    assert said(caller.get(path)) == declared
    assert (declared["owner"], declared["team"]) == ("olivia", "Imaging")

    changed = said(caller.send("PATCH", path, b'{"description": "CT", "team": ""}'))
    assert (changed["description"], changed["owner"], changed["team"]) == ("CT", "olivia", None)
    assert said(caller.get(path)) == changed
    said(caller.send("DELETE", path, b'{"reason": "Replaced"}'), 204)

    assert said(caller.get(path))["retired_at"]
    refusal(caller.send("PATCH", path, b'{"description": "MR"}'), 409)
    assert AuditEvent.objects.filter(action="asset.retire", outcome="done").count() == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "magic"}, "kind of an asset is one of"),
        ({"name": ""}, "a name"),
        ({"owner": "nobody"}, "Nobody has the sign-in name"),
        ({"team": "none"}, "There is no team"),
        ({"location": "https://user:secret@store/x"}, "user or password"),
        ({"uid": str(uuid4())}, "uid: This field is not known"),
    ],
)
def test_what_an_asset_cannot_be_is_refused(
    caller: Caller, change: dict[str, str], words: str
) -> None:
    body = {"kind": "dataset", "name": "scans", **change}

    assert words in refusal(caller.post(ASSETS, body), 400)["detail"]
    assert not Asset.objects.exists()


def test_the_same_asset_twice_is_a_conflict(caller: Caller, asset: dict[str, Any]) -> None:
    problem = refusal(caller.post(ASSETS, {"kind": "dataset", "name": "scans"}), 409)

    assert problem["code"] == "asset_taken"


def test_assets_are_listed_by_kind_and_name_to_whoever_holds_a_duty(caller: Caller) -> None:
    for kind, name in (("dataset", "a"), ("pipeline", "a"), ("dataset", "b")):
        said(caller.post(ASSETS, {"kind": kind, "name": name}), 201)

    def found(query: str) -> list[tuple[str, str]]:
        listed = said(caller.get(f"{ASSETS}{query}"))["assets"]
        return [(one["kind"], one["name"]) for one in listed]

    assert found("") == [("dataset", "b"), ("pipeline", "a"), ("dataset", "a")]
    assert found("?kind=dataset") == [("dataset", "b"), ("dataset", "a")]
    assert found("?name=a&kind=pipeline") == [("pipeline", "a")]
    page = said(caller.get(f"{ASSETS}?limit=2"))
    assert found(f"?limit=2&page={page['next']}") == [("dataset", "a")]
    stranger = Caller(token_of(scenarios.stranger()))
    assert said(stranger.get(ASSETS))["assets"] == []


def test_edges_are_declared_walked_and_ended(
    caller: Caller, version: ModelVersion, asset: dict[str, Any]
) -> None:
    service = said(caller.post(ASSETS, {"kind": "service", "name": "triage-api"}), 201)
    scans, api = {"asset": asset["uid"]}, {"asset": service["uid"]}

    trained = said(caller.post(EDGES, edge(scans, VERSION, "trained_on")), 201)
    said(caller.post(EDGES, edge(VERSION, api, "serves")), 201)

    assert said(caller.get(f"{EDGES}/{trained['number']}")) == trained
    assert (trained["origin"]["name"], trained["target"]["version"]) == ("scans", 1)
    down = said(caller.get(f"{ASSETS}/{asset['uid']}/downstream"))
    assert [(node["name"], node["distance"]) for node in down["nodes"]] == [
        ("scans", 0),
        ("tumor-triage v1", 1),
        ("triage-api", 2),
    ]
    assert down["stopped_at"] == []
    names = {node["id"]: node["name"] for node in down["nodes"]}
    assert {(names[one["origin"]], one["relation"]) for one in down["edges"]} == {
        ("scans", "trained_on"),
        ("tumor-triage v1", "serves"),
    }
    up = said(caller.get("/models/tumor-triage/versions/1/upstream"))
    assert [node["name"] for node in up["nodes"]] == ["tumor-triage v1", "scans"]
    around = said(caller.get("/models/tumor-triage/versions/1/lineage"))
    assert {node["name"] for node in around["nodes"]} == {
        "scans",
        "tumor-triage v1",
        "triage-api",
    }
    blast = said(caller.get(f"{ASSETS}/{asset['uid']}/blast-radius"))
    assert [(one["model"], one["version"]) for one in blast["versions"]] == [("tumor-triage", 1)]
    assert [(one["person"], one["answers_for"]) for one in blast["people"]] == [
        ("olivia", ["tumor-triage"])
    ]
    assert blast["is_complete"] is True
    assert said(caller.get("/models/tumor-triage/versions/1/blast-radius"))["versions"] == []

    said(caller.send("DELETE", f"{EDGES}/{trained['number']}", b'{"reason": "Wrong"}'), 204)
    refusal(caller.send("DELETE", f"{EDGES}/{trained['number']}", b'{"reason": "Wrong"}'), 409)
    assert said(caller.get(f"{EDGES}/{trained['number']}"))["ended_at"]
    assert said(caller.get(f"{ASSETS}/{asset['uid']}/downstream"))["edges"] == []


@pytest.mark.parametrize(
    ("origin", "relation", "status"),
    [
        ({}, "trained_on", 400),
        ({"model": "tumor-triage"}, "trained_on", 400),
        ({"asset": str(uuid4())}, "trained_on", 400),
        ({"asset": str(uuid4()), **VERSION}, "trained_on", 400),
        ({"model": "absent", "version": 1}, "derived_from", 400),
        ({"model": "tumor-triage", "version": 2**40}, "derived_from", 400),
        (VERSION, "derived_from", 409),
        (VERSION, "magic", 400),
    ],
)
def test_an_edge_that_cannot_be_is_refused(
    caller: Caller,
    version: ModelVersion,
    origin: dict[str, Any],
    relation: str,
    status: int,
) -> None:
    refusal(caller.post(EDGES, edge(origin, VERSION, relation)), status)
    assert not LineageEdge.objects.exists()


def test_an_edge_whose_other_end_may_not_be_seen_is_not_there(
    caller: Caller, version: ModelVersion, asset: dict[str, Any]
) -> None:
    said(caller.post(EDGES, edge({"asset": asset["uid"]}, VERSION, "trained_on")), 201)
    known = LineageEdge.objects.get().pk
    limited = Caller(token_of(scenarios.developer(), roots=[version.model.record_ref]))

    refusal(limited.get(f"{EDGES}/{known}"), 404)
    refusal(limited.get(f"{EDGES}/{2**63}"), 404)
    assert said(limited.get("/models/tumor-triage/versions/1/upstream"))["edges"] == []
