"""The registers file, which rows a register has, and what stands in them, now and in the past."""

from datetime import timedelta
from itertools import chain

import pytest

from apps.catalog import operations as catalog
from apps.catalog.models import RegisteredModel
from apps.core.actors import WORKER
from apps.core.clock import database_now
from apps.core.errors import NotAllowed
from apps.risk.operations import portfolio_exports
from apps.risk.registers import choosing, reading, rows
from apps.risk.registers.reading import Register, RegistersRefused
from apps.risk.registers.rows import RowShown
from apps.risk.registers.world import World
from tests import scenarios
from tests.factories import actor
from tests.risk import assessed

pytestmark = pytest.mark.django_db

TEXT = (reading.CONTENT / "registers.yaml").read_text(encoding="utf-8")
IDS = [one.id for one in reading.shipped().registers]


def register(register_id: str) -> Register:
    found = reading.shipped().named(register_id)
    assert found is not None
    return found


def all_of(register_id: str) -> list[RowShown]:
    return list(rows.all_rows(register(register_id), actor(scenarios.auditor())))


def cell(row: RowShown, heading: str) -> str:
    return next(one.text for one in row.cells if one.column.heading == heading)


def record(model: RegisteredModel, **values: object) -> None:
    """Record values as whoever may write them: an assessment's by their flag of the row."""
    catalog.record_values(model, values, by=actor(scenarios.owner()))
    model.refresh_from_db()


# -- the file --------------------------------------------------------------------------------------


def test_every_register_a_regulator_asks_for_is_there() -> None:
    assert IDS == [
        "pra-ss1-23",
        "osfi-e23",
        "us-outside-definition",
        "eu-annex-viii-a",
        "eu-annex-viii-b",
        "eu-annex-viii-c",
    ]


def test_every_column_is_filled_from_fields_of_the_inventory() -> None:
    known = reading.fields()
    for one in reading.shipped().registers:
        for field in chain.from_iterable(column.fields for column in one.columns):
            assert known[field.path] is field


def test_the_eu_database_asks_for_every_point_of_its_sections() -> None:
    points = {"eu-annex-viii-a": 13, "eu-annex-viii-b": 9, "eu-annex-viii-c": 5}
    for name, count in points.items():
        section = name[-1].upper()
        cited = [column.cite for column in register(name).columns]
        wanted = [f"Section {section} point {number}" for number in range(1, count + 1)]
        assert [cite for cite in cited if cite.startswith("Section")] == wanted


@pytest.mark.parametrize(
    ("was", "becomes", "words"),
    [
        ("from: [model.id]", "from: [model.idd]", "no field model.idd"),
        ("from: [model.id]", "from: [third_party.supplier]", "is of a supplier"),
        ("heading: Name,", "heading: Model ID,", "two columns are headed 'Model ID'"),
        ("has: [uk_pra]", "has: [uk_pro]", "never is the text 'uk_pro'"),
        ("{field: model.jurisdictions", "{field: model.name", "no choice and no yes or no"),
        ("{field: model.jurisdictions", "{field: use_case.eu_roles", "may have several"),
        ("id: osfi-e23", "id: pra-ss1-23", "stands there twice"),
        ("row: model", "row: team", "must be"),
        ("summary: Models", "sumary: Models", "sumary"),
        ("from: [model.id]}", "note: Nothing}", "either fields or the framework"),
    ],
)
def test_a_text_that_is_wrong_is_refused_in_words(was: str, becomes: str, words: str) -> None:
    with pytest.raises(RegistersRefused) as refusal:
        reading.parse(TEXT.replace(was, becomes, 1))

    assert words in str(refusal.value)


# -- rows ------------------------------------------------------------------------------------------


def test_a_field_nobody_recorded_says_so_and_is_counted() -> None:
    model = scenarios.registered_model(description="Ranks leads")

    [row] = all_of("pra-ss1-23")

    assert row.model == model
    assert cell(row, "Name") == model.name
    assert cell(row, "Description") == "Ranks leads"
    assert cell(row, "Tier") == rows.NOT_RECORDED
    before = row.gaps
    record(model, out_of_scope_uses="Lending")
    [row] = all_of("pra-ss1-23")
    assert cell(row, "Out-of-scope uses") == "Lending"
    assert row.gaps == before - 1


def test_a_cell_of_several_fields_names_each_and_counts_what_is_missing() -> None:
    model = scenarios.registered_model()
    record(model, business_line="Cards")

    [row] = all_of("pra-ss1-23")

    words = cell(row, "Business line and legal entities")
    assert words == "Business line: Cards; Legal entities: not recorded"


def test_the_version_in_use_and_the_tiering_stand_in_the_row_of_their_model() -> None:
    version = scenarios.registered_version()
    assessed.approved(version.model, assessed.HEAVY)

    [row] = all_of("pra-ss1-23")

    assert "Version number: 1" in cell(row, "Version in use")
    assert "Lifecycle status: Development" in cell(row, "Lifecycle")
    assert "Risk tier: 1" in cell(row, "Tier")
    assert cell(row, "Materiality, complexity and exposure").startswith("materiality ")


@pytest.mark.parametrize("register_id", ["pra-ss1-23", "eu-annex-viii-c"])
def test_what_is_missing_is_counted_over_all_rows_by_column(register_id: str) -> None:
    assessed.approved(assessed.described_use(), "eu-credit-scoring-bank")
    scenarios.registered_model()
    reader = actor(scenarios.auditor())

    gaps, shown = rows.gaps(register(register_id), reader), all_of(register_id)

    assert gaps.rows == len(shown)
    assert gaps.values == sum(row.gaps for row in shown)
    assert gaps.asked >= gaps.values
    for at, column in enumerate(gaps.columns):
        assert column.rows == sum(row.cells[at].gaps > 0 for row in shown)
    assert rows.gaps(register(register_id), actor(scenarios.stranger())).rows == 0


def test_people_see_rows_of_the_models_they_see_only() -> None:
    scenarios.registered_model()

    assert list(rows.all_rows(register("pra-ss1-23"), actor(scenarios.stranger()))) == []


def test_what_is_generative_stands_outside_with_the_framework_that_governs_it() -> None:
    scenarios.registered_model()
    model = scenarios.registered_model(flags=["is_generative"])

    [row] = all_of("us-outside-definition")

    assert row.model == model
    assert "generative AI risk assessment" in cell(row, "Framework that governs it")
    assert cell(row, "Generative") == "Yes"


def test_a_use_found_to_be_high_risk_is_to_be_registered() -> None:
    lending = assessed.described_use()
    assert all_of("eu-annex-viii-a") == []
    assessed.approved(lending, "eu-credit-scoring-bank")

    [row] = all_of("eu-annex-viii-a")

    assert row.use == lending
    assert "Rank applications" in cell(row, "Intended purpose and functions supported")
    assert cell(row, "Authorized representative") == rows.NOT_RECORDED


@pytest.mark.parametrize("register_id", IDS)
def test_the_query_and_the_row_choose_the_same(register_id: str) -> None:
    scenarios.registered_model(flags=["is_generative"])
    record(scenarios.registered_model(), business_line="Cards")
    assessed.approved(assessed.described_use(), "eu-credit-scoring-bank")
    assessed.approved(None, assessed.HEAVY)
    assessed.approved(None, "tier-genai-policy-assistant")
    assessed.approved(None, "tier-fee-calculator-not-model")
    one, reader = register(register_id), actor(scenarios.auditor())

    ids = RegisteredModel.objects.values_list("pk", flat=True)
    subjects = World.of(list(ids)).subjects(of_uses=one.is_of_uses)
    fitting = {
        (subject.use or subject.model).pk
        for subject in subjects
        if choosing.is_row(one, subject.known)
    }

    assert {found.pk for found in rows.chosen(one, reader)} == fitting


# -- the past --------------------------------------------------------------------------------------


def test_a_register_says_what_was_recorded_on_a_past_day() -> None:
    model = scenarios.registered_model(title="Leads")
    record(model, business_line="Cards")
    version = scenarios.registered_version(model)
    then = database_now()
    record(model, business_line="Loans")
    assessed.use(model)
    catalog.describe_model(model, by=actor(scenarios.owner()), description="Ranks leads anew")

    [before] = rows.all_rows(register("pra-ss1-23"), actor(scenarios.auditor()), then)
    [now] = all_of("pra-ss1-23")

    assert "Cards" in cell(before, "Business line and legal entities")
    assert "Loans" in cell(now, "Business line and legal entities")
    assert cell(before, "Description") == rows.NOT_RECORDED
    assert cell(now, "Description") == "Ranks leads anew"
    assert str(version.number) in cell(before, "Version in use")


def test_a_model_registered_later_is_not_in_the_register_of_an_earlier_day() -> None:
    then = database_now() - timedelta(days=1)
    scenarios.registered_model()

    assert list(rows.all_rows(register("pra-ss1-23"), actor(scenarios.auditor()), then)) == []


# -- taking it away --------------------------------------------------------------------------------


@pytest.mark.parametrize("take", ["export_register", "export_portfolio"])
def test_only_a_person_takes_registers_and_numbers_away(take: str) -> None:
    """EXPORT_REGISTER and EXPORT_PORTFOLIO are about somebody's own account."""
    with pytest.raises(NotAllowed):
        getattr(portfolio_exports, take)("pra-ss1-23", "csv", by=WORKER)
