"""Models at the API: registered, shown and listed, to those who may."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts import operations as accounts
from apps.accounts.scopes import Scope
from apps.audit.models import AuditEvent
from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion, RegisteredModel
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.factories import HOST, actor, person, team

pytestmark = pytest.mark.django_db


def test_a_model_is_registered_with_all_it_says(caller: Caller) -> None:
    owner = scenarios.owner()
    team("Lending")

    model = said(
        caller.post(
            "/models",
            {
                "name": "credit",
                "title": "Credit score",
                "intended_use": "Ranks applications.",
                "out_of_scope_uses": "Pricing.",
                "limitations": "Adults only.",
                "owner": owner.username,
                "team": "Lending",
                "domain": "retail",
                "kind": "vendor",
                "method": "boosting",
                "flags": ["is_ai"],
            },
        ),
        201,
    )

    row = RegisteredModel.objects.get(name="credit")
    assert (row.title, row.kind, row.flags) == ("Credit score", "vendor", ["is_ai"])
    assert (row.owner, row.team and row.team.name) == (owner, "Lending")
    assert (model["owner"], model["team"], model["latest_version"]) == ("olivia", "Lending", None)
    assert said(caller.get("/models/credit")) == model
    assert model["url"] == "/api/v1/models/credit"


def test_the_record_says_that_a_program_registered_the_model(caller: Caller) -> None:
    said(caller.post("/models", {"name": "credit"}), 201)

    event = AuditEvent.objects.get(action="model.register", outcome="done")
    entry = bytes(event.entry).decode()
    assert scenarios.developer().record_id in entry
    assert '"door":"api"' in entry


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"name": "a/b"}, "slash"),
        ({"name": ""}, "blank"),
        ({"name": "credit", "owner": "nobody"}, "Nobody has the sign-in name"),
        ({"name": "credit", "owner": ""}, "Nobody has the sign-in name"),
        ({"name": "credit", "team": "None"}, "There is no team"),
        ({"name": "credit", "kind": "magic"}, "kind is one of"),
        ({"name": "credit", "flags": ["is_superuser"]}, "flag is one of"),
        ({"name": "credit", "title": "x" * 201}, "at most 200"),
        ({}, "name: This field is missing."),
    ],
    ids=str,
)
def test_what_a_model_cannot_be_is_said_in_words(
    caller: Caller, body: dict[str, object], words: str
) -> None:
    assert words in refusal(caller.post("/models", body), 400)["detail"]
    assert not RegisteredModel.objects.exists()


def test_a_closed_account_owns_no_new_model(caller: Caller) -> None:
    accounts.close_account(person("gone"), by=HOST, reason="Left")

    problem = refusal(caller.post("/models", {"name": "credit", "owner": "gone"}), 400)

    assert "Nobody has the sign-in name" in problem["detail"]


def test_a_taken_name_is_a_conflict(caller: Caller, model: RegisteredModel) -> None:
    problem = refusal(caller.post("/models", {"name": model.name.upper()}), 409)

    assert (problem["code"], problem["title"]) == ("name_taken", "Conflict")


def test_somebody_without_the_duty_registers_no_model() -> None:
    program = Caller(token_of(scenarios.auditor()))

    assert (
        "right to register models" in refusal(program.post("/models", {"name": "x"}), 403)["detail"]
    )
    assert AuditEvent.objects.filter(action="model.register", outcome="refused").count() == 1


def test_the_list_shows_what_the_caller_may_see_the_newest_first() -> None:
    first, second = scenarios.registered_model("first"), scenarios.registered_model("second")
    scenarios.registered_version(first)
    granted = scenarios.stranger()
    catalog.grant_model_duty(
        second, granted, "business_sponsor", by=actor(scenarios.owner()), reason="Needs to see it"
    )

    everything = said(Caller(token_of(scenarios.auditor())).get("/models"))
    one = said(Caller(token_of(granted)).get("/models"))
    nothing = said(Caller(token_of(person("nobody"))).get("/models"))

    assert [model["name"] for model in everything["models"]] == ["first", "second"]
    assert [model["latest_version"] for model in everything["models"]] == [1, None]
    assert [model["name"] for model in one["models"]] == ["second"]
    assert nothing == {"models": [], "next": None}


def test_pages_of_the_list_follow_each_other_and_hold_for_one_caller_only(caller: Caller) -> None:
    for number in range(5):
        scenarios.registered_model(f"m{number}")

    pages = [said(caller.get("/models?limit=2"))]
    first = pages[0]["next"]
    while pages[-1]["next"]:
        pages.append(said(caller.get(f"/models?limit=2&page={pages[-1]['next']}")))

    names = [[model["name"] for model in page["models"]] for page in pages]
    assert names == [["m4", "m3"], ["m2", "m1"], ["m0"]]
    other = Caller(token_of(scenarios.auditor()))
    assert refusal(other.get(f"/models?page={first}"), 400)["code"] == "bad_mark"
    assert refusal(caller.get(f"/models?page={first}x"), 400)["code"] == "bad_mark"


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=ten", "limit=1.5", "limit="])
def test_a_limit_is_a_number_of_rows(caller: Caller, query: str) -> None:
    assert refusal(caller.get(f"/models?{query}"), 400)["detail"].startswith("limit: ")


def test_the_list_takes_as_many_queries_for_many_models_as_for_few(caller: Caller) -> None:
    scenarios.registered_version(scenarios.registered_model())
    said(caller.get("/models"))  # the first use of a token is noted
    with CaptureQueriesContext(connection) as few:
        said(caller.get("/models"))
    for _ in range(6):
        scenarios.registered_version(scenarios.registered_model())
    with CaptureQueriesContext(connection) as many:
        assert len(said(caller.get("/models"))["models"]) == 7

    assert len(many) == len(few)


def test_a_model_that_may_not_be_seen_is_answered_like_one_that_is_not_there(
    version: ModelVersion,
) -> None:
    program = Caller(token_of(scenarios.stranger()))
    for path in ("/models/{}", "/models/{}/versions", "/models/{}/versions/1"):
        hidden = program.get(path.format(version.model.name))
        absent = program.get(path.format("no-such-model"))
        assert refusal(hidden, 404) == refusal(absent, 404)


def test_a_token_for_one_model_sees_no_other(model: RegisteredModel) -> None:
    other = scenarios.registered_model("other")
    limited = Caller(token_of(scenarios.developer(), Scope.READ, roots=[model.record_ref]))

    assert [found["name"] for found in said(limited.get("/models"))["models"]] == [model.name]
    refusal(limited.get(f"/models/{other.name}"), 404)


@pytest.mark.parametrize(
    "name", ["a%00b", "..", "%2e%2e", "a%2Fb", "%252e%252e", "a;b", "a%0d%0ab", "%ff", "x" * 3000]
)
def test_a_name_no_model_can_have_is_not_there(caller: Caller, name: str) -> None:
    for path in ("", "/versions", "/versions/1", "/versions/1/files/a"):
        refusal(caller.get(f"/models/{name}{path}"), 404)
    refusal(caller.post(f"/models/{name}/versions", {"upload": str(scenarios.uploaded().pk)}), 404)
