"""What is missing, and who may write which field: asked of all fields, roles and ways in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.roles import ROLES
from apps.catalog.inventory import rules
from apps.catalog.inventory.reading import TIERS, FieldType, InventoryField, Need, shipped

FIELDS = [field for entity in shipped().entities for field in entity.fields]
BY_NOBODY = {"system", "assessment", "monitoring"}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.id)
@pytest.mark.parametrize("by_token", [False, True], ids=["browser", "token"])
def test_a_role_writes_the_fields_that_name_it_and_no_other(role: object, by_token: bool) -> None:
    held = {role.id}  # type: ignore[attr-defined]
    for field in FIELDS:
        named = held & set(field.supplied_by) and not field.is_derived
        piped = (
            by_token
            and "pipeline" in field.supplied_by
            and not field.is_derived
            and held & {"model_developer", "model_owner"}
        )
        expected = bool(named or piped)
        assert rules.may_write(field, held, by_token=by_token) is expected, field.path


@pytest.mark.parametrize("by_token", [False, True], ids=["browser", "token"])
def test_what_assessments_monitoring_and_signet_supply_is_never_written_by_hand(
    by_token: bool,
) -> None:
    everybody = {role.id for role in ROLES}
    closed = [field for field in FIELDS if set(field.supplied_by) <= BY_NOBODY]
    assert len(closed) > 80
    assert not any(rules.may_write(field, everybody, by_token=by_token) for field in closed)


def test_the_pipeline_comes_with_a_token_and_never_through_a_browser() -> None:
    piped = [field for field in FIELDS if field.supplied_by == ("pipeline",)]
    assert piped
    for field in piped:
        assert rules.may_write(field, {"model_developer"}, by_token=True)
        assert not rules.may_write(field, {"model_developer"}, by_token=False)
        assert not rules.may_write(field, {"validator"}, by_token=True)


VALUES = st.sampled_from([None, "", [], {}, False, 0, "x", ["x"], {"supplier": "A"}])


@given(
    st.dictionaries(st.sampled_from([field.key for field in FIELDS]), VALUES),
    st.sampled_from(TIERS),
    st.sets(st.sampled_from(sorted({field.required_when for field in FIELDS} - {""}))),
)
def test_a_field_is_missing_exactly_when_the_readme_says(
    values: dict[str, object], tier: int, true: set[str]
) -> None:
    for entity in shipped().entities:
        fields = list(entity.fields)
        found = rules.missing(fields, values, tier=tier, holds=true.__contains__)
        for field in fields:
            gap = values.get(field.key) in (None, "", [], {})
            asked = field.tiers[tier - 1] is Need.REQUIRED
            applies = not field.required_when or field.required_when in true
            by_hand = field.type not in {FieldType.COMPUTED, FieldType.HISTORY}
            by_hand = by_hand and field.supplied_by != ("system",)
            assert (field in found) is (gap and asked and applies and by_hand), field.path


@given(st.sampled_from(FIELDS), st.sampled_from(TIERS))
def test_filling_a_field_takes_it_and_nothing_else_from_what_is_missing(
    field: InventoryField, tier: int
) -> None:
    before = rules.missing(FIELDS, {}, tier=tier, holds=lambda _: True)
    after = rules.missing([field], {field.key: False}, tier=tier, holds=lambda _: True)
    assert after == []
    assert (field in before) is rules.is_required(field, tier=tier, holds=lambda _: True)


def test_suppliers_are_said_in_words() -> None:
    fields = shipped().fields_of(["version"])
    assert rules.suppliers(fields["contributors"]) == (
        "the training or build pipeline or Model developer"
    )
    assert rules.suppliers(fields["number"]) == "Signet itself"
