"""The fields file is read whole, as its schema and its own words promise."""

import json
from collections import Counter

import pytest
from jsonschema import Draft202012Validator

from apps.accounts.roles import ROLES
from apps.catalog.inventory import reading
from apps.catalog.inventory.facts import DESCRIBED, FIXED, FLAGS
from apps.catalog.inventory.reading import (
    DERIVED,
    SOURCES,
    TABLES,
    TIERS,
    EntityId,
    FieldType,
    InventoryField,
    shipped,
)
from apps.core import strict_yaml

TEXT = (reading.CONTENT / "fields.yaml").read_text(encoding="utf-8")
FIELDS = [field for entity in shipped().entities for field in entity.fields]


def test_the_file_is_what_its_schema_says() -> None:
    schema = json.loads((reading.CONTENT / "schema.json").read_text(encoding="utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(strict_yaml.load(TEXT))) == []


def test_all_203_fields_of_five_entities_are_read() -> None:
    assert len(FIELDS) == 203
    assert [entity.id for entity in shipped().entities] == list(EntityId)
    assert Counter(field.entity for field in FIELDS) == {
        "model": 82, "version": 39, "use_case": 40, "third_party": 19, "generative": 23,
    }  # fmt: skip
    assert shipped().version == "1.0.0"


def test_the_file_is_read_once() -> None:
    assert shipped() is shipped()


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: f"{field.entity}.{field.key}")
def test_a_field_names_suppliers_and_regimes_that_exist(field: InventoryField) -> None:
    assert set(field.supplied_by) <= {role.id for role in ROLES} | set(SOURCES)
    assert set(field.regimes) <= set(shipped().regimes)
    assert len(field.tiers) == len(TIERS)
    assert bool(field.choices) == (field.type in {FieldType.ENUM, FieldType.MULTI_ENUM})


def test_keys_are_used_once_where_values_are_kept_together() -> None:
    for home in ({"model"}, {"version"}, {"use_case", "generative"}, {"third_party"}):
        keys = [field.key for field in FIELDS if field.entity in home]
        assert len(keys) == len(set(keys))


def test_groups_of_a_use_are_told_apart_by_id() -> None:
    ids = [
        group.id
        for entity in (EntityId.USE_CASE, EntityId.GENERATIVE)
        for group in shipped().entity(entity).groups
    ]
    assert len(ids) == len(set(ids))


def test_generative_fields_are_reached_through_the_use() -> None:
    fields = shipped().fields_of([EntityId.GENERATIVE])
    assert fields["genai_pattern"].path == "use_case.genai_pattern"


def test_columns_of_rows_that_fields_rest_on_are_fields() -> None:
    keys = set(shipped().fields_of([EntityId.MODEL]))
    assert keys >= DESCRIBED
    assert keys >= FLAGS
    for entity, fixed in FIXED.items():
        assert set(shipped().fields_of([entity])) >= fixed or entity is EntityId.USE_CASE


def test_only_what_signet_works_out_is_derived() -> None:
    derived = {field.path for field in FIELDS if field.is_derived}
    assert {"model.past_owners", "model.is_third_party", "version.number"} <= derived
    assert all(
        field.supplied_by == ("system",) or field.type in DERIVED
        for field in FIELDS
        if field.path in derived
    )


def test_a_table_has_the_columns_its_help_lists() -> None:
    fields = shipped().fields_of([EntityId.MODEL, EntityId.VERSION, EntityId.GENERATIVE])
    assert fields["limitations"].columns == ("Limitation", "Consequence", "Mitigation")
    assert fields["autonomy_limits"].columns == ("Steps", "Spend", "Rate", "Value", "Hours")
    assert fields["hyperparameters"].columns == ()
    assert fields["intended_use"].columns == ()
    assert any(field.columns for field in FIELDS if field.type in TABLES)
