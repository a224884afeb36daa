"""What the portfolio counts, and that every number is the number of rows behind it."""

from datetime import date, timedelta
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.catalog.lifecycle import Stage
from apps.catalog.models import RegisteredModel
from apps.core.clock import database_now
from apps.core.errors import NotFound
from apps.core.months import in_months
from apps.risk import policy_says
from apps.risk.models import Assessment
from apps.risk.operations import findings
from apps.risk.portfolio import due, lists, scores, tables
from apps.risk.portfolio.tables import Number, Table
from tests import scenarios
from tests.factories import actor
from tests.risk import assessed
from tests.risk.reviewed import attest, schedule_by_default

pytestmark = pytest.mark.django_db


def today() -> date:
    return database_now().date()


def counted(on: date | None = None) -> dict[str, Table]:
    found = tables.tables(actor(scenarios.auditor()), on or today())
    return {table.id: table for table in found}


def number(table: Table, line: str, column: str) -> int:
    """Return the number in a line and column of a table."""
    [found] = [one for one in table.lines if one.label == line]
    return found.numbers[table.columns.index(column)].count


def behind(one: Number, on: date) -> lists.Rows:
    """Return the rows a number opens."""
    address = urlsplit(one.url)
    kind = address.path.rstrip("/").rpartition("/")[2]
    reader = actor(scenarios.auditor())
    return lists.listed(kind, dict(parse_qsl(address.query)), reader, on, start=0, size=1000)


def a_portfolio() -> None:
    """Make models in several tiers, stages and classes, with findings that are open."""
    scenarios.registered_model()
    version = scenarios.checked(to=Stage.PRODUCTION)
    assessed.approved(version.model, assessed.HEAVY)
    assessed.approved(None, assessed.LIGHT)
    assessed.approved(assessed.described_use(), "eu-credit-scoring-bank")
    raised(version.model, "high")
    raised(version.model, "low")


def raised(model: RegisteredModel, severity: str) -> None:
    said = findings.Said("Drifts", "It drifts.", severity)
    findings.raise_finding(model, said, by=actor(scenarios.risk_officer()))


@pytest.mark.parametrize("days", [0, 40, 100, 400])
def test_every_number_is_the_number_of_rows_it_opens(days: int) -> None:
    a_portfolio()
    on = today() + timedelta(days=days)

    for table in counted(on).values():
        for line in table.lines:
            for one in line.numbers:
                rows = behind(one, on)
                assert (table.id, line.label, one.count) == (table.id, line.label, rows.total)
                assert len(rows.rows) == rows.total


def test_models_are_counted_by_tier_and_most_advanced_stage() -> None:
    a_portfolio()

    table = counted()["tiers"]

    assert number(table, "Tier 1", "Staging") == 1
    assert number(table, "Not tiered", "No version") == 2
    assert sum(one.count for line in table.lines for one in line.numbers) == 4


def test_models_are_counted_by_the_scores_of_their_tiering() -> None:
    assessed.approved(None, assessed.HEAVY)

    table = counted()["heat"]

    assert sum(one.count for line in table.lines for one in line.numbers) == 1


@pytest.mark.usefixtures("numbers_are_kept")
def test_scores_that_were_kept_are_not_those_of_a_later_tiering() -> None:
    cache.clear()
    model = assessed.approved(None, assessed.HEAVY).model
    before, kept = counted()["heat"], counted()["heat"]

    assessed.approved(model, assessed.LIGHT)

    after = counted()["heat"]
    assert before == kept != after
    for table in (before, after):
        assert sum(one.count for line in table.lines for one in line.numbers) == 1
    cache.clear()


def test_a_model_with_a_newer_attestation_than_its_tier_asks_for_counts_as_attested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    version = scenarios.checked(to=Stage.PRODUCTION)
    attest(version.model)
    schedule_by_default(monkeypatch)
    months = policy_says.policy().at(0).months("owner_attestation_months")
    last = in_months(today(), months)

    in_time, too_late = (counted(day)["coverage"] for day in (last, last + timedelta(days=1)))

    line = "Attested by its owner in time"
    assert [number(one, line, "In force") for one in (in_time, too_late)] == [1, 0]
    assert [number(one, line, "Not in force") for one in (in_time, too_late)] == [0, 1]


@pytest.mark.parametrize(
    ("pct", "band"), [("0", "low"), ("33.99", "low"), ("34", "medium"), ("67", "high"), (None, "")]
)
def test_a_score_lies_in_one_band(pct: str | None, band: str) -> None:
    assert scores.band(pct) == band


@pytest.mark.parametrize(
    ("days", "column"),
    [
        (0, "0–30 days"),
        (30, "0–30 days"),
        (31, "31–90 days"),
        (90, "31–90 days"),
        (91, "91–180 days"),
        (181, "Over 180 days"),
    ],
)
def test_an_open_finding_stands_in_the_column_of_its_age(days: int, column: str) -> None:
    raised(scenarios.registered_model(), "high")

    table = counted(today() + timedelta(days=days))["ageing"]

    assert number(table, "High", column) == 1
    assert sum(one.count for line in table.lines for one in line.numbers) == 1


@pytest.mark.parametrize(
    ("days", "column"),
    [
        (-1, "Now or overdue"),
        (0, "In 30 days"),
        (30, "In 30 days"),
        (31, "In 31–60 days"),
        (90, "In 61–90 days"),
    ],
)
def test_what_falls_due_stands_in_the_first_column_that_fits(days: int, column: str) -> None:
    held = assessed.approved(None, assessed.HEAVY)
    assert held.valid_until is not None

    table = counted(held.valid_until - timedelta(days=days))["due"]

    assert number(table, "Assessments that expire", column) == 1


def test_a_class_is_counted_by_models_with_a_use_of_it() -> None:
    assessed.approved(assessed.described_use(), "eu-credit-scoring-bank")

    assert number(counted()["eu-classes"], "High risk", "Models") == 1
    assert number(counted()["eu-classes"], "GPAI systemic", "Models") == 0


def test_coverage_counts_models_in_staging_or_production() -> None:
    version = scenarios.checked(to=Stage.PRODUCTION)
    scenarios.registered_model()
    assert number(counted()["coverage"], "Has a tier", "Not in force") == 1

    assessed.approved(version.model, assessed.HEAVY)

    table = counted()["coverage"]
    assert number(table, "Has a tier", "In force") == 1
    assert number(table, "Attested by its owner in time", "Not in force") == 1
    title = Assessment.objects.get().questionnaire.title
    [tiering] = [line for line in table.lines if line.label == title]
    assert [one.count for one in tiering.numbers] == [1, 1, 0]


def test_an_assessment_that_ran_out_covers_nothing() -> None:
    version = scenarios.checked(to=Stage.PRODUCTION)
    held = assessed.approved(version.model, assessed.HEAVY)
    assert held.valid_until is not None

    table = counted(held.valid_until + timedelta(days=1))["coverage"]

    found = {line.label: line.numbers[1].count for line in table.lines}
    title = held.questionnaire.title
    assert found[title] == 0


def test_what_a_reader_may_not_see_is_not_counted() -> None:
    a_portfolio()

    for table in tables.tables(actor(scenarios.stranger()), today()):
        assert all(one.count == 0 for line in table.lines for one in line.numbers)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("teams", {}),
        ("models", {"severity": "high"}),
        ("models", {"tier": "9"}),
        ("models", {"eu": "worst"}),
        ("findings", {"age": "1"}),
        ("assessments", {"due": "soon"}),
    ],
)
def test_a_list_is_asked_by_what_it_knows_only(kind: str, asked: dict[str, str]) -> None:
    with pytest.raises(NotFound):
        lists.listed(kind, asked, actor(scenarios.auditor()), today(), start=0, size=10)


def test_thirty_models_take_as_many_queries_as_two() -> None:
    reader = actor(scenarios.auditor())

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            tables.tables(reader, today())
        return len(found)

    scenarios.registered_version()
    a_model = assessed.approved(None, assessed.LIGHT).model
    raised(a_model, "high")
    few = queries()
    for _ in range(14):
        scenarios.registered_version()
        scenarios.registered_model()

    assert queries() == few
    assert few <= 24


@pytest.mark.parametrize(
    "asked", [{}, {"tier": "0"}, {"live": "no", "tiered": "no"}, {"materiality": "high"}]
)
def test_a_list_of_twenty_models_takes_as_many_queries_as_one_of_two(asked: dict[str, str]) -> None:
    reader = actor(scenarios.auditor())

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            lists.listed("models", asked, reader, today(), start=0, size=50)
        return len(found)

    scenarios.registered_model()
    assessed.approved(None, assessed.HEAVY)
    few = queries()
    for _ in range(18):
        scenarios.registered_model()

    assert queries() == few


def test_spans_leave_no_day_out() -> None:
    for spans in (due.AGES, due.SPANS):
        ends = list(spans.values())
        for (_, last), (first, _) in pairwise(ends):
            assert last is not None
            assert first == last + 1
