"""Findings at the API: raised by programs, listed and read with their story, answered by people."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.scopes import Scope
from apps.audit.models import AuditEvent
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.clock import database_now
from apps.core.errors import NotAllowed
from apps.risk.models import Finding
from apps.risk.operations import finding_answers, risk_acceptances
from apps.validation import operations as validation
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.approvals.walk import overwrite
from tests.factories import actor, person
from tests.risk import found

pytestmark = pytest.mark.django_db

RAISED = {"title": "Drifts at night", "description": "Wrong after dark.", "severity": "high"}
FINDINGS = "/models/tumor-triage/findings"


def numbers(caller: Caller, query: str = "") -> list[int]:
    return [one["number"] for one in said(caller.get(f"/findings{query}"))["findings"]]


# -- raising


def test_a_finding_is_raised_by_a_token_that_can_do_only_that(version: ModelVersion) -> None:
    program = Caller(token_of(scenarios.developer(), Scope.RAISE))

    raised = said(program.post(FINDINGS, RAISED | {"version": 1, "owner": "dev"}), 201)

    finding = Finding.objects.get()
    assert (finding.version, finding.owner) == (version, scenarios.developer())
    assert finding.raised_by == scenarios.developer()
    told = (raised["number"], raised["model"], raised["version"], raised["owner"])
    assert told == (finding.pk, "tumor-triage", 1, "dev")
    assert (raised["state"], raised["source"], raised["kind"]) == ("open", "person", "issue")
    assert raised["due"] == finding.due.isoformat()
    assert AuditEvent.objects.filter(action="model.raise_finding", outcome="done").count() == 1
    refusal(program.get(f"/findings/{finding.pk}"), 404)
    refusal(program.get(f"/findings/{finding.pk}/timeline"), 404)
    assert numbers(program) == []


def test_a_service_account_raises_what_the_owner_of_the_model_settles(
    model: RegisteredModel,
) -> None:
    robot = person("robot", service=True, manager=scenarios.owner(), everywhere=("operator",))

    raised = said(Caller(token_of(robot, Scope.RAISE)).post(FINDINGS, RAISED), 201)

    assert (raised["raised_by"], raised["owner"]) == ("robot", "olivia")


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ({"title": " "}, 400),
        ({"title": "x" * 301}, 400),
        ({"description": ""}, 400),
        ({"severity": "grave"}, 400),
        ({"kind": "wish"}, 400),
        ({"version": 9}, 400),
        ({"version": 2**70}, 400),
        ({"owner": "nobody"}, 400),
        ({"owner": "sam"}, 409),
        ({"due": "2026-01-01"}, 400),
    ],
)
def test_what_is_no_finding_is_refused_and_nothing_is_kept(
    caller: Caller, model: RegisteredModel, other: dict[str, Any], status: int
) -> None:
    scenarios.stranger()

    refusal(caller.post(FINDINGS, RAISED | other), status)

    assert not Finding.objects.exists()


def test_who_may_not_raise_one_is_told_so_only_where_they_see_the_model(
    caller: Caller, model: RegisteredModel
) -> None:
    auditor = Caller(token_of(scenarios.auditor()))
    told = refusal(auditor.post(FINDINGS, RAISED), 403)
    assert told["detail"] == "Raising a finding takes a duty on this model."
    reader = Caller(token_of(scenarios.developer(), Scope.READ))
    refusal(reader.post(FINDINGS, RAISED), 403)
    refusal(Caller(token_of(scenarios.stranger())).post(FINDINGS, RAISED), 404)
    refusal(caller.post("/models/absent/findings", RAISED), 404)
    assert not Finding.objects.exists()


def test_a_finding_sent_twice_is_raised_once(caller: Caller, model: RegisteredModel) -> None:
    body = b'{"title": "Drifts", "description": "At night.", "severity": "low"}'
    sent = [
        caller.send("POST", FINDINGS, body, headers={"Idempotency-Key": "night"}) for _ in range(2)
    ]

    assert said(sent[0], 201) == said(sent[1], 201)
    assert Finding.objects.count() == 1


# -- reading


def test_findings_are_listed_by_what_is_asked_for(caller: Caller) -> None:
    first, other = scenarios.registered_model("first"), scenarios.registered_model("other")
    incident = found.incident(first)
    open_one = found.raised(first, severity="critical")
    late = found.planned(first, severity="low")
    done, borne = found.closed(other), found.accepted(other)
    overwrite(late, due=late.due - timedelta(days=900))
    follows = said(caller.post(f"/incidents/{incident.pk}/findings", RAISED), 201)["number"]
    handed = found.raised(other)
    finding_answers.assign_finding(
        handed, by=actor(scenarios.validator()), reason=found.WHY, owner=scenarios.developer()
    )

    every = [handed.pk, follows, borne.pk, done.pk, late.pk, open_one.pk]
    assert numbers(caller) == every
    assert numbers(caller, "?model=first") == [follows, late.pk, open_one.pk]
    assert numbers(caller, "?severity=critical") == [open_one.pk]
    assert numbers(caller, "?state=closed") == [done.pk]
    assert numbers(caller, "?state=standing&model=other") == [handed.pk, borne.pk]
    assert numbers(caller, "?state=accepted") == [borne.pk]
    assert numbers(caller, "?due=overdue") == [late.pk]
    assert numbers(caller, "?owner=dev") == [handed.pk]
    assert numbers(caller, f"?incident={incident.pk}") == [follows]
    assert numbers(caller, "?model=absent") == numbers(caller, "?owner=nobody") == []
    [line] = said(caller.get("/findings?due=overdue"))["findings"]
    assert (line["overdue"], line["state"]) == (True, "planned")


@pytest.mark.parametrize(
    "query", ["severity=grave", "state=gone", "due=soon", "incident=-1", f"incident={2**70}", "x=1"]
)
def test_a_list_that_cannot_be_is_refused(caller: Caller, query: str) -> None:
    refusal(caller.get(f"/findings?{query}"), 400)


def test_a_page_leads_on_in_its_own_list_only(caller: Caller, model: RegisteredModel) -> None:
    made = [found.raised(model).pk for _ in range(3)]

    first = said(caller.get("/findings?state=open&limit=2"))
    second = said(caller.get(f"/findings?state=open&limit=2&page={first['next']}"))

    shown = [one["number"] for page in (first, second) for one in page["findings"]]
    assert (shown, second["next"]) == (made[::-1], None)
    wrong = refusal(caller.get(f"/findings?limit=2&page={first['next']}"), 400)
    assert wrong["code"] == "bad_mark"


def test_a_finding_is_shown_with_all_that_was_answered(caller: Caller) -> None:
    finding = soon()
    owner, officer = actor(scenarios.owner()), actor(scenarios.validator())
    item = validation.add_evidence(
        finding.model, "monitoring_plan", by=owner, title="Plan", link="https://docs.example/p"
    )
    finding_answers.attach_evidence(finding, item, by=owner)
    later = finding.due + timedelta(days=3)
    finding_answers.extend_finding(finding, by=officer, reason=found.WHY, due=later)
    finding_answers.report_ready(finding, by=owner, remedy="Trained anew")
    finding_answers.close_finding(finding, by=officer, reason=found.WHY)

    answer = caller.get(f"/findings/{finding.pk}")
    shown = said(answer)

    assert (shown["state"], shown["plan"], shown["remedy"]) == (
        "closed",
        "Train on nights, too",
        "Trained anew",
    )
    assert (shown["remedied_by"], shown["closed_by"]) == ("olivia", "vera")
    [proof], [extension] = shown["evidence"], shown["extensions"]
    assert (proof["number"], proof["attached_by"]) == (item.pk, "olivia")
    assert said(caller.get(proof["url"].removeprefix("/api/v1")))["title"] == "Plan"
    assert (extension["due"], extension["granted_by"]) == (later.isoformat(), "vera")
    assert shown["page"] == finding.get_absolute_url()
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert caller.get(f"/findings/{finding.pk}", headers=tag).status_code == 304


def test_a_risk_that_is_borne_says_by_whom_and_until_when(caller: Caller) -> None:
    finding = found.accepted()

    [borne] = said(caller.get(f"/findings/{finding.pk}"))["accepted_risks"]

    assert (borne["accepted_by"], borne["role"], borne["ended_at"]) == (
        "rita",
        "risk_officer",
        None,
    )
    assert borne["ends_on"] == finding.acceptances.get().ends_on.isoformat()
    assert borne["statement_digest"].startswith("sha256:")


def test_the_timeline_says_who_did_what_and_why_and_tells_of_no_refusal(caller: Caller) -> None:
    finding = found.closed()
    with pytest.raises(NotAllowed):
        finding_answers.reopen_finding(finding, by=actor(scenarios.developer()), reason=found.WHY)
    found.raised(finding.model)

    path = f"/findings/{finding.pk}/timeline"
    first = said(caller.get(f"{path}?limit=3"))
    second = said(caller.get(f"{path}?limit=3&page={first['next']}"))

    assert [one["action"] for one in first["timeline"] + second["timeline"]] == [
        "model.raise_finding",
        "finding.plan",
        "finding.report_ready",
        "finding.close",
    ]
    [closed] = second["timeline"]
    assert (closed["who"], closed["reason"], second["next"]) == (
        "Vera Validator",
        found.WHY,
        None,
    )


def test_what_acts_by_itself_has_no_name(caller: Caller, version: ModelVersion) -> None:
    finding = found.raised(version.model)
    borne = found.accept(finding)
    overwrite(borne, ends_on=borne.ends_on - timedelta(days=900))
    assert risk_acceptances.end_acceptances(database_now()) == 1

    *_, last = said(caller.get(f"/findings/{finding.pk}/timeline"))["timeline"]

    assert (last["action"], last["who"]) == ("risk_acceptance.end", "Signet, by itself")


def test_who_does_not_see_the_model_finds_nothing(caller: Caller, model: RegisteredModel) -> None:
    finding = found.raised(model)
    stranger = Caller(token_of(scenarios.stranger()))

    assert numbers(stranger) == []
    for path in (f"/findings/{finding.pk}", f"/findings/{finding.pk}/timeline"):
        refusal(stranger.get(path), 404)
    refusal(caller.get(f"/findings/{2**70}"), 404)


@pytest.mark.parametrize("answer", ["plan", "evidence", "ready", "close", "reopen", "accept"])
def test_nothing_is_answered_by_token(answer: str) -> None:
    finding = found.raised()
    owner = Caller(token_of(scenarios.owner()))
    before = AuditEvent.objects.count()

    refusal(owner.post(f"/findings/{finding.pk}/{answer}", {"reason": found.WHY}), 404)

    assert AuditEvent.objects.count() == before


# -- as many queries for many as for few


def queries(caller: Caller, path: str) -> int:
    said(caller.get(path))
    with CaptureQueriesContext(connection) as taken:
        said(caller.get(path))
    return len(taken)


@pytest.mark.parametrize("make", [found.raised, found.planned], ids=lambda make: make.__name__)
def test_findings_take_as_many_queries_however_many_there_are(
    caller: Caller, version: ModelVersion, make: Callable[..., Finding]
) -> None:
    for _ in range(2):
        make(version.model, version=version)
    few = queries(caller, "/findings")
    for _ in range(18):
        make(version.model, version=version)

    assert queries(caller, "/findings") == few
    assert len(numbers(caller)) == 20


def test_a_finding_takes_as_many_queries_however_often_it_was_answered(caller: Caller) -> None:
    finding = soon()
    path, by = f"/findings/{finding.pk}", actor(scenarios.validator())
    for _ in range(2):
        more_time(finding, by)
    few = (queries(caller, path), queries(caller, f"{path}/timeline"))
    for _ in range(18):
        more_time(finding, by)

    assert (queries(caller, path), queries(caller, f"{path}/timeline")) == few
    assert len(said(caller.get(path))["extensions"]) == 20


def soon() -> Finding:
    """Return a planned finding that is to be settled by tomorrow, as under a strict policy."""
    finding = found.planned()
    overwrite(finding, due=database_now().date() + timedelta(days=1))
    return finding


def more_time(finding: Finding, by: Any) -> None:
    due = finding.due + timedelta(days=1)
    finding_answers.extend_finding(finding, by=by, reason=found.WHY, due=due)
