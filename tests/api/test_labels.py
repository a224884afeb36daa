"""Tags and aliases at the API: set, shown, taken away, and held against what was last read."""

import pytest

from apps.audit.models import AuditEvent
from apps.catalog.models import Alias, ModelTag, ModelVersion, VersionTag
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of

pytestmark = pytest.mark.django_db

TAGGED = {"/models/tumor-triage": ModelTag, "/models/tumor-triage/versions/1": VersionTag}


@pytest.mark.parametrize("thing", TAGGED)
def test_a_tag_is_set_shown_changed_and_taken_away(
    caller: Caller, version: ModelVersion, thing: str
) -> None:
    address = f"{thing}/tags/team/quality gate"

    refusal(caller.get(address), 404)
    given = said(caller.send("PUT", address, b'{"value": "one"}'))
    assert said(caller.get(address)) == given == {"key": "team/quality gate", "value": "one"}
    assert said(caller.get(thing))["tags"] == {"team/quality gate": "one"}
    assert said(caller.send("PUT", address, b'{"value": ""}'))["value"] == ""
    said(caller.send("DELETE", address), 204)

    refusal(caller.send("DELETE", address), 404)
    assert not TAGGED[thing].objects.exists()
    assert said(caller.get(thing))["tags"] == {}


@pytest.mark.parametrize("key", ["x" * 251, "a*b", "..", "%E2%80%AE"])
def test_a_key_no_tag_has_is_refused(caller: Caller, version: ModelVersion, key: str) -> None:
    address = f"/models/tumor-triage/tags/{key}"

    refusal(caller.send("PUT", address, b'{"value": "one"}'), 400)
    assert not ModelTag.objects.exists()


def test_an_alias_moves_between_versions_and_is_taken_away(
    caller: Caller, version: ModelVersion
) -> None:
    scenarios.registered_version(version.model, {"a": b"2"})
    address = "/models/tumor-triage/aliases/challenger"

    refusal(caller.get(address), 404)
    assert said(caller.send("PUT", address, b'{"version": 1}'))["version"] == 1
    moved = said(caller.send("PUT", address, b'{"version": 2}'))

    assert said(caller.get(address)) == moved
    assert moved["url"] == "/api/v1/models/tumor-triage/versions/2"
    assert said(caller.get("/models/tumor-triage"))["aliases"] == {"challenger": 2}
    said(caller.send("DELETE", address), 204)
    refusal(caller.send("DELETE", address), 404)


@pytest.mark.parametrize("number", [0, 3, -1, 2**31, 2**62])
def test_an_alias_points_at_no_version_there_is_not(
    caller: Caller, version: ModelVersion, number: int
) -> None:
    body = f'{{"version": {number}}}'.encode()

    problem = refusal(caller.send("PUT", "/models/tumor-triage/aliases/best", body), 400)

    assert "has no version" in problem["detail"]
    assert not Alias.objects.exists()


def test_the_champion_moves_only_by_a_decision(caller: Caller, version: ModelVersion) -> None:
    answer = caller.send("PUT", "/models/tumor-triage/aliases/champion", b'{"version": 1}')

    assert answer.status_code in {400, 403, 409}
    assert not Alias.objects.exists()


def test_who_may_not_describe_a_model_sets_no_tag_and_no_alias(version: ModelVersion) -> None:
    program = Caller(token_of(scenarios.auditor()))

    for thing in TAGGED:
        refusal(program.send("PUT", f"{thing}/tags/a", b'{"value": "b"}'), 403)
    refusal(program.send("PUT", "/models/tumor-triage/aliases/a", b'{"version": 1}'), 403)
    assert AuditEvent.objects.filter(outcome="refused").count() == 3
