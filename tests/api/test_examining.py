"""Checks at the API: started, followed, with the problems they found."""

import pytest

from apps.accounts.scopes import Scope
from apps.catalog.models import ModelVersion
from apps.validation import checks
from apps.validation.models import CheckRun
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of

pytestmark = pytest.mark.django_db

PATH = "/models/tumor-triage/versions/1/checks"


def test_checks_are_started_and_show_what_they_found(caller: Caller) -> None:
    model = scenarios.registered_model("tumor-triage")
    scenarios.check(
        scenarios.registered_version(model, {"model.pkl": b"cposix\nsystem\n(S'true'\ntR."})
    )

    shown = {check["name"]: check for check in said(caller.get(PATH))["checks"]}

    assert set(shown) == set(checks.AT_REGISTRATION)
    found = shown["unsafe-code"]
    assert found["state"] == "failed"
    assert {"code", "severity", "place", "text", "remedy"} == set(found["problems"][0])
    assert said(caller.get(f"{PATH}/{found['number']}")) == found
    assert found["url"] == f"/api/v1{PATH}/{found['number']}"


def test_one_check_is_run_again_and_the_old_run_stays(
    caller: Caller, version: ModelVersion
) -> None:
    scenarios.check(version)
    before = {check["name"]: check["number"] for check in said(caller.get(PATH))["checks"]}

    [again] = said(caller.post(PATH, {"names": ["unsafe-code"]}), 201)["checks"]

    assert again["state"] == "queued"
    newest = {check["name"]: check["number"] for check in said(caller.get(PATH))["checks"]}
    assert newest == before | {"unsafe-code": again["number"]}
    assert said(caller.get(f"{PATH}/{before['unsafe-code']}"))["state"] == "passed"
    refusal(caller.post(PATH, {"names": ["unsafe-code"]}), 409)


def test_without_names_every_check_is_run(caller: Caller, version: ModelVersion) -> None:
    started = said(caller.post(PATH, {}), 201)["checks"]

    assert [check["name"] for check in started] == list(checks.NAMES)


@pytest.mark.parametrize(
    ("body", "status"), [({"names": ["magic"]}, 404), ({"names": []}, 400), ({"names": "a"}, 400)]
)
def test_a_check_there_is_not_is_not_run(
    caller: Caller, version: ModelVersion, body: dict[str, object], status: int
) -> None:
    refusal(caller.post(PATH, body), status)
    assert not CheckRun.objects.exists()


def test_a_token_that_only_checks_need_not_see_the_model(version: ModelVersion) -> None:
    program = Caller(token_of(scenarios.developer(), Scope.CHECK))

    refusal(program.get(PATH), 404)
    said(program.post(PATH, {}), 201)


def test_a_run_of_another_version_is_not_there(caller: Caller, version: ModelVersion) -> None:
    scenarios.registered_version(version.model, {"a": b"2"})
    run = said(caller.post(PATH, {}), 201)["checks"][0]["number"]

    for number in (run + 100, 2**63, 0):
        refusal(caller.get(f"{PATH}/{number}"), 404)
    refusal(caller.get(f"/models/tumor-triage/versions/2/checks/{run}"), 404)
