"""An organization adds fields and makes optional ones required; it never takes anything away."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.catalog import operations
from apps.catalog.inventory import fields
from apps.catalog.inventory.reading import EntityId, Need, shipped
from apps.catalog.models import OwnField
from apps.core.errors import DomainError, NotAllowed, RuleBroken
from tests import scenarios
from tests.catalog.inventory.walk import WHY, by_owner, officer, on_sheet
from tests.catalog.record import entries, refusals
from tests.factories import actor, person, signed_in

pytestmark = pytest.mark.django_db


def asked(**changes: Any) -> dict[str, Any]:
    return {
        "entity": "model",
        "key": "own_cost_center",
        "label": "Cost center",
        "type": "string",
        "supplied_by": ["model_owner"],
        "tiers": ["required", "required", "optional", "omit"],
        "reason": WHY,
        **changes,
    }


def add(**changes: Any) -> OwnField:
    return operations.add_own_field(by=actor(officer()), **asked(**changes))


def test_an_added_field_is_in_force_and_filled_like_any_other() -> None:
    add()
    model = scenarios.registered_model()

    field = fields.in_force().fields_of(["model"])["own_cost_center"]
    assert [field.need(tier) for tier in (1, 4)] == [Need.REQUIRED, Need.OMIT]
    assert operations.record_values(model, {"own_cost_center": "4711"}, by=by_owner())
    assert on_sheet(model) == {"own_cost_center": "4711"}
    [entry] = entries("own_field.add")
    assert entry["detail"] == {"key": "model.own_cost_center"}
    assert shipped().fields_of(["model"]).get("own_cost_center") is None


def test_a_field_of_choices_takes_one_of_them() -> None:
    add(key="own_band", type="enum", choices=["low", "high"])
    model = scenarios.registered_model()

    assert operations.record_values(model, {"own_band": "low"}, by=by_owner())
    with pytest.raises(DomainError, match="one of low, high"):
        operations.record_values(model, {"own_band": "mid"}, by=by_owner())


def test_an_ended_field_is_asked_for_no_more_and_its_key_is_never_used_again() -> None:
    field = add()
    operations.end_own_field(field, by=actor(officer()), reason=WHY)

    assert "own_cost_center" not in fields.in_force().fields_of(["model"])
    assert len(entries("own_field.end")) == 1
    with pytest.raises(RuleBroken, match="used before"):
        add()
    with pytest.raises(RuleBroken, match="ended already"):
        operations.end_own_field(field, by=actor(officer()), reason=WHY)


def test_an_optional_field_is_made_required_and_nothing_gets_weaker() -> None:
    row = operations.require_field(
        by=actor(officer()), reason=WHY, entity="model", key="adjustments", tiers=[3]
    )

    field = fields.in_force().fields_of(["model"])["adjustments"]
    assert field.tiers == (Need.REQUIRED, Need.REQUIRED, Need.REQUIRED, Need.OPTIONAL)
    assert field.supplied_by == ("model_owner",)
    assert len(entries("own_field.require")) == 1
    operations.end_own_field(row, by=actor(officer()), reason=WHY)
    assert fields.in_force() is shipped()


def test_rows_that_would_weaken_a_field_do_not() -> None:
    weak = OwnField(entity="model", key="name", type="string", strengthens=True, tiers=["omit"] * 4)

    held = fields.extended(shipped(), [weak]).fields_of(["model"])["name"]

    assert set(held.tiers) == {Need.REQUIRED}


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"entity": "planet"}, "An entity is one of"),
    ({"key": "cost_center"}, "own_ and small letters"),
    ({"key": "own_Cost"}, "own_ and small letters"),
    ({"key": "own_" + "x" * 60}, "own_ and small letters"),
    ({"label": "  "}, "Give the field a label"),
    ({"label": "x" * 121}, "at most 120"),
    ({"help": "x" * 501}, "at most 500"),
    ({"type": "computed"}, "A type is one of"),
    ({"type": "poem"}, "A type is one of"),
    ({"choices": ["a", "b"]}, "Only a field of type enum"),
    ({"type": "enum"}, "2 to 50 choices"),
    ({"type": "enum", "choices": ["a", "B c"]}, "small letters, digits"),
    ({"supplied_by": []}, "Say who supplies it"),
    ({"supplied_by": ["auditor"]}, "Say who supplies it"),
    ({"supplied_by": ["system"]}, "Say who supplies it"),
    ({"tiers": ["required"]}, "Say for each of tiers"),
    ({"tiers": ["required", "must", "optional", "omit"]}, "Say for each of tiers"),
    ({"reason": " "}, "Give a reason"),
]


@pytest.mark.parametrize(("changes", "words"), REFUSED, ids=lambda part: str(part)[:40])
def test_a_field_that_makes_no_sense_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(DomainError) as refusal:
        add(**changes)

    assert words in str(refusal.value)
    assert not OwnField.objects.exists()
    assert len(refusals("own_field.add")) == 1


def test_one_key_is_used_once_where_values_are_kept_together() -> None:
    add(entity="use_case")
    with pytest.raises(RuleBroken, match="used before"):
        add(entity="generative")
    assert add(entity="version").pk


@pytest.mark.parametrize(
    ("entity", "key", "tiers", "words"),
    [
        ("model", "nothing", [1], "no shipped field"),
        ("model", "own_cost_center", [1], "no shipped field"),
        ("planet", "name", [1], "An entity is one of"),
        ("model", "next_review_at", [1], "worked out by Signet"),
        ("model", "name", [1, 4], "required at these tiers already"),
        ("model", "stakeholders", [], "some of 1 to 4"),
        ("model", "stakeholders", [5], "some of 1 to 4"),
    ],
)
def test_only_an_optional_shipped_field_is_made_required(
    entity: str, key: str, tiers: list[int], words: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        operations.require_field(
            by=actor(officer()), reason=WHY, entity=entity, key=key, tiers=tiers
        )
    assert words in str(refusal.value)
    assert len(refusals("own_field.require")) == 1


def test_a_field_is_made_stricter_once_at_a_time() -> None:
    asked_for = {"reason": WHY, "entity": "model", "key": "aliases"}
    operations.require_field(by=actor(officer()), tiers=[1], **asked_for)
    with pytest.raises(RuleBroken, match="End that first"):
        operations.require_field(by=actor(officer()), tiers=[2], **asked_for)
    assert OwnField.objects.count() == 1


@pytest.mark.parametrize("role", ["model_owner", "validator", "records_manager", "auditor", ""])
def test_only_a_risk_officer_of_the_organization_changes_the_fields(role: str) -> None:
    field = add()
    by = actor(person("someone", everywhere=(role,) if role else ()))

    for refused in (
        lambda: operations.add_own_field(by=by, **asked(key="own_other")),
        lambda: operations.require_field(
            by=by, reason=WHY, entity="model", key="aliases", tiers=[1]
        ),
        lambda: operations.end_own_field(field, by=by, reason=WHY),
    ):
        with pytest.raises(NotAllowed, match="Only a risk officer"):
            refused()
    assert OwnField.objects.count() == 1


def test_a_risk_officer_of_one_model_changes_no_fields_of_all() -> None:
    model, one = scenarios.registered_model(), person("one")
    operations.grant_model_duty(model, one, "risk_officer", by=actor(officer()), reason=WHY)

    with pytest.raises(NotAllowed):
        operations.add_own_field(by=actor(one), **asked())


def test_own_fields_of_every_entity_stand_in_a_group_of_their_own() -> None:
    for number, entity in enumerate(EntityId):
        add(entity=entity, key=f"own_k{number}")

    for held in fields.in_force().entities:
        assert held.groups[-1].id == f"own-{held.id.replace('_', '-')}"
        assert len(held.groups[-1].fields) == 1


# -- in the admin ----------------------------------------------------------------------------------


@pytest.fixture
def staff(client: Client) -> Client:
    return signed_in(client, person("rita.staff", everywhere=("risk_officer",), staff=True))


def test_fields_are_added_required_and_ended_in_the_admin(staff: Client) -> None:
    sent = {
        "entity": "model", "key": "own_band", "label": "Band", "type": "enum",
        "choices": "low\nhigh", "supplied_by": ["model_owner"], "required_at": ["1"],
        "reason": WHY,
    }  # fmt: skip
    assert staff.post(reverse("admin:catalog_ownfield_add-field"), sent).status_code == 302
    sent = {"field": "model.aliases", "required_at": ["1", "2"], "reason": WHY}
    assert staff.post(reverse("admin:catalog_ownfield_require"), sent).status_code == 302

    added, stricter = OwnField.objects.order_by("pk")
    assert (added.choices, added.tiers) == (["low", "high"], ["required"] + ["optional"] * 3)
    assert stricter.tiers == ["required", "required", "optional", "optional"]
    end = reverse("admin:catalog_ownfield_end", args=[added.pk])
    assert staff.post(end, {"reason": WHY}).status_code == 302
    assert staff.get(reverse("admin:catalog_ownfield_changelist")).status_code == 200


def test_a_refusal_is_shown_in_the_admin(staff: Client) -> None:
    sent = {"field": "model.nothing", "required_at": ["1"], "reason": WHY}

    answer = staff.post(reverse("admin:catalog_ownfield_require"), sent)

    assert answer.status_code == 422
    assert "no shipped field" in answer.content.decode()
