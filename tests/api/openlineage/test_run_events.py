"""Run events at the API: taken in from OpenLineage's clients, and given to its tools."""

import json
from typing import Any
from uuid import UUID

import pytest

from apps.accounts.scopes import Scope
from apps.audit.models import AuditEvent
from apps.catalog import operations
from apps.catalog.lineage import walking
from apps.catalog.models import Asset, LineageEdge, ModelVersion, RegisteredModel, Relation
from apps.catalog.operations import EXPORT_LINEAGE, OBSERVE_RUN
from tests import scenarios
from tests.api.caller import Caller, content_of, refusal, said, token_of
from tests.api.openlineage.events import Json, example, named, problems
from tests.catalog.lineage import world
from tests.catalog.record import entries, refusals
from tests.factories import actor, team

pytestmark = pytest.mark.django_db

LINEAGE = "/lineage"
NOTHING = {"assets": 0, "edges": 0, "left_out": []}
SCANS = "postgres://warehouse.example:5432#imaging.public.scans 7"


def told() -> set[tuple[str, str, str]]:
    edges = LineageEdge.objects.filter(source="observed")
    return {(str(edge.origin), edge.relation, str(edge.target)) for edge in edges}


def exported(caller: Caller, name: str = "tumor-triage") -> list[Json]:
    """Return the events of a version's lineage, each held to what a run event has to be."""
    answer = caller.get(f"/models/{name}/versions/1/openlineage")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    events = [json.loads(line) for line in content_of(answer).decode().splitlines()]
    assert [problems(event) for event in events] == [[] for _ in events]
    return events


def lines(events: list[Json]) -> set[tuple[str, str, str]]:
    """Return events as (job, input or output, name)."""
    found = set()
    for event in events:
        for end in ("inputs", "outputs"):
            for one in event[end]:
                found.add((_named(event["job"]), end, _named(one)))
    return found


def _named(one: Json) -> str:
    return f"{one['namespace']} {one['name']}"


# -- taken in --------------------------------------------------------------------------------------


def test_a_run_from_start_to_end_becomes_lineage(caller: Caller, version: ModelVersion) -> None:
    team("Imaging")
    scenarios.owner()
    assert said(caller.post(LINEAGE, example("start"))) == NOTHING | {"assets": 2, "edges": 1}
    assert said(caller.post(LINEAGE, example("complete"))) == NOTHING | {"assets": 1, "edges": 3}

    job, features = "airflow#triage.train", "s3://lake#features/scans"
    assert told() == {
        (SCANS, "reads", job),
        (job, "writes", features),
        (job, "built_by", "tumor-triage v1"),
        (SCANS, "trained_on", "tumor-triage v1"),
    }
    scans = Asset.objects.get(name=SCANS.removesuffix(" 7"))
    assert scans.location == "postgres://warehouse.example:5432/imaging"
    assert (str(scans.team), scans.owner and scans.owner.username) == ("Imaging", "olivia")
    up = said(caller.get("/models/tumor-triage/versions/1/upstream"))
    assert {node["name"] for node in up["nodes"]} == {"tumor-triage v1", job, SCANS}


def test_the_same_event_again_and_late_ones_change_nothing(
    caller: Caller, version: ModelVersion
) -> None:
    said(caller.post(LINEAGE, example("complete")))
    before = AuditEvent.objects.count(), told()

    for name in ("complete", "start", "fail"):
        assert said(caller.post(LINEAGE, example(name))) == NOTHING
    assert (AuditEvent.objects.count(), told()) == before


def test_a_run_that_failed_adds_nothing(caller: Caller) -> None:
    assert said(caller.post(LINEAGE, example("fail"))) == NOTHING
    assert not Asset.objects.exists()


def test_a_run_known_here_made_the_versions_that_came_from_it(
    caller: Caller, model: RegisteredModel
) -> None:
    training = world.run()
    version = scenarios.registered_version(model, run=training)
    run = {"runId": example("start")["run"]["runId"], "facets": {"mlflow": {"runId": training.uid}}}
    event = example("complete", run=run, outputs=[])

    assert said(caller.post(LINEAGE, event))["edges"] == 3

    assert (SCANS, "trained_on", str(version)) in told()
    by_id = {"runId": str(UUID(training.uid))}
    assert said(caller.post(LINEAGE, {**event, "run": by_id})) == NOTHING


def test_versions_of_a_run_the_caller_may_say_nothing_of_are_let_be(
    caller: Caller, version: ModelVersion
) -> None:
    training = world.run()
    hidden = scenarios.registered_version(run=training)
    limited = Caller(token_of(scenarios.developer(), roots=[version.model.record_ref]))
    run = {**example("start")["run"], "facets": {"mlflow": {"runId": training.uid}}}

    refusal(limited.post(LINEAGE, example("complete", run=run, outputs=[])), 403)

    assert not LineageEdge.objects.filter(target_version=hidden).exists()


def test_what_is_left_out_is_said_with_why(caller: Caller) -> None:
    table = [named("state")]
    answer = said(caller.post(LINEAGE, example("complete", inputs=table, outputs=table)))

    assert answer["left_out"] == [
        {
            "origin": "lake#state",
            "target": "airflow#triage.train",
            "relation": "reads",
            "why": "It would close a loop with what is known already.",
        }
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"eventType": "DONE"}, "eventType"),
        ({"eventTime": "today"}, "eventTime"),
        ({"eventTime": "2026-05-04T10:20:00"}, "eventTime"),
        ({"producer": None}, "producer: This field is missing."),
        ({"run": {"runId": "one"}}, "run.runId"),
        ({"run": None}, "Signet takes run events"),
        ({"job": {"namespace": "airflow"}}, "job.name: This field is missing."),
        ({"job": named("train", "signet")}, "in Signet already"),
        ({"inputs": [named("a\u202eb")]}, "cannot be seen"),
        ({"inputs": {"name": "a"}}, "inputs"),
        ({"inputs": [named(str(number)) for number in range(101)]}, "at most 100 inputs"),
        ({"inputs": [named("a")] * 1001}, "at most 1,000 things"),
        ({"outputs": [named("models:/tumor-triage/99")]}, "There is no version"),
        ({"outputs": [named("models:/absent/1")]}, "There is no version"),
        ({"outputs": [named("models:/tumor-triage/9999999999")]}, "There is no version"),
        ({"outputs": [named("models:/tumor-triage/Production")]}, "names no version"),
    ],
)
def test_an_event_that_cannot_be_is_refused(
    caller: Caller, version: ModelVersion, change: Json, words: str
) -> None:
    assert words in refusal(caller.post(LINEAGE, example("complete", **change)), 400)["detail"]
    assert not Asset.objects.exists()


@pytest.mark.parametrize("name", ["dataset_event", "job_event"])
def test_what_is_said_without_a_run_is_refused(caller: Caller, name: str) -> None:
    detail = refusal(caller.post(LINEAGE, example(name)), 400)["detail"]

    assert detail.startswith("Signet takes run events")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "This is not JSON"),
        (b"\x1f\x8b\x08\x00", "not text in UTF-8"),
        (b'{"producer": "' + b"x" * 2**20 + b'"}', "longer than 1,048,576 bytes"),
        (b"[]", "dictionary"),
    ],
)
def test_a_body_that_is_no_event_is_refused(caller: Caller, body: bytes, words: str) -> None:
    assert words in refusal(caller.send("POST", LINEAGE, body), 400)["detail"]


def test_a_version_the_caller_may_not_see_is_not_there(
    caller: Caller, version: ModelVersion
) -> None:
    limited = Caller(
        token_of(scenarios.developer(), roots=[scenarios.registered_model().record_ref])
    )

    def answer(name: str) -> str:
        event = example("complete", outputs=[named(f"models:/{name}/1")])
        return str(refusal(limited.post(LINEAGE, event), 400)["detail"]).replace(name, "")

    assert answer("tumor-triage") == answer("absent")


def test_only_who_may_declare_assets_sends_events(version: ModelVersion) -> None:
    event = example("start")
    refusal(Caller().post(LINEAGE, event), 401)
    for text in (
        token_of(scenarios.stranger()),
        token_of(scenarios.auditor()),
        token_of(scenarios.developer(), Scope.READ),
        token_of(scenarios.developer(), roots=[version.model.record_ref]),
    ):
        refusal(Caller(text).post(LINEAGE, event), 403)

    assert len(refusals(OBSERVE_RUN.name)) == 4
    assert not Asset.objects.exists()


def test_a_token_that_registers_need_not_read(version: ModelVersion) -> None:
    program = Caller(token_of(scenarios.developer(), Scope.REGISTER))

    assert said(program.post(LINEAGE, example("complete")))["edges"] == 4


# -- given -----------------------------------------------------------------------------------------


def test_lineage_that_came_as_events_leaves_under_its_own_names(
    caller: Caller, version: ModelVersion
) -> None:
    said(caller.post(LINEAGE, example("complete")))

    events = exported(caller)

    job, scans = "airflow triage.train", "postgres://warehouse.example:5432 imaging.public.scans"
    made = "signet models:/tumor-triage/1"
    assert lines(events) == {(job, "inputs", scans), (job, "outputs", made)}
    assert len({event["run"]["runId"] for event in events}) == len(events) == 2
    assert events[1]["inputs"][0]["facets"]["tags"]["tags"] == [
        {"key": "signet.trained_on", "value": "observed", "source": "SIGNET"}
    ]
    assert events[0]["inputs"][0]["facets"]["version"]["datasetVersion"] == "7"
    assert exported(caller) == events
    assert entries(EXPORT_LINEAGE.name)[-1]["detail"] == {"rows": 2}


def test_what_was_declared_leaves_in_the_namespace_of_signet(
    caller: Caller, version: ModelVersion
) -> None:
    given: Any = {
        "location": "s3://lake/loans",
        "description": "Loans",
        "owner": scenarios.owner(),
        "team": team("Imaging"),
    }
    facts = operations.AssetFacts(**given)
    loans = world.asset("loans", digest="9f2c", facts=facts)
    build = world.asset("build", Asset.Kind.PIPELINE, facts=facts)
    weekly = world.asset("weekly", Asset.Kind.PIPELINE)
    place = world.asset("place", facts=operations.AssetFacts(location="a place"))
    api = world.asset("api", Asset.Kind.SERVICE)
    world.edge(loans, version, Relation.TRAINED_ON)
    world.edge(loans, version, Relation.EVALUATED_ON)
    world.edge(place, version, Relation.TRAINED_ON)
    world.edge(build, version, Relation.BUILT_BY)
    world.edge(weekly, version, Relation.BUILT_BY)
    world.edge(weekly, build, Relation.FEEDS)
    world.edge(version, api, Relation.SERVES)

    events = exported(caller)

    made = "signet models:/tumor-triage/1"
    assert lines(events) == {
        ("signet pipeline:build", "outputs", made),
        ("signet pipeline:weekly", "outputs", made),
        ("signet make models:/tumor-triage/1", "inputs", "signet dataset:loans"),
        ("signet make models:/tumor-triage/1", "inputs", "signet dataset:place"),
        ("signet make models:/tumor-triage/1", "outputs", made),
        ("signet make service:api", "inputs", made),
        ("signet make service:api", "outputs", "signet service:api"),
    }
    (making,) = [one for one in events if one["job"]["name"].endswith("triage/1")]
    facets = next(one["facets"] for one in making["inputs"] if one["name"] == "dataset:loans")
    assert [one["key"] for one in facets["tags"]["tags"]] == [
        "signet.trained_on",
        "signet.evaluated_on",
    ]
    assert facets["ownership"]["owners"] == [{"name": "user:olivia"}, {"name": "team:Imaging"}]
    assert facets["version"]["datasetVersion"] == "9f2c"
    assert facets["dataSource"]["uri"] == "s3://lake/loans"
    (described,) = [one for one in events if one["job"]["name"] == "pipeline:build"]
    assert described["job"]["facets"]["documentation"]["description"] == "Loans"


def test_the_run_a_version_came_from_is_told_by_its_own_id(
    caller: Caller, model: RegisteredModel
) -> None:
    version = scenarios.registered_version(model, run=world.run(("loans", "9f2c", "train")))
    operations.observe_run_inputs(version, by=actor(scenarios.developer()))

    (event,) = exported(caller)

    assert event["run"]["runId"].replace("-", "") == version.run_uid


def test_a_version_without_lineage_gives_no_line(caller: Caller, version: ModelVersion) -> None:
    assert exported(caller) == []


def test_what_may_not_be_seen_is_not_given(caller: Caller, version: ModelVersion) -> None:
    hidden = scenarios.registered_version()
    world.edge(hidden, version, Relation.DERIVED_FROM)
    limited = Caller(token_of(scenarios.developer(), roots=[version.model.record_ref]))

    assert len(exported(caller)) == 1
    assert exported(limited) == []
    refusal(
        Caller(token_of(scenarios.stranger())).get("/models/tumor-triage/versions/1/openlineage"),
        404,
    )


def test_what_is_given_has_the_bounds_of_every_walk(
    caller: Caller, version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        world.edge(world.asset(f"table-{number}"), version, Relation.TRAINED_ON)
    monkeypatch.setattr(walking, "MOST_NODES", 2)

    (event,) = exported(caller)

    assert len(event["inputs"]) == 2


# -- the examples ----------------------------------------------------------------------------------


def test_the_examples_are_what_the_specification_says() -> None:
    for name in ("start", "complete", "fail"):
        assert problems(example(name)) == [], name
    for name in ("dataset_event", "job_event"):
        assert problems(example(name)), name
    assert problems(example("complete", producer="no address"))
