"""Incidents at the API: reported by programs, read with their clocks, followed by people."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.scopes import Scope
from apps.audit.models import AuditEvent
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.clock import database_now
from apps.risk import clocks
from apps.risk.models import Finding, Incident
from apps.risk.operations import incidents as operations
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.factories import actor, person
from tests.risk import found

pytestmark = pytest.mark.django_db

INCIDENTS = "/models/tumor-triage/incidents"
REPORTED = {
    "title": "Scans were mixed up",
    "description": "All of a night.",
    "harm": "Two patients",
    "severity": "serious",
    "discovered_at": "2026-03-02T07:30:00+01:00",
}
FINDING = {"title": "Labels", "description": "Nobody checks them.", "severity": "medium"}


def numbers(caller: Caller, query: str = "") -> list[int]:
    return [one["number"] for one in said(caller.get(f"/incidents{query}"))["incidents"]]


# -- reporting


def test_an_incident_is_reported_and_its_clocks_begin(version: ModelVersion) -> None:
    program = Caller(token_of(scenarios.operator(), Scope.RAISE))
    body = REPORTED | {"traits": ["personal_data_breach"], "version": 1, "owner": "otis"}

    told = said(program.post(INCIDENTS, body), 201)

    incident = Incident.objects.get()
    assert (incident.version, incident.reported_by) == (version, scenarios.operator())
    assert (told["number"], told["owner"], told["version"]) == (incident.pk, "otis", 1)
    assert (told["state"], told["discovered_at"]) == ("open", "2026-03-02T06:30:00Z")
    [report] = told["reports"]
    assert (report["clock"], report["state"]) == ("gdpr_breach", "overdue")
    assert report["due_at"] == "2026-03-05T06:30:00Z"
    assert AuditEvent.objects.filter(action="model.report_incident", outcome="done").count() == 1
    refusal(program.get(f"/incidents/{incident.pk}"), 404)
    assert numbers(program) == []


def test_a_service_account_reports_what_the_owner_of_the_model_follows(
    model: RegisteredModel,
) -> None:
    robot = person("robot", service=True, manager=scenarios.owner(), everywhere=("operator",))

    told = said(Caller(token_of(robot, Scope.RAISE)).post(INCIDENTS, REPORTED), 201)

    assert (told["reported_by"], told["owner"], told["reports"]) == ("robot", "olivia", [])


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ({"title": ""}, 400),
        ({"harm": " "}, 400),
        ({"severity": "grave"}, 400),
        ({"discovered_at": "2026-03-02T07:30:00"}, 400),
        ({"discovered_at": "2999-01-01T00:00:00Z"}, 400),
        ({"discovered_at": "yesterday"}, 400),
        ({"discovered_at": 1772433000}, 400),
        ({"discovered_at": "1772433000"}, 400),
        ({"happened_at": "2026-03-03T00:00:00Z"}, 400),
        ({"happened_at": "0001-01-01T00:00:00+14:00"}, 400),
        ({"traits": ["magic"]}, 400),
        ({"traits": "death"}, 400),
        ({"severity": "other", "traits": ["personal_data_breach"]}, 409),
        ({"version": 3}, 400),
        ({"owner": "nobody"}, 400),
        ({"owner": "sam"}, 409),
        ({"state": "closed"}, 400),
    ],
)
def test_what_is_no_incident_is_refused_and_nothing_is_kept(
    caller: Caller, model: RegisteredModel, other: dict[str, Any], status: int
) -> None:
    scenarios.stranger()

    refusal(caller.post(INCIDENTS, REPORTED | other), status)

    assert not Incident.objects.exists()


def test_who_may_not_report_one_is_told_so_only_where_they_see_the_model(
    caller: Caller, model: RegisteredModel
) -> None:
    told = refusal(Caller(token_of(scenarios.auditor())).post(INCIDENTS, REPORTED), 403)
    assert told["detail"] == "Reporting an incident takes a duty on this model."
    refusal(Caller(token_of(scenarios.developer(), Scope.READ)).post(INCIDENTS, REPORTED), 403)
    refusal(Caller(token_of(scenarios.stranger())).post(INCIDENTS, REPORTED), 404)
    refusal(caller.post("/models/absent/incidents", REPORTED), 404)
    assert not Incident.objects.exists()


def test_an_incident_sent_twice_is_reported_once(caller: Caller, model: RegisteredModel) -> None:
    body = (
        b'{"title": "Mixed up", "description": "All.", "harm": "Two", "severity": "other",'
        b' "discovered_at": "2026-03-02T06:30:00Z"}'
    )
    sent = [
        caller.send("POST", INCIDENTS, body, headers={"Idempotency-Key": "night"}) for _ in range(2)
    ]

    assert said(sent[0], 201) == said(sent[1], 201)
    assert Incident.objects.count() == 1


def test_a_finding_follows_from_an_incident_until_that_is_closed(
    model: RegisteredModel,
) -> None:
    incident = found.contained(model)
    program = Caller(token_of(scenarios.developer(), Scope.RAISE))
    path = f"/incidents/{incident.pk}/findings"

    raised = said(program.post(path, FINDING), 201)

    finding = Finding.objects.get()
    assert (raised["number"], raised["incident"]) == (finding.pk, incident.pk)
    assert raised["source"] == "incident"
    refusal(Caller(token_of(scenarios.stranger())).post(path, FINDING), 404)
    refusal(Caller(token_of(scenarios.auditor())).post(path, FINDING), 403)
    refusal(program.post(f"/incidents/{2**70}/findings", FINDING), 404)
    refusal(program.post(path, FINDING | {"version": 9}), 400)
    operations.close_incident(incident, by=actor(scenarios.risk_officer()), reason=found.WHY)
    closed = refusal(program.post(path, FINDING), 409)
    assert closed["detail"] == "This incident is closed. Raise the finding on the model."


# -- reading


def test_the_clocks_name_every_fact_an_incident_is_reported_with(
    caller: Caller, model: RegisteredModel
) -> None:
    told, known = said(caller.get("/reporting-clocks")), clocks.shipped()

    assert [one["id"] for one in told["facts"]] == [fact.id for fact in known.facts]
    assert [one["id"] for one in told["clocks"]] == [clock.id for clock in known.clocks]
    assert told["law_as_of"] == known.law_as_of
    [breach] = [one for one in told["clocks"] if one["id"] == "gdpr_breach"]
    assert breach["spans"] == [{"after": "discovered", "time": "72 hours"}]
    said(caller.post(INCIDENTS, REPORTED | {"traits": breach["applies_when"]}), 201)


def test_incidents_are_listed_by_what_is_asked_for(caller: Caller) -> None:
    first, other = scenarios.registered_model("first"), scenarios.registered_model("other")
    grave = found.incident(first)
    light = found.contained(other, severity="other")

    assert numbers(caller) == [light.pk, grave.pk]
    assert numbers(caller, "?model=first") == numbers(caller, "?state=open") == [grave.pk]
    assert numbers(caller, "?severity=other") == numbers(caller, "?state=contained") == [light.pk]
    assert numbers(caller, "?model=absent") == []
    first_page = said(caller.get("/incidents?limit=1"))
    assert numbers(caller, f"?limit=1&page={first_page['next']}") == [grave.pk]
    assert refusal(caller.get(f"/incidents?page={first_page['next']}&state=open"), 400)
    refusal(caller.get("/incidents?severity=grave"), 400)
    refusal(caller.get("/incidents?owner=dev"), 400)


def test_an_incident_says_which_reports_are_made_and_which_need_not_be(caller: Caller) -> None:
    incident = found.incident(traits=["personal_data_breach", "major_ict"])
    by = actor(scenarios.operator())
    first, second, *_ = incident.duties.order_by("due_at", "pk")
    operations.make_report(first, by=by, reported_at=database_now(), reference="A 7")
    operations.set_report_aside(second, by=by, reason=found.WHY)

    shown = said(caller.get(f"/incidents/{incident.pk}"))

    told = {one["number"]: one for one in shown["reports"]}
    assert (told[first.pk]["state"], told[first.pk]["reference"]) == ("reported", "A 7")
    assert told[first.pk]["reported_by"] == "otis"
    assert (told[second.pk]["state"], told[second.pk]["why_set_aside"]) == ("set-aside", found.WHY)
    others = {one["state"] for pk, one in told.items() if pk not in {first.pk, second.pk}}
    assert others == {"running"}
    assert shown["traits"] == ["personal_data_breach", "major_ict"]
    assert shown["page"] == incident.get_absolute_url()
    assert said(caller.get(shown["findings"].removeprefix("/api/v1")))["findings"] == []


def test_the_timeline_tells_of_the_incident_and_of_its_reports(caller: Caller) -> None:
    incident = found.contained(traits=["personal_data_breach"])
    operations.set_report_aside(
        incident.duties.get(), by=actor(scenarios.operator()), reason="Nobody is at risk"
    )
    found.incident(incident.model)

    told = said(caller.get(f"/incidents/{incident.pk}/timeline"))

    assert [one["action"] for one in told["timeline"]] == [
        "model.report_incident",
        "incident.contain",
        "report_duty.set_aside",
    ]
    assert (told["timeline"][2]["reason"], told["next"]) == ("Nobody is at risk", None)
    assert told["timeline"][2]["who"] == "Otis Operator"


def test_who_does_not_see_the_model_finds_nothing(caller: Caller, model: RegisteredModel) -> None:
    incident = found.incident(model)
    stranger = Caller(token_of(scenarios.stranger()))

    assert numbers(stranger) == []
    for path in (f"/incidents/{incident.pk}", f"/incidents/{incident.pk}/timeline"):
        refusal(stranger.get(path), 404)
    refusal(caller.get(f"/incidents/{2**70}"), 404)


@pytest.mark.parametrize("answer", ["contain", "classify", "close", "reports/1/report"])
def test_nothing_is_followed_by_token(answer: str) -> None:
    incident, program = found.incident(), Caller(token_of(scenarios.operator()))
    before = AuditEvent.objects.count()

    refusal(program.post(f"/incidents/{incident.pk}/{answer}", {"reason": found.WHY}), 404)

    assert AuditEvent.objects.count() == before


def test_incidents_take_as_many_queries_however_many_there_are(
    caller: Caller, model: RegisteredModel
) -> None:
    about = found.incident(model, traits=["personal_data_breach"])
    few = [queries(caller, path) for path in ("/incidents", f"/incidents/{about.pk}")]
    last = [found.incident(model, discovered_at=past(number)) for number in range(18)][-1]
    grave = found.incident(model, traits=["personal_data_breach", "major_ict"])

    assert last.pk in numbers(caller)
    assert grave.duties.count() > 1
    assert [queries(caller, path) for path in ("/incidents", f"/incidents/{grave.pk}")] == few


def past(hours: int) -> Any:
    return database_now() - timedelta(hours=hours + 1)


def queries(caller: Caller, path: str) -> int:
    said(caller.get(path))
    with CaptureQueriesContext(connection) as taken:
        said(caller.get(path))
    return len(taken)
