"""Obligations at the API: listed by how they stand, and given to whoever sees to them."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.scopes import Scope
from apps.audit.models import AuditEvent
from apps.risk.models import Assessment, Obligation
from apps.risk.operations import obligations
from apps.validation import operations as validation
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.api.judged import owed
from tests.factories import actor, person
from tests.risk import assessed, owing

pytestmark = pytest.mark.django_db

State, Kind = Obligation.State, Obligation.Kind
OBLIGATIONS = "/models/tumor-triage/obligations"
TO_DEV = b'{"owner": "dev"}'


@pytest.fixture
def assessment() -> Assessment:
    return assessed.started(scenarios.registered_model("tumor-triage"))


@pytest.fixture
def obligation(assessment: Assessment) -> Obligation:
    return owed(assessment)


def path_of(obligation: Obligation) -> str:
    return f"/obligations/{obligation.pk}"


def keys(caller: Caller, query: str = "") -> list[str]:
    return [one["key"] for one in said(caller.get(OBLIGATIONS + query))["obligations"]]


def test_obligations_say_how_they_stand(caller: Caller, assessment: Assessment) -> None:
    owed(assessment, key="binding", kind=Kind.EVIDENCE, ref="monitoring_plan")
    owed(assessment, key="later", applies_from=date(2999, 1, 1))
    put_off = owed(assessment, key="put_off")
    met, by = owed(assessment, key="met"), actor(scenarios.validator())
    obligations.defer_obligation(put_off, by=by, until=owing.in_days(9), reason="Later")
    obligations.meet_obligation(met, by=by, reason="Read it")
    owed(assessment, key="lapsed", state=State.LAPSED)

    told = said(caller.get(OBLIGATIONS))["obligations"]

    assert [one["key"] for one in told] == [one["stands"] for one in told]
    assert [one["key"] for one in told] == ["binding", "later", "put_off", "met", "lapsed"]
    assert {one["owner"] for one in told} == {"olivia"}
    assert keys(caller, "?state=open") == ["binding", "later"]
    assert keys(caller, "?state=deferred") == ["put_off"]
    assert keys(caller, "?kind=evidence") == ["binding"]
    refusal(caller.get(f"{OBLIGATIONS}?state=gone"), 400)


def test_evidence_that_counts_meets_what_asks_for_it(
    caller: Caller, assessment: Assessment
) -> None:
    row = owed(assessment, kind=Kind.EVIDENCE, ref="monitoring_plan")
    scenarios.registered_version(assessment.model)
    item = assessed.item(assessment.model, "monitoring_plan")
    assert said(caller.get(path_of(row)))["stands"] == "binding"

    validation.verify_evidence(item, by=actor(scenarios.validator()))

    shown = said(caller.get(path_of(row)))
    assert (shown["state"], shown["stands"]) == ("open", "met")


def test_an_obligation_of_an_approved_assessment_is_shown_whole(caller: Caller) -> None:
    row = owing.obligation(owing.tiered(assessed.HEAVY), "condition")
    obligations.meet_obligation(row, by=actor(scenarios.validator()), reason="Read it")

    shown = said(caller.get(path_of(row)))

    assert (shown["number"], shown["id"]) == (row.pk, row.record_id)
    assert (shown["key"], shown["kind"], shown["ref"]) == (row.key, "condition", row.ref)
    assert (shown["about"], shown["version"], shown["use"]) == ("model", None, None)
    assert (shown["assessment"], shown["gates"]) == (row.assessment_id, row.gates)
    assert (shown["met_by"], shown["met_reason"]) == ("vera", "Read it")
    assert shown["page"] == row.get_absolute_url()


def test_an_obligation_is_given_by_a_token_that_can_do_only_that(obligation: Obligation) -> None:
    program = Caller(token_of(scenarios.owner(), Scope.ASSESS))
    dev = scenarios.developer()

    given = said(program.send("PATCH", path_of(obligation), TO_DEV))

    obligation.refresh_from_db()
    assert (obligation.owner, given["owner"]) == (dev, "dev")
    assert AuditEvent.objects.filter(action="obligation.assign", outcome="done").count() == 1
    refusal(program.get(path_of(obligation)), 404)
    again = refusal(program.send("PATCH", path_of(obligation), TO_DEV), 409)
    assert "sees to it already" in again["detail"]


def test_an_obligation_is_given_while_it_is_as_the_caller_read_it(
    caller: Caller, obligation: Obligation
) -> None:
    tag = caller.get(path_of(obligation)).headers["ETag"]
    obligations.assign_obligation(
        obligation, by=actor(scenarios.owner()), owner=scenarios.validator()
    )

    stale = caller.send("PATCH", path_of(obligation), TO_DEV, headers={"If-Match": tag})

    assert refusal(stale, 412)["code"] == "stale"
    now = caller.get(path_of(obligation)).headers["ETag"]
    said(caller.send("PATCH", path_of(obligation), TO_DEV, headers={"If-Match": now}))


def test_whom_nothing_is_given_to(caller: Caller, obligation: Obligation) -> None:
    person("robot", service=True, manager=scenarios.owner())
    for body, status in (
        (b'{"owner": "nobody"}', 400),
        (b'{"owner": null}', 400),
        (b'{"owner": "dev", "state": "met"}', 400),
        (b"{}", 400),
        (b'{"owner": "robot"}', 409),
    ):
        refusal(caller.send("PATCH", path_of(obligation), body), status)
    obligation.refresh_from_db()
    assert obligation.owner is None


WRONG: dict[str, tuple[Callable[[], Caller], int]] = {
    "an auditor": (lambda: Caller(token_of(scenarios.auditor())), 403),
    "a reader": (lambda: Caller(token_of(scenarios.owner(), Scope.READ)), 403),
    "a stranger": (lambda: Caller(token_of(scenarios.stranger())), 404),
    "another scope": (lambda: Caller(token_of(scenarios.owner(), Scope.RAISE)), 404),
}


@pytest.mark.parametrize("who", WRONG)
def test_who_may_not_gives_nothing(obligation: Obligation, who: str) -> None:
    program, status = WRONG[who][0](), WRONG[who][1]
    scenarios.developer()

    refusal(program.send("PATCH", path_of(obligation), TO_DEV), status)

    obligation.refresh_from_db()
    assert obligation.owner is None


def test_what_may_not_be_seen_is_not_there(caller: Caller, obligation: Obligation) -> None:
    stranger = Caller(token_of(scenarios.stranger()))
    for path in (path_of(obligation), OBLIGATIONS):
        refusal(stranger.get(path), 404)
    refusal(caller.get(f"/obligations/{2**70}"), 404)
    refusal(caller.get("/models/absent/obligations"), 404)


@pytest.mark.parametrize("said_so", ["meet", "defer"])
def test_nothing_is_called_met_or_put_off_by_token(obligation: Obligation, said_so: str) -> None:
    validator = Caller(token_of(scenarios.validator()))
    refusal(validator.post(f"{path_of(obligation)}/{said_so}", {"reason": "Read it"}), 404)


def test_obligations_come_in_pages_of_as_many_queries_however_many_there_are(
    caller: Caller, assessment: Assessment
) -> None:
    scenarios.registered_version(assessment.model)
    for number in range(2):
        owed(assessment, key=f"one_{number}", owner=scenarios.validator())
    few = queries(caller)
    for number in range(2, 20):
        owed(assessment, key=f"one_{number}", owner=scenarios.validator())

    assert queries(caller) == few
    first = said(caller.get(f"{OBLIGATIONS}?limit=15"))
    second = said(caller.get(f"{OBLIGATIONS}?limit=15&page={first['next']}"))
    assert [len(first["obligations"]), len(second["obligations"])] == [15, 5]
    assert second["next"] is None
    wrong = caller.get(f"{OBLIGATIONS}?state=open&page={first['next']}")
    assert refusal(wrong, 400)["code"] == "bad_mark"


def queries(caller: Caller) -> int:
    said(caller.get(OBLIGATIONS))
    with CaptureQueriesContext(connection) as taken:
        said(caller.get(OBLIGATIONS))
    return len(taken)
