"""A result is out of date once anything it was judged by is otherwise."""

from dataclasses import replace

import pytest

from apps.catalog import operations as catalog
from apps.catalog.models import ModelVersion
from apps.core.actors import Actor
from apps.core.clock import database_now
from apps.validation import checks, operations, queries, runner
from apps.validation.basis import Basis
from apps.validation.checks.contract import Outcome, Source
from apps.validation.models import CheckRun
from apps.validation.standings import Standing, standings
from tests.factories import actor
from tests.scenarios import developer
from tests.validation.conftest import Given, check_of, passing

PAPERS = replace(check_of("papers"), sources=frozenset({Source.DOCUMENTS}))


def breaking(version: object, progress: object = None, parameters: object = None) -> Outcome:
    """Stop with an error of its own."""
    raise ArithmeticError


def moved(run: CheckRun) -> list[str]:
    run.refresh_from_db()
    return Basis.of([run.version], [run.check_name]).moved(run, run.version)


def standing_of(version: ModelVersion, name: str) -> Standing:
    runs = queries.newest_runs(version)
    [found] = [
        one for one in standings(version, runs, Basis.of([version], runs)) if one.name == name
    ]
    return found


def test_a_check_that_judges_otherwise_since_makes_its_results_out_of_date(
    run: CheckRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.execute(run.pk, worker="w1")
    assert moved(run) == []

    monkeypatch.setattr(checks, "ALL", (replace(check_of("scan"), version="2"),))

    assert moved(run) == ["check"]
    facts = queries.run_facts(
        run, run.version, judged_by=Basis.of([run.version], ["scan"]), at=database_now()
    )
    assert (facts["status"], facts["fresh"]) == ("passed", False)
    shown = standing_of(run.version, "scan")
    assert shown.text == "Out of date, since the check itself changed. Nothing was found."


def test_what_documents_are_filled_in_from_counts_where_there_are_documents(
    version: ModelVersion, vera: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "ALL", (PAPERS,))
    by = actor(developer())

    def concluded() -> CheckRun:
        [run] = operations.start_checks(version, by=vera, names=["papers"])
        runner.execute(run.pk, worker="w1")
        return run

    run = concluded()
    catalog.record_values(version, {"license": "MIT"}, by=by)
    assert moved(run) == [], "nothing is written yet that it could fill in"

    operations.start_document(version, "model-card", by=by)
    run = concluded()
    assert moved(run) == []
    catalog.record_values(version, {"license": "Apache-2.0"}, by=by)
    assert moved(run) == ["documents"]

    run = concluded()
    item = operations.add_evidence(
        version, "performance_test_report", title="Report", link="https://example.org/r", by=by
    )
    assert moved(run) == ["documents"]
    run = concluded()
    operations.withdraw_evidence(item, by=by, reason="Superseded")
    assert moved(run) == ["documents"]


def test_what_came_to_no_result_is_shown_as_that_and_not_as_out_of_date(
    version: ModelVersion, vera: Actor, given_checks: Given
) -> None:
    given_checks(scan=passing, broken=breaking)
    operations.start_checks(version, by=vera)
    runner.execute(CheckRun.objects.get(check_name="broken").pk, worker="w1")
    operations.cancel_checks(version, by=vera, names=["scan"])

    labels = {name: standing_of(version, name).label for name in ("scan", "broken")}

    assert labels == {"scan": "Canceled", "broken": "Could not finish"}
