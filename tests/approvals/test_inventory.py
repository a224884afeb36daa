"""What is missing in an inventory, as a policy would ask: by tier, by condition, by record."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.approvals import inventory, vocabulary
from apps.approvals.facts import gaps
from apps.approvals.inventory import Conditions, Missing, missing_fields
from apps.catalog import operations
from apps.catalog.inventory.reading import shipped
from apps.catalog.models import ModelVersion, RegisteredModel
from apps.core.clock import database_now
from apps.core.expressions import Kind, Variables, compile_expression
from tests import scenarios
from tests.catalog.inventory.walk import WHY, by_owner, third_party, use_case
from tests.factories import actor, person

pytestmark = pytest.mark.django_db

CONDITIONS = sorted(
    {field.required_when for entity in shipped().entities for field in entity.fields}
    | {entity.applies_when for entity in shipped().entities}
)


def missing(model: RegisteredModel, version: ModelVersion | None = None) -> list[Missing]:
    model = RegisteredModel.objects.select_related("owner").get(pk=model.pk)
    return missing_fields(model, version, at=database_now())


def paths(found: list[Missing]) -> set[str]:
    return {gap.path for gap in found}


def test_what_is_recorded_is_missing_no_more() -> None:
    model = scenarios.registered_model()
    before = paths(missing(model))
    operations.record_values(model, {"business_line": "Cards"}, by=by_owner())

    assert before - paths(missing(model)) == {"model.business_line"}
    assert "model.intended_use" not in before
    assert not any(path.startswith("version.") for path in before)


def test_no_answer_is_a_gap_and_no_is_an_answer() -> None:
    model = scenarios.registered_model()
    assert "model.is_ai" in paths(missing(model))
    operations.record_values(model, {"is_ai": False}, by=actor(scenarios.developer()))

    assert "model.is_ai" not in paths(missing(model))


def test_a_field_with_a_condition_is_missing_once_the_condition_holds() -> None:
    model = scenarios.registered_model()
    assert "model.human_oversight_lead" not in paths(missing(model))
    operations.describe_model(model, by=by_owner(), flags=["affects_individuals"])

    assert "model.human_oversight_lead" in paths(missing(model))


def test_a_model_without_a_use_lacks_the_fields_of_one() -> None:
    model = scenarios.registered_model()
    found = [gap for gap in missing(model) if gap.path == "use_case.intended_purpose"]
    assert [gap.record for gap in found] == [""]

    one, two = use_case(model, "One"), use_case(model, "Two")
    operations.end_use_case(two, by=by_owner(), reason=WHY)

    found = [gap for gap in missing(model) if gap.path == "use_case.intended_purpose"]
    assert [gap.record for gap in found] == [one.record_ref]


def test_generative_fields_are_missing_only_on_a_generative_model() -> None:
    model = scenarios.registered_model()
    assert "use_case.modalities" not in paths(missing(model))

    operations.describe_model(model, by=by_owner(), flags=["is_generative"])

    assert "use_case.modalities" in paths(missing(model))
    assert "use_case.genai_pattern" in paths(missing(model))
    assert "use_case.tools" not in paths(missing(model))


def test_suppliers_are_asked_for_once_any_part_is_somebody_elses() -> None:
    model = scenarios.registered_model()
    assert not any(path.startswith("third_party.") for path in paths(missing(model)))
    vendor = scenarios.registered_model(kind="vendor")
    assert [gap.record for gap in missing(vendor) if gap.path == "third_party.supplier"] == [""]

    party = third_party(model)

    found = [gap for gap in missing(model) if gap.path == "third_party.supplier"]
    assert [gap.record for gap in found] == [party.record_ref]


def test_a_version_lacks_what_neither_came_with_it_nor_was_recorded() -> None:
    version = scenarios.registered_version(change_class="minor")

    found = paths(missing(version.model, version))

    assert {"version.license", "version.scan_status"} <= found
    assert not {"version.change_class", "version.metrics", "version.contributors"} & found
    assert not {"version.number", "version.signature_status"} & found


def test_own_fields_count_and_ended_ones_do_not() -> None:
    model = scenarios.registered_model()
    risk = actor(person("rick", everywhere=("risk_officer",)))
    row = operations.require_field(
        by=risk, reason=WHY, entity="model", key="stakeholders", tiers=[1]
    )
    assert "model.stakeholders" in paths(missing(model))

    operations.end_own_field(row, by=risk, reason=WHY)

    assert "model.stakeholders" not in paths(missing(model))


def test_the_number_of_queries_is_fixed(django_assert_max_num_queries: Any) -> None:
    version = scenarios.registered_version()
    for number in range(5):
        use_case(version.model, f"Use {number}")
        third_party(version.model, f"Supplier {number}")
    model = RegisteredModel.objects.select_related("owner").get(pk=version.model_id)

    now = database_now()  # which PostgreSQL is asked for

    with django_assert_max_num_queries(14):
        missing_fields(model, version, at=now)


# -- conditions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_condition_of_the_file_is_false_while_nothing_is_known(condition: str) -> None:
    known = inventory.conditions({}, None)
    assert known.holds(condition) is (condition == "")


@pytest.mark.parametrize("condition", [c for c in CONDITIONS if c.startswith("model.")])
def test_every_condition_on_the_model_can_come_true(condition: str) -> None:
    answers = dict.fromkeys(gaps.yes_or_no(), True)
    assert inventory.conditions(answers, None).holds(condition)


def test_the_facts_of_conditions_do_not_contradict_those_of_policies() -> None:
    declared = vocabulary.built_in().variables(settings={}).by_path
    for name in gaps.yes_or_no():
        assert declared.get(f"model.{name}", Kind.BOOL) is Kind.BOOL


def test_conditions_compile_against_a_vocabulary_that_knows_all_of_it() -> None:
    more = {
        "assessments.eu-ai-act-classification.flags": Kind.LIST,
        "uses.transparency_required": Kind.BOOL,
        **{f"model.{name}": Kind.BOOL for name in gaps.yes_or_no()},
    }
    for condition in filter(None, CONDITIONS):
        assert compile_expression(condition, variables=Variables.of(more)).source == condition


@given(st.text(max_size=60))
def test_a_condition_that_is_no_expression_does_not_hold(text: str) -> None:
    assert Conditions(1, {"model": {}}).holds(f"({text}") is False
