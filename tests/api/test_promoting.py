"""Promotions at the API: asked for, followed, taken back and carried out; never signed."""

import hashlib
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.scopes import Scope
from apps.approvals.models import PromotionRequest, SignOff
from apps.audit.models import AuditEvent
from apps.catalog.lifecycle import Stage
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.approvals import exceptions
from tests.factories import actor

pytestmark = pytest.mark.django_db

REASON = {"reason": "Planned"}


@pytest.fixture
def operator(db: None) -> Caller:
    """The program of an operator, with a token of every scope."""
    return Caller(token_of(scenarios.operator()))


def test_a_promotion_is_asked_for_and_says_what_would_open_its_gate(caller: Caller) -> None:
    version = scenarios.checked()
    path = f"/models/{version.model.name}/versions/{version.number}/promotions"

    asked = said(caller.post(path, {"target": "staging", **REASON}), 201)

    assert (asked["state"], asked["target"], asked["reason"]) == ("open", "staging", "Planned")
    assert asked["page"] == f"/promotions/{asked['number']}/"
    assert said(caller.get(f"/promotions/{asked['number']}")) == asked
    gate = asked["gate"]
    assert gate["is_open"] is False
    assert {slot["role"]: slot["missing"] for slot in gate["slots"]} == {"model_owner": 1}
    assert {one["state"] for one in gate["conditions"]} <= {"passed", "warned", "not_applicable"}
    [closed] = gate["closed"]
    assert closed["condition"] == "sign-off"
    assert "has to sign" in closed["remedy"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"target": "production", **REASON}, 409),
        ({"target": "archived", **REASON}, 409),
        ({"target": "live", **REASON}, 400),
        ({"target": "staging", "reason": " "}, 409),
        ({"target": "staging"}, 400),
    ],
)
def test_what_cannot_be_asked_for_is_refused(
    caller: Caller, body: dict[str, str], status: int
) -> None:
    version = scenarios.checked()

    answer = caller.post(f"/models/{version.model.name}/versions/1/promotions", body)

    refusal(answer, status)
    assert not PromotionRequest.objects.exists()


def test_a_closed_gate_is_a_conflict_that_names_what_keeps_it_shut(operator: Caller) -> None:
    request = scenarios.requested()

    problem = refusal(operator.post(f"/promotions/{request.pk}/promote", REASON), 409)

    assert problem["code"] == "gates_closed"
    [closed] = problem["closed"]
    assert set(closed) == {"condition", "title", "reason", "remedy"}
    assert closed["reason"] in problem["detail"]
    assert said(operator.get(f"/promotions/{request.pk}"))["gate"]["closed"] == [closed]


def test_an_open_gate_lets_a_program_carry_the_promotion_out(operator: Caller) -> None:
    request = scenarios.signed_off()
    number = request.pk
    assert said(operator.get(f"/promotions/{number}"))["gate"]["is_open"] is True

    promoted = said(operator.post(f"/promotions/{number}/promote", REASON))

    assert (promoted["state"], promoted["gate"], promoted["closed_by"]) == (
        "promoted",
        None,
        "otis",
    )
    [given] = promoted["sign_offs"]
    assert (given["signer"], given["decision"], given["why_void"]) == ("olivia", "approve", None)
    request.version.refresh_from_db()
    assert request.version.stage == Stage.STAGING
    refusal(operator.post(f"/promotions/{number}/promote", REASON), 409)


def test_a_token_that_only_promotes_need_not_see_the_model() -> None:
    request = scenarios.signed_off()
    program = Caller(token_of(scenarios.operator(), Scope.PROMOTE))

    refusal(program.get(f"/promotions/{request.pk}"), 404)
    assert said(program.post(f"/promotions/{request.pk}/promote", REASON))["state"] == "promoted"


def test_a_request_is_taken_back(caller: Caller) -> None:
    request = scenarios.requested()

    taken = said(caller.post(f"/promotions/{request.pk}/withdraw", REASON))

    assert (taken["state"], taken["closed_by"]) == ("withdrawn", "dev")
    refusal(caller.post(f"/promotions/{request.pk}/withdraw", REASON), 409)


def test_the_request_to_go_back_is_taken_back_by_an_operators_program(caller: Caller) -> None:
    request = exceptions.asked_rollback()
    path = f"/promotions/{request.pk}/withdraw"

    refusal(caller.post(path, REASON), 403)
    program = Caller(token_of(scenarios.operator(), Scope.PROMOTE))

    assert said(program.post(path, REASON))["state"] == "withdrawn"


def test_the_dossier_is_what_its_digest_is_of_and_who_takes_it_is_recorded(caller: Caller) -> None:
    request = scenarios.signed_off()

    answer = caller.get(f"/promotions/{request.pk}/dossier")

    digest = f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
    shown = said(caller.get(f"/promotions/{request.pk}"))
    assert shown["dossier_digest"] == digest == SignOff.objects.get().dossier_digest
    assert json.loads(answer.content)["content"] == request.content_digest
    assert AuditEvent.objects.filter(action="request.take_dossier").count() == 1


def test_a_sign_off_that_no_longer_counts_says_why(caller: Caller) -> None:
    request = scenarios.signed_off()
    scenarios.operations.describe_model(
        request.version.model, by=actor(scenarios.owner()), intended_use="Something else"
    )

    [given] = said(caller.get(f"/promotions/{request.pk}"))["sign_offs"]

    assert given["why_void"] == "The model's intended use changed."


def test_requests_are_listed_in_pages_by_model_and_state(caller: Caller) -> None:
    first, second = scenarios.requested(), scenarios.requested()
    said(caller.post(f"/promotions/{first.pk}/withdraw", REASON))

    def numbers(query: str) -> list[int]:
        return [one["number"] for one in said(caller.get(f"/promotions{query}"))["promotions"]]

    assert numbers("") == [second.pk, first.pk]
    assert numbers("?state=open") == [second.pk]
    assert numbers(f"?model={first.version.model.name}") == [first.pk]
    assert numbers("?model=absent") == []
    page = said(caller.get("/promotions?limit=1"))
    assert numbers(f"?limit=1&page={page['next']}") == [first.pk]
    refusal(caller.get(f"/promotions?state=open&limit=1&page={page['next']}"), 400)
    refusal(caller.get("/promotions?state=signed"), 400)
    stranger = Caller(token_of(scenarios.stranger()))
    assert said(stranger.get("/promotions"))["promotions"] == []


def test_a_list_of_requests_takes_as_many_queries_however_many_there_are(caller: Caller) -> None:
    scenarios.requested()
    said(caller.get("/promotions"))
    with CaptureQueriesContext(connection) as few:
        said(caller.get("/promotions"))
    for _ in range(3):
        scenarios.requested()
    with CaptureQueriesContext(connection) as many:
        assert len(said(caller.get("/promotions"))["promotions"]) == 4

    assert len(many) == len(few)


def test_production_goes_back_to_the_version_before(operator: Caller) -> None:
    model = scenarios.registered_model()
    refusal(operator.post(f"/models/{model.name}/roll-back", REASON), 409)
    for _ in range(2):
        scenarios.promoted(Stage.PRODUCTION, model)

    restored = said(operator.post(f"/models/{model.name}/roll-back", REASON))

    assert (restored["number"], restored["stage"]) == (1, "production")
    assert said(operator.get(f"/models/{model.name}"))["champion"] == 1


def test_only_an_operator_rolls_back(caller: Caller) -> None:
    model = scenarios.registered_model()
    for _ in range(2):
        scenarios.promoted(Stage.PRODUCTION, model)

    problem = refusal(caller.post(f"/models/{model.name}/roll-back", REASON), 403)

    assert problem["detail"] == "Only an operator of this model rolls it back."
    assert said(caller.get(f"/models/{model.name}"))["champion"] == 2


@pytest.mark.parametrize("number", ["0", str(2**63), "9" * 400, "-1", "one"])
def test_a_number_no_request_has_is_not_there(caller: Caller, number: str) -> None:
    refusal(caller.get(f"/promotions/{number}"), 404)
    refusal(caller.post(f"/promotions/{number}/promote", REASON), 404)
