"""Models and versions at the API: described, renamed, deleted, found by words and facets."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.models import AuditEvent
from apps.catalog.lifecycle import Stage
from apps.catalog.models import ModelVersion, RegisteredModel, Tombstone
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.factories import team

pytestmark = pytest.mark.django_db

REASON = b'{"reason": "Never used"}'


def test_a_model_is_described_and_what_is_not_given_stays(
    caller: Caller, model: RegisteredModel
) -> None:
    path = f"/models/{model.name}"
    before = said(caller.get(path))

    after = said(caller.send("PATCH", path, b'{"title": "Triage", "flags": ["is_ai"]}'))

    changed = {key for key in after if after[key] != before[key]}
    assert changed == {"title", "flags", "touched_at"}
    assert said(caller.get(path)) == after
    assert AuditEvent.objects.filter(action="model.describe", outcome="done").count() == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"kind": "magic"}', "kind is one of"),
        (b'{"owner": "olivia"}', "not known"),
        (b'{"title": 7}', "title: "),
        (b"", "missing"),
    ],
)
def test_what_a_model_cannot_say_is_refused(
    caller: Caller, model: RegisteredModel, body: bytes, words: str
) -> None:
    assert words in refusal(caller.send("PATCH", f"/models/{model.name}", body), 400)["detail"]


def test_a_model_takes_another_name(caller: Caller, model: RegisteredModel) -> None:
    renamed = said(caller.post(f"/models/{model.name}/rename", {"name": "triage"}))

    assert renamed["url"] == "/api/v1/models/triage"
    refusal(caller.get(f"/models/{model.name}"), 404)
    scenarios.registered_model("taken")
    problem = refusal(caller.post("/models/triage/rename", {"name": "taken"}), 409)
    assert problem["code"] == "name_taken"


def test_a_model_nothing_refers_to_is_deleted_with_a_reason(model: RegisteredModel) -> None:
    program = Caller(token_of(scenarios.owner()))

    nothing = refusal(program.send("DELETE", f"/models/{model.name}"), 400)
    assert nothing["detail"] == "The body is missing. Send it as JSON."
    assert (
        "Give a reason"
        in refusal(program.send("DELETE", f"/models/{model.name}", b'{"reason": " "}'), 409)[
            "detail"
        ]
    )
    said(program.send("DELETE", f"/models/{model.name}", REASON), 204)

    refusal(program.get(f"/models/{model.name}"), 404)
    refusal(program.send("DELETE", f"/models/{model.name}", REASON), 404)
    assert Tombstone.objects.get().model == model


def test_a_version_is_described_and_deleted(caller: Caller, version: ModelVersion) -> None:
    path = f"/models/{version.model.name}/versions/1"

    described = said(caller.send("PATCH", path, b'{"description": "Trained again"}'))
    assert said(caller.get(path)) == described
    assert described["description"] == "Trained again"
    said(caller.send("DELETE", path, REASON), 204)

    refusal(caller.get(path), 404)


def test_a_version_a_promotion_was_asked_for_stays(caller: Caller) -> None:
    version = scenarios.requested().version

    path = f"/models/{version.model.name}/versions/{version.number}"
    problem = refusal(caller.send("DELETE", path, REASON), 403)

    assert problem["code"] == "referenced"
    assert said(caller.get(path))["stage"] == Stage.DEVELOPMENT


def test_models_are_found_by_words_and_facets(caller: Caller) -> None:
    team("Lending")
    scenarios.registered_model("credit-score", domain="retail", kind="vendor", flags=["is_ai"])
    triage = scenarios.registered_model("tumor-triage", title="Triage of scans")
    scenarios.registered_version(triage, framework="sklearn")

    def names(query: str) -> list[str]:
        return [model["name"] for model in said(caller.get(f"/models?{query}"))["models"]]

    assert names("q=scans") == ["tumor-triage"]
    assert names("q=cred&sort=closest") == ["credit-score"]
    assert names("kind=vendor") == names("domain=retail") == names("flag=is_ai") == ["credit-score"]
    assert names("stage=development") == names("framework=sklearn") == ["tumor-triage"]
    assert names("owner=olivia&sort=name") == ["credit-score", "tumor-triage"]
    assert names("owner=nobody") == names("team=Lending") == names("team=none") == []
    assert names("sort=registered") == ["tumor-triage", "credit-score"]
    assert names("q=scans&kind=vendor") == []


@pytest.mark.parametrize(
    "query", ["sort=owner__password", "q=%00", "q=%ff", f"q={'x' * 257}", "kind=a&kind=b"]
)
def test_a_search_that_cannot_be_is_refused(caller: Caller, query: str) -> None:
    refusal(caller.get(f"/models?{query}"), 400)


def test_a_page_of_a_search_holds_for_that_search_only(caller: Caller) -> None:
    for name in ("zeta-1", "zeta-2", "beta"):
        scenarios.registered_model(name)

    first = said(caller.get("/models?q=zeta&sort=name&limit=1"))
    second = said(caller.get(f"/models?q=zeta&sort=name&limit=1&page={first['next']}"))

    assert [page["models"][0]["name"] for page in (first, second)] == ["zeta-1", "zeta-2"]
    assert second["next"] is None
    wrong = caller.get(f"/models?q=beta&sort=name&limit=1&page={first['next']}")
    assert refusal(wrong, 400)["code"] == "bad_mark"


def test_a_search_takes_as_many_queries_for_many_models_as_for_few(caller: Caller) -> None:
    scenarios.registered_version(scenarios.registered_model("a0"))
    query = "/models?q=a&kind=in_house&owner=olivia&sort=closest"
    said(caller.get(query))
    with CaptureQueriesContext(connection) as few:
        said(caller.get(query))
    for number in range(8):
        scenarios.registered_version(scenarios.registered_model(f"a{number + 1}"))
    with CaptureQueriesContext(connection) as many:
        assert len(said(caller.get(query))["models"]) == 9

    assert len(many) == len(few)
