"""The inventory at the API: its fields, what is recorded, and what is missing."""

import pytest

from apps.accounts.scopes import Scope
from apps.audit.models import AuditEvent
from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion, ThirdParty, UseCase
from tests import scenarios
from tests.api.caller import Caller, refusal, said, token_of
from tests.factories import actor

pytestmark = pytest.mark.django_db

MODEL = "/models/tumor-triage"


@pytest.fixture
def owners(version: ModelVersion) -> Caller:
    """The program of the model's owner."""
    return Caller(token_of(scenarios.owner()))


def test_the_fields_say_who_supplies_them_and_which_are_the_organizations_own(
    caller: Caller,
) -> None:
    catalog.add_own_field(
        by=actor(scenarios.risk_officer()),
        reason="Asked for by the board",
        entity="model",
        key="own_board_paper",
        label="Board paper",
        type="string",
        supplied_by=["model_owner"],
        tiers=["required", "required", "optional", "omit"],
    )

    entities = {
        one["entity"]: one["fields"] for one in said(caller.get("/inventory/fields"))["entities"]
    }

    assert set(entities) == {"model", "version", "use_case", "third_party", "generative"}
    fields = {field["key"]: field for field in entities["model"]}
    own = fields["own_board_paper"]
    assert (own["is_own"], own["needs"]) == (True, ["required", "required", "optional", "omit"])
    assert own["supplied_by"] == ["model_owner"]
    assert not fields["intended_use"]["is_own"]


def test_fields_are_not_shown_to_a_token_that_does_not_read(db: None) -> None:
    program = Caller(token_of(scenarios.developer(), Scope.REGISTER))

    refusal(program.get("/inventory/fields"), 404)


def test_values_of_a_model_are_recorded_and_no_longer_missing(owners: Caller) -> None:
    before = said(owners.get(f"{MODEL}/inventory"))
    assert "description" in before["missing"]

    after = said(
        owners.send("PATCH", f"{MODEL}/inventory", b'{"values": {"description": "Sorts scans."}}')
    )

    assert after["values"]["description"] == "Sorts scans."
    assert "description" not in after["missing"]
    assert said(owners.get(f"{MODEL}/inventory")) == after
    assert said(owners.get(MODEL))["description"] == "Sorts scans."
    taken = said(owners.send("PATCH", f"{MODEL}/inventory", b'{"values": {"description": null}}'))
    assert "description" in taken["missing"]
    assert AuditEvent.objects.filter(action="inventory.record", outcome="done").count() == 2


@pytest.mark.parametrize(
    ("values", "place", "words"),
    [
        (b'{"magic": 1}', "magic", "There is no field"),
        (b'{"is_superuser": true}', "is_superuser", "There is no field"),
        (b'{"description": 7}', "description", "is text"),
        (b'{"name": "other"}', "name", "not recorded here"),
        (b'{"operating_boundaries": "Adults"}', "operating_boundaries", "is supplied by"),
        (b'{"business_sponsor": "usr_99"}', "business_sponsor", "nobody with an open account"),
    ],
)
def test_a_value_that_may_not_be_recorded_is_refused_with_its_field(
    owners: Caller, values: bytes, place: str, words: str
) -> None:
    body = b'{"values": {"intended_use": "Other", ' + values[1:-1] + b"}}"

    problem = refusal(owners.send("PATCH", f"{MODEL}/inventory", body), 400)

    assert problem["code"] == "fields_refused"
    [fault] = problem["faults"]
    assert fault["place"] == place
    assert words in fault["says"]
    assert said(owners.get(MODEL))["intended_use"] == "Decides nothing."


def test_a_pipeline_records_values_of_a_version(caller: Caller, version: ModelVersion) -> None:
    path = f"{MODEL}/versions/1/inventory"

    after = said(caller.send("PATCH", path, b'{"values": {"reproducibility": "reproduced"}}'))

    assert after["entities"] == ["version"]
    assert after["values"]["reproducibility"] == "reproduced"
    assert said(caller.get(path)) == after


def test_a_use_is_added_recorded_and_ended(owners: Caller) -> None:
    added = said(owners.post(f"{MODEL}/use-cases", {"title": "Night shift"}), 201)
    path = f"{MODEL}/use-cases/night-shift"

    assert added["url"] == f"/api/v1{path}"
    assert said(owners.get(path)) == added
    recorded = said(owners.send("PATCH", path, b'{"values": {"intended_purpose": "Triage"}}'))
    assert recorded["values"]["intended_purpose"] == "Triage"
    said(owners.send("DELETE", path, b'{"reason": "Over"}'), 204)

    ended = said(owners.get(path))
    assert ended["ended_at"]
    assert said(owners.get(f"{MODEL}/use-cases"))["records"][0]["ended_at"] == ended["ended_at"]
    refusal(owners.send("DELETE", path, b'{"reason": "Over"}'), 409)
    refusal(owners.send("PATCH", path, b'{"values": {}}'), 409)
    assert UseCase.objects.count() == 1


def test_a_supplier_is_added_recorded_and_ended(owners: Caller) -> None:
    added = said(owners.post(f"{MODEL}/third-parties", {"title": "Acme"}), 201)
    path = f"{MODEL}/third-parties/{added['id']}"

    assert said(owners.get(path)) == added
    assert said(owners.get(f"{MODEL}/inventory"))["values"]["suppliers"] == ["Acme"]
    recorded = said(owners.send("PATCH", path, b'{"values": {"service": "Weights"}}'))
    assert recorded["values"]["service"] == "Weights"
    said(owners.send("DELETE", path, b'{"reason": "Over"}'), 204)

    assert said(owners.get(f"{MODEL}/third-parties"))["records"][0]["ended_at"]
    assert ThirdParty.objects.count() == 1


def test_what_has_no_title_or_no_right_is_refused(owners: Caller, caller: Caller) -> None:
    for kind in ("use-cases", "third-parties"):
        refusal(owners.post(f"{MODEL}/{kind}", {"title": " "}), 400)
        refusal(caller.post(f"{MODEL}/{kind}", {"title": "Mine"}), 403)
    assert not UseCase.objects.exists()
    assert not ThirdParty.objects.exists()


@pytest.mark.parametrize("path", ["use-cases/absent", "third-parties/7", f"third-parties/{2**63}"])
def test_a_record_of_another_model_is_not_there(owners: Caller, path: str) -> None:
    other = scenarios.registered_model("other")
    by = actor(scenarios.owner())
    use = catalog.add_use_case(other, by=by, title="Use")
    party = catalog.add_third_party(other, by=by, title="Acme")

    refusal(owners.get(f"{MODEL}/{path}"), 404)
    refusal(owners.get(f"{MODEL}/use-cases/{use.key}"), 404)
    refusal(owners.get(f"{MODEL}/third-parties/{party.pk}"), 404)
