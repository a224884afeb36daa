"""What was true at a past moment, as programs ask."""

import json
from typing import Any

import pytest

from apps.approvals.models import Authorization
from apps.catalog import operations as catalog
from apps.catalog.lifecycle import Stage
from tests import scenarios
from tests.api.caller import Caller, content_of, token_of
from tests.console.as_of.many import copied
from tests.console.as_of.moment import latest
from tests.factories import actor

pytestmark = pytest.mark.django_db

PRODUCTION = "/as-of/production"


def asked(path: str, who: Any = None) -> tuple[int, Any]:
    answer = Caller(token_of(who or scenarios.auditor())).get(path)
    return answer.status_code, json.loads(content_of(answer))


def test_a_program_reads_what_was_in_production_and_by_what_right() -> None:
    request = scenarios.promoted(to=Stage.PRODUCTION, model=scenarios.registered_model("credit"))
    at = latest()
    catalog.rename_model(request.version.model, "lending", by=actor(scenarios.owner()))
    granted = Authorization.objects.get(request=request)

    status, told = asked(f"{PRODUCTION}?at={at}")
    _, now = asked(PRODUCTION)
    _, hidden = asked(PRODUCTION, scenarios.stranger())

    [one] = told["in_production"]
    assert status == 200
    assert (one["model"], one["name_then"], one["version"]) == ("lending", "credit", 1)
    assert one["authorization"]["number"] == granted.pk
    assert {signed["signer"] for signed in one["signed"]} == {"Vera Validator", "Rita Risk"}
    assert told["as_of"] == at
    assert told["record_begins_at"] is None
    assert now["in_production"][0]["name_then"] == "lending"
    assert hidden["in_production"] == []


def test_pages_lead_on_and_a_moment_before_the_record_says_so() -> None:
    request = scenarios.promoted(to=Stage.PRODUCTION, model=scenarios.registered_model("credit"))
    copied(request, 2)
    at = latest()

    _, first = asked(f"{PRODUCTION}?at={at}&limit=2")
    _, second = asked(f"{PRODUCTION}?at={at}&limit=2&page={first['next']}")
    _, before = asked(f"{PRODUCTION}?at=2001-01-01")

    names = [one["model"] for one in (*first["in_production"], *second["in_production"])]
    assert names == ["copy-0", "copy-1", "credit"]
    assert second["next"] is None
    assert before["in_production"] == []
    assert before["record_begins_at"] is not None


def test_a_model_and_a_version_are_read_as_they_were() -> None:
    model = scenarios.registered_model("credit", title="Default risk")
    early = latest()
    version = scenarios.check(scenarios.registered_version(model))
    request = scenarios.requested(version=version)
    scenarios.sign(request, scenarios.owner(), "model_owner")
    at = latest()
    catalog.describe_model(model, by=actor(scenarios.owner()), title="Losses")
    catalog.set_version_tag(version, "seen", "yes", by=actor(scenarios.owner()))

    _, then = asked(f"/models/credit?as_of={at}")
    _, now = asked("/models/credit")
    _, one = asked(f"/models/credit/versions/1?as_of={at}")
    status, refused = asked(f"/models/credit/versions/1?as_of={early}")

    assert (then["title"], now["title"]) == ("Default risk", "Losses")
    assert [line["stage"] for line in then["versions"]] == ["development"]
    assert then["owner"] == "olivia"
    assert one["tags"] == {}
    assert one["promotions"][0]["sign_offs"][0]["signer"] == "Olivia Owner"
    assert {check["state"] for check in one["checks"]} == {"passed"}
    assert status == 404
    assert "was not registered yet" in refused["detail"]


@pytest.mark.parametrize("path", [f"{PRODUCTION}?at=", "/models/credit?as_of="])
def test_a_moment_that_is_none_or_lies_ahead_is_refused_in_words(path: str) -> None:
    scenarios.registered_model("credit")

    nonsense, ahead = asked(f"{path}yesterday"), asked(f"{path}2999-01-01")

    assert (nonsense[0], nonsense[1]["code"]) == (400, "bad_moment")
    assert (ahead[0], ahead[1]["code"]) == (400, "bad_moment")
    assert "has not come yet" in ahead[1]["detail"]
